"""Draws pages of PDF files with PDFium.

PDFium keeps its state in the process and may be called by one thread at a time, whichever document it works on: all its
calls stand in this file, behind one lock. A file is read into memory first, so that it may be changed or removed (TeX
does) while it is open. The input is not to be trusted: nothing but a ScipixError comes out of a hostile file.
"""

from __future__ import annotations

import ctypes
import math
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scipix.datatypes import Box, Image, Origin
from scipix.errors import (
    BoxOffPage,
    Cancelled,
    InputNotFound,
    NotAPdf,
    PageNotFound,
    PdfLocked,
    PdfTooLarge,
    UnreadablePdf,
)
from scipix.sources.images import MAX_PIXELS

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

SUFFIX = ".pdf"
POINTS_PER_INCH = 72.0
READING_DPI = 300.0  # letters of 10 points are 18 pixels high without their stems: finer than the model looks
READING_PIXELS = 16_000_000  # two A4 pages at that; of larger parts (posters) the letters are larger, too
HEADER_BYTES = 1024  # the mark may stand anywhere in these (PDF reference 1.7, appendix H, note 13)
MAX_BYTES = 512 * 1024 * 1024
MAX_SIDE = 14_400.0  # points; the largest page of the reference (appendix C), 5 m
LETTER = (612.0, 792.0)  # points; what viewers take for the size of a page that does not tell

_MARK = b"%PDF-"
_NEARLY = 1e-3  # pixels; an edge that lies so near to a whole pixel lies on it
_PDFIUM = threading.Lock()


def is_pdf(head: bytes) -> bool:
    """head: the first HEADER_BYTES of a file."""
    return _MARK in head[:HEADER_BYTES]


