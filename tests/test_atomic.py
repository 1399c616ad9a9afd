from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from scipix.atomic import write_bytes, write_text


def test_replaces_the_whole_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    write_text(path, "first, longer")
    write_text(path, "zwei\n")
    assert path.read_bytes() == b"zwei\n"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_keeps_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_bytes(path, b"old")

    def refuse(*_: object) -> None:
        raise OSError("refused")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(OSError, match="refused"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and links")
def test_permissions_and_links_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "file", tmp_path / "link"
    write_bytes(path, b"1")
    assert path.stat().st_mode & 0o777 == 0o600
    os.chmod(path, 0o640)
    link.symlink_to(path)
    write_bytes(link, b"2")
    assert link.is_symlink()
    assert path.read_bytes() == b"2"
    assert path.stat().st_mode & 0o777 == 0o640
