"""Makes Qt's ICU data small: 32 MB for every language of the world, of which Qt itself asks for next to nothing.

Qt brings names of languages, dates and numbers of its own; ICU gives it the order of words (QCollator), case and
normalization. What stays: the rules that hold for all languages, and the tables of characters. ICU falls back to
them where a language's own are not found, as it does for languages that it does not know.

The data is one array in libicudata.so, written by ICU's pkgdata: a header, a table of contents, the files ("icudt73l/
coll/de.res"), each at a multiple of 16 bytes; icu4c/source/common/ucmndata.h describes it.
"""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

_MAGIC = b"\xda\x27"
_FORMAT = b"CmnD"
_FORMAT_AT = 10  # bytes from the magic to the format
_ALIGN = 16
_KEPT = re.compile(
    "|".join(
        (
            r"[^/]+\.(icu|nrm|cfu|spp)",
            # Rules that concern no one language; en.res is what many programs hold to be the language of last resort.
            r"(root|en|pool|res_index|supplementalData|likelySubtags|keyTypeData|numberingSystems|metadata|plurals"
            r"|pluralRanges|timezoneTypes|windowsZones|zoneinfo64|metaZones|icuver|icustd|genderList|dayPeriods"
            r"|grammaticalFeatures|currencyNumericCodes|langInfo|units)\.res",
            r"coll/(root|res_index|pool)\.res",
            r"coll/ucadata\.icu",
            r"brkitr/(root|res_index)\.res",
            r"brkitr/(char|word|line|sent|title)\.brk",
            r"(curr|lang|region|unit|zone)/(root|pool|res_index)\.res",
        )
    )
)


class NotIcuData(ValueError):
    """The library does not hold what it has to hold."""


def shrink(library: Path) -> int:
    """Replace libicudata.so.N by one with less in it; bytes saved. Needs binutils.

    Raises NotIcuData, CalledProcessError, OSError.
    """
    found = re.fullmatch(r"libicudata\.so\.(\d+)", library.name)
    if found is None:
        raise NotIcuData(f"{library} is not called libicudata.so and a number")
    data = pack({name: content for name, content in unpack(library.read_bytes()).items() if is_kept(name)}, found[1])
    before = library.stat().st_size
    link(data, library, f"icudt{found[1]}_dat")
    return before - library.stat().st_size


def is_kept(name: str) -> bool:
    """name: of a file within the data, with the package in front."""
    return _KEPT.fullmatch(name.partition("/")[2]) is not None


def unpack(library: bytes) -> dict[str, bytes]:
    """Name -> content. Raises NotIcuData."""
    start = library.find(_MAGIC)
    while start >= 0 and library[start + _FORMAT_AT : start + _FORMAT_AT + 4] != _FORMAT:
        start = library.find(_MAGIC, start + 1)
    if start < 2:
        raise NotIcuData("there is no ICU data")
    (header,) = struct.unpack_from("<H", library, start - 2)
    table = start - 2 + header
    (count,) = struct.unpack_from("<I", library, table)
    places = [struct.unpack_from("<II", library, table + 4 + 8 * index) for index in range(count)]
    names = [library[table + at : library.index(b"\0", table + at)].decode("ascii") for at, _ in places]
    # The last file has no end: what follows it in the library does no harm to it.
    ends = [at for _, at in places[1:]] + [len(library) - table]
    return {name: library[table + at : table + end] for name, (_, at), end in zip(names, places, ends, strict=True)}


def pack(files: dict[str, bytes], major: str) -> bytes:
    """The same format again. major: of ICU, such as 73. Raises NotIcuData when a file is missing that ICU starts with."""
    if f"icudt{major}l/root.res" not in files:
        raise NotIcuData("there is no root.res")
    # MappedData and UDataInfo of ucmndata.h: size of the header, magic, size of the info, little endian, ASCII, UChars of
    # two bytes, format, its version, version of the data.
    header = struct.pack("<H2sHHBBBB4s4s4s", 32, _MAGIC, 20, 0, 0, 0, 2, 0, _FORMAT, b"\1\0\0\0", b"\3\0\0\0")
    header = header.ljust(32, b"\0")
    names = sorted(files, key=lambda name: name.encode("ascii"))
    text_at = 4 + 8 * len(names)
    texts = [name.encode("ascii") + b"\0" for name in names]
    data_at = _up(text_at + sum(map(len, texts)))
    table, contents = struct.pack("<I", len(names)), bytearray()
    for name, text in zip(names, texts, strict=True):
        table += struct.pack("<II", text_at, data_at + len(contents))
        text_at += len(text)
        contents += files[name].ljust(_up(len(files[name])), b"\0")
    return header + (table + b"".join(texts)).ljust(data_at, b"\0") + bytes(contents)


def link(data: bytes, library: Path, symbol: str) -> None:
    """Write a shared library that holds the data under a name. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").write_bytes(data)
        read_only = ".data=.rodata,alloc,load,readonly,data,contents"
        renamed = f"_binary_data_start={symbol}"
        for words in (
            ["ld", "-r", "-b", "binary", "-o", "data.o", "data"],
            ["objcopy", "--set-section-alignment", f".data={_ALIGN}", "--redefine-sym", renamed, "data.o"],
            ["objcopy", "--strip-symbol=_binary_data_end", "--strip-symbol=_binary_data_size", "data.o"],
            ["objcopy", "--rename-section", read_only, "data.o"],
            ["ld", "-shared", "-z", "noexecstack", "-soname", library.name, "-o", "library", "data.o"],
        ):
            subprocess.run(words, cwd=folder, check=True)
        mode = library.stat().st_mode
        shutil.copyfile(folder / "library", library)
        library.chmod(mode)


def _up(size: int) -> int:
    """The next multiple of 16."""
    return -(-size // _ALIGN) * _ALIGN