class Pdf:
    """An open document. Any thread may use it; each call waits for what PDFium does for others.

    Pages are counted from 0. Sizes are in points, of the page as it is shown: turned as it says, cut to its crop box.
    """

    def __init__(self, source: Path | bytes, *, name: str = "", password: str = "") -> None:
        """name: what to call it in messages; the path when empty. Raises InputNotFound, UnreadablePdf (damaged), NotAPdf,
        PdfLocked (needs a password, or another one), PdfTooLarge."""
        self.name = name or (str(source) if isinstance(source, Path) else "document")
        data = source if isinstance(source, bytes) else _read(source, self.name)
        if not is_pdf(data):
            raise NotAPdf(self.name, "it is empty" if not data else "it is no PDF")
        with _PDFIUM:
            self._document: PdfDocument | None = _open(data, self.name, password)
            self.page_count = len(self._document)

    def __enter__(self) -> Pdf:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free it; it cannot be used any more. A second call does nothing."""
        with _PDFIUM:
            if self._document is not None:
                self._document.close()
                self._document = None

    def size(self, page: int) -> tuple[float, float]:
        """(width, height) in points. Raises PageNotFound, UnreadablePdf."""
        self._check(page)
        with _PDFIUM:
            return self._size(page)

    def sizes(self) -> tuple[tuple[float, float], ...]:
        """(width, height) in points of every page, LETTER for a damaged one; drawing that one tells."""
        found = []
        with _PDFIUM:
            for page in range(self.page_count):
                try:
                    found.append(self._size(page))
                except UnreadablePdf:
                    found.append(LETTER)
        return tuple(found)

    def render(
        self,
        page: int,
        *,
        dpi: float,
        box: Box | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Image:
        """The page on white, or a box of it: in points, from the top left of the page as it is shown; what reaches over
        the page's edge is cut off. Pixels of neighboring boxes fit together. stopped: asked now and then.

        Raises PageNotFound, BoxOffPage, PdfTooLarge (more than MAX_PIXELS), UnreadablePdf, Cancelled.
        """
        self._check(page)
        scale = dpi / POINTS_PER_INCH
        with _PDFIUM:
            whole = _Pixels.of(Box(0.0, 0.0, *self._size(page)), scale)
            part = whole if box is None else _Pixels.of(box, scale).within(whole)
            if part.width < 1 or part.height < 1:
                raise BoxOffPage(self.name, f"the box lies outside of page {page + 1}, {self._described(page)}")
            if part.width * part.height > MAX_PIXELS:
                reason = f"{part.width} x {part.height} pixels are more than {MAX_PIXELS // 1_000_000} million"
                raise PdfTooLarge(self.name, f"page {page + 1}: {reason}")
            pixels = self._draw(page, whole, part, stopped)
        return Image(pixels, dpi, Origin.PDF, f"{self.name}, page {page + 1}", page)

    def render_to_read(
        self, page: int, box: Box | None = None, *, stopped: Callable[[], bool] = lambda: False
    ) -> Image:
        """As `render`, at READING_DPI; more coarsely where that were more than READING_PIXELS."""
        width, height = self.size(page)
        if box is not None:
            width = max(1.0, min(box.right, width) - max(box.left, 0.0))
            height = max(1.0, min(box.bottom, height) - max(box.top, 0.0))
        fitting = POINTS_PER_INCH * math.sqrt(READING_PIXELS / (width * height))
        return self.render(page, dpi=min(READING_DPI, fitting), box=box, stopped=stopped)

    def _check(self, page: int) -> None:
        if not 0 <= page < self.page_count:
            pages = "1 page" if self.page_count == 1 else f"{self.page_count} pages"
            raise PageNotFound(self.name, f"there is no page {page + 1}, it has {pages}")

    def _opened(self) -> PdfDocument:
        if self._document is None:
            raise UnreadablePdf(self.name, "it was closed")
        return self._document

    def _size(self, page: int) -> tuple[float, float]:
        import pypdfium2

        try:
            width, height = self._opened().get_page_size(page)
        except pypdfium2.PdfiumError as exc:
            raise UnreadablePdf(self.name, f"page {page + 1} is damaged") from exc
        if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
            raise UnreadablePdf(self.name, f"page {page + 1} says that it measures {width:g} x {height:g} points")
        return width, height

    def _described(self, page: int) -> str:
        width, height = self._size(page)
        return f"which measures {width:g} x {height:g} points"

    def _draw(self, page: int, whole: _Pixels, part: _Pixels, stopped: Callable[[], bool]) -> np.ndarray:
        import pypdfium2

        try:
            # Held while PDFium draws: a page that Python frees takes its handle along.
            sheet = self._opened()[page]
            try:
                return _paint(sheet, whole, part, stopped)
            finally:
                sheet.close()
        except pypdfium2.PdfiumError as exc:
            raise UnreadablePdf(self.name, f"page {page + 1} cannot be drawn") from exc
        except MemoryError as exc:
            raise PdfTooLarge(self.name, f"page {page + 1} does not fit into the memory") from exc


class _Pixels:
    """A rectangle of whole pixels of a page at some scale."""

    def __init__(self, left: int, top: int, right: int, bottom: int) -> None:
        self.left, self.top, self.right, self.bottom = left, top, right, bottom
        self.width, self.height = right - left, bottom - top

    @classmethod
    def of(cls, box: Box, scale: float) -> _Pixels:
        """All pixels that a box touches. scale: pixels per point."""
        first = [math.floor(edge * scale + _NEARLY) for edge in (box.left, box.top)]
        last = [math.ceil(edge * scale - _NEARLY) for edge in (box.right, box.bottom)]
        return cls(*first, *last)

    def within(self, other: _Pixels) -> _Pixels:
        return _Pixels(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )


def _read(path: Path, name: str) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise NotAPdf(name, "it is a folder" if path.is_dir() else "it is not a regular file")
        if status.st_size > MAX_BYTES:
            raise PdfTooLarge(name, f"it has more than {MAX_BYTES // 1024**2} MB")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as exc:
        raise InputNotFound(path) from exc
    except UnreadablePdf:
        raise
    except (OSError, ValueError) as exc:  # ValueError: a path with a null byte
        raise UnreadablePdf(name, getattr(exc, "strerror", None) or str(exc)) from exc


def _open(data: bytes, name: str, password: str) -> PdfDocument:
    import pypdfium2  # 40 ms; only where there are PDFs
    import pypdfium2.raw as pdfium

    try:
        return pypdfium2.PdfDocument(data, password or None)
    except pypdfium2.PdfiumError as exc:
        if exc.err_code == pdfium.FPDF_ERR_PASSWORD:
            reason = "the password is wrong" if password else "it is locked with a password"
            raise PdfLocked(name, reason) from exc
        if exc.err_code == pdfium.FPDF_ERR_SECURITY:
            raise PdfLocked(name, "it is locked in a way that is not supported") from exc
        raise UnreadablePdf(name, "it is damaged, cut off or without pages") from exc


def _paint(page: PdfPage, whole: _Pixels, part: _Pixels, stopped: Callable[[], bool]) -> np.ndarray:
    """uint8 (H, W, 3) RGB, read-only: `part` of the page that is `whole` pixels large. Raises Cancelled, PdfiumError."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    pixels = np.full((part.height, part.width, 3), 255, np.uint8)
    pause = pdfium.IFSDK_PAUSE(version=1)
    pause.NeedToPauseNow = type(pause.NeedToPauseNow)(lambda _: stopped())
    # The format says BGR; the flag turns it round.
    buffer = pixels.ctypes.data_as(ctypes.c_void_p)
    bitmap = pdfium.FPDFBitmap_CreateEx(part.width, part.height, pdfium.FPDFBitmap_BGR, buffer, part.width * 3)
    if not bitmap:
        raise pypdfium2.PdfiumError("no bitmap")
    try:
        place = (-part.left, -part.top, whole.width, whole.height)
        flags = pdfium.FPDF_ANNOT | pdfium.FPDF_REVERSE_BYTE_ORDER
        state = pdfium.FPDF_RenderPageBitmap_Start(bitmap, page, *place, 0, flags, pause)
        pdfium.FPDF_RenderPage_Close(page)
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)
    if state == pdfium.FPDF_RENDER_TOBECONTINUED or stopped():
        raise Cancelled("stopped")
    if state != pdfium.FPDF_RENDER_DONE:
        raise pypdfium2.PdfiumError("the page cannot be drawn")
    pixels.flags.writeable = False
    return pixels
