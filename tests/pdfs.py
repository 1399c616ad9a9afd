"""PDF files made by hand, page by page, with or without a password."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

# What passwords are filled up with, and what is encrypted for /U: PDF reference 1.7, section 3.5.2, algorithm 3.2.
_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_ID = b"0123456789abcdef"
_RIGHTS = -4
_KEY_BYTES = 5  # of 40-bit RC4, revision 2


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page with a rectangle on it. box: its left, bottom, width and height. more: entries of the page's dictionary."""

    width: float = 120
    height: float = 80
    box: tuple[float, float, float, float] = (30, 20, 40, 30)
    rotate: int = 0
    color: str = "0 g"
    more: str = ""

    @property
    def content(self) -> bytes:
        return "{} {:g} {:g} {:g} {:g} re f".format(self.color, *self.box).encode()


def make_pdf(sheets: Iterable[Sheet] = (Sheet(),), password: str = "") -> bytes:
    """password: opens it; none when empty."""
    sheets = list(sheets)
    owner = _rc4(hashlib.md5(_padded(password)).digest()[:_KEY_BYTES], _padded(password))
    key = hashlib.md5(_padded(password) + owner + _RIGHTS.to_bytes(4, "little", signed=True) + _ID).digest()[
        :_KEY_BYTES
    ]
    kids = " ".join(f"{3 + 2 * place} 0 R" for place in range(len(sheets)))
    bodies = [b"<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {len(sheets)}>>".encode()]
    for place, sheet in enumerate(sheets):
        number = 4 + 2 * place
        bodies.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {sheet.width:.12g} {sheet.height:.12g}]/Rotate {sheet.rotate}"
            f"/Contents {number} 0 R/Resources<<>>{sheet.more}>>".encode()
        )
        content = _rc4(_object_key(key, number), sheet.content) if password else sheet.content
        bodies.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
    extra = b""
    if password:
        rows = (owner.hex(), _rc4(key, _PADDING).hex(), _RIGHTS, _ID.hex(), _ID.hex())
        extra = "/Encrypt<</Filter/Standard/V 1/R 2/O<{}>/U<{}>/P {}>>/ID[<{}><{}>]".format(*rows).encode()
    return _file(bodies, extra)


def _file(bodies: list[bytes], extra: bytes) -> bytes:
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, start=1):
        places.append(len(data))
        data += b"%d 0 obj%sendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(bodies) + 1
    trailer = b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (size, extra, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + trailer


def _padded(password: str) -> bytes:
    return (password.encode("latin-1") + _PADDING)[:32]


def _object_key(key: bytes, number: int) -> bytes:
    return hashlib.md5(key + number.to_bytes(3, "little") + b"\0\0").digest()[: len(key) + 5]


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    found, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        found.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(found)
