"""The PATHs of the command line, one picture or page at a time, in the order given."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from scipix.datatypes import Box, Image, Origin
from scipix.errors import NotAPdf, PageNotNamed, UnreadableImage, UsageError
from scipix.sources import stdin
from scipix.sources.images import SUFFIXES, read_image
from scipix.sources.pdf import HEADER_BYTES, SUFFIX, Pdf, is_pdf


@dataclass(frozen=True, slots=True)
class Part:
    """What to read of a PDF. page: from 1; None: the only one. box: of the page, in points; None: all of it."""

    page: int | None = None
    box: Box | None = None


_ALL = Part()


@dataclass(frozen=True, slots=True)
class Input:
    """One thing to read. name: what to call it, as the user wrote it. path: None for standard input."""

    name: str
    path: Path | None
    part: Part = _ALL

    def read(self, source: BinaryIO) -> Image:
        """The picture, or the page of a PDF; source: standard input. Raises InputNotFound, UnreadableImage, UnreadablePdf
        (NotAPdf when a part of something else was asked for)."""
        if self.path is None:
            data = stdin.read_bytes(source)
            if is_pdf(data):
                return self._draw(data)
            self._refuse_part()
            return read_image(data, name=self.name, origin=Origin.STDIN)
        if is_pdf(_head(self.path)) or self.path.suffix.lower() == SUFFIX:
            return self._draw(self.path)
        if os.path.isdir(self.path):
            raise UnreadableImage(self.name, "the folder holds no pictures")
        if os.path.exists(self.path):
            self._refuse_part()
        return read_image(self.path, name=self.name)

    def _draw(self, source: Path | bytes) -> Image:
        with Pdf(source, name=self.name) as document:
            if self.part.page is None and document.page_count > 1:
                raise PageNotNamed(self.name, f"it has {document.page_count} pages; name the one to read with --page")
            return document.render_to_read((self.part.page or 1) - 1, self.part.box)

    def _refuse_part(self) -> None:
        if self.part != _ALL:
            raise NotAPdf(self.name, "it is none, and a page or a box can be had of PDFs only")


def expand(paths: Sequence[str], part: Part = _ALL) -> Iterator[Input]:
    """An Input for each path; a folder stands for the pictures right in it, in natural order. part: of each PDF.

    Raises UsageError when standard input is asked for twice: it can be read only once.
    """
    if list(paths).count(stdin.NAME) > 1:
        raise UsageError("standard input (-) can be read only once")
    for name in paths:
        path = Path(name)
        if name == stdin.NAME:
            yield Input(name, None, part)
        elif pictures := _pictures(path):
            yield from (Input(str(picture), picture, part) for picture in pictures)
        else:
            yield Input(name, path, part)


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
            return stream.read(HEADER_BYTES)
    except (OSError, ValueError):
        return b""
