"""The PATHs of the command line, one picture at a time, in the order given."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from scipix.datatypes import Image, Origin
from scipix.errors import UnreadableImage, UnreadablePdf, UsageError
from scipix.sources import stdin
from scipix.sources.images import SUFFIXES, read_image

_PDF_MARK = b"%PDF-"
_PDF_HEADER_BYTES = 1024  # the header may stand anywhere in these (PDF reference 1.7, appendix H, note 13)


@dataclass(frozen=True, slots=True)
class Input:
    """One thing to read. name: what to call it, as the user wrote it. path: None for standard input."""

    name: str
    path: Path | None

    def read(self, source: BinaryIO) -> Image:
        """The picture; source: standard input. Raises InputNotFound, UnreadableImage or UnreadablePdf."""
        if self.path is None:
            data = stdin.read_bytes(source)
            _refuse_pdf(self.name, data[:_PDF_HEADER_BYTES])
            return read_image(data, name=self.name, origin=Origin.STDIN)
        _refuse_pdf(self.name, _head(self.path))
        if os.path.isdir(self.path):
            raise UnreadableImage(self.name, "the folder holds no pictures")
        return read_image(self.path, name=self.name)


def expand(paths: Sequence[str]) -> Iterator[Input]:
    """An Input for each path; a folder stands for the pictures right in it, in natural order.

    Raises UsageError when standard input is asked for twice: it can be read only once.
    """
    if list(paths).count(stdin.NAME) > 1:
        raise UsageError("standard input (-) can be read only once")
    for name in paths:
        path = Path(name)
        if name == stdin.NAME:
            yield Input(name, None)
        elif pictures := _pictures(path):
            yield from (Input(str(picture), picture) for picture in pictures)
        else:
            yield Input(name, path)


def _pictures(folder: Path) -> list[Path]:
    try:
        entries = list(folder.iterdir())
    except (OSError, ValueError):  # not a folder, or one that may not be read: reading it says so
        return []
    found = [entry for entry in entries if entry.suffix.lower() in SUFFIXES and not entry.name.startswith(".")]
    return sorted((entry for entry in found if entry.is_file()), key=lambda entry: _natural(entry.name))


def _natural(name: str) -> tuple[list[tuple[int, int | str]], str]:
    """Sort key: page2 before page10, letter case aside."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name.lower())
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts], name


def _head(path: Path) -> bytes:
    """The first bytes; none of what cannot be read, of which read_image will tell."""
    try:
        if not os.path.isfile(path):  # opening a pipe would wait for whoever writes into it
            return b""
        with path.open("rb") as stream:
            return stream.read(_PDF_HEADER_BYTES)
    except (OSError, ValueError):
        return b""


def _refuse_pdf(name: str, head: bytes) -> None:
    if _PDF_MARK in head:
        raise UnreadablePdf(name, "this version reads pictures only; save the page as one")
