import ctypes
import shutil
import sys
from pathlib import Path

import pytest

from linux import icu

PACKAGE = "icudt73l"
FILES = {
    f"{PACKAGE}/brkitr/ja.res": b"j" * 40,
    f"{PACKAGE}/coll/root.res": b"c" * 17,
    f"{PACKAGE}/de.res": b"d" * 1000,
    f"{PACKAGE}/ibm-37_P100-1995.cnv": b"i" * 500,
    f"{PACKAGE}/nfkc.nrm": b"n" * 16,
    f"{PACKAGE}/root.res": b"r" * 5,
}
ROOT_ONLY = {name: FILES[name] for name in FILES if icu.is_kept(name)}


def same(found: dict[str, bytes], wanted: dict[str, bytes]) -> bool:
    """Files end where the next one begins, so that a few bytes may follow."""
    return list(found) == list(wanted) and all(found[name].startswith(wanted[name]) for name in wanted)


def test_what_concerns_one_language_goes() -> None:
    assert list(ROOT_ONLY) == [f"{PACKAGE}/{name}" for name in ("coll/root.res", "nfkc.nrm", "root.res")]


def test_what_is_packed_comes_out_again() -> None:
    data = icu.pack(FILES, "73")
    assert same(icu.unpack(b"\x7fELF" + b"\0" * 12 + data + b"the tail of a library"), FILES)
    assert len(data) % 16 == 0


def test_what_is_no_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(icu.NotIcuData):
        icu.unpack(b"\x7fELF \xda\x27 nothing")
    with pytest.raises(icu.NotIcuData):
        icu.pack({f"{PACKAGE}/de.res": b""}, "73")
    with pytest.raises(icu.NotIcuData):
        icu.shrink(tmp_path / "libicudata.so")


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("objcopy") is None, reason="needs binutils on Linux"
)
def test_the_library_is_loaded_and_holds_what_stays(tmp_path: Path) -> None:
    library = tmp_path / "libicudata.so.73"
    library.write_bytes(b"\0" * 100_000 + icu.pack(FILES, "73") + b"\0" * 9)
    assert icu.shrink(library) > 0
    address = ctypes.addressof(ctypes.c_char.in_dll(ctypes.CDLL(str(library)), "icudt73_dat"))
    assert address % 16 == 0
    assert same(icu.unpack(b"\0" * 16 + ctypes.string_at(address, 400)), ROOT_ONLY)
