"""An open PDF: everything that PDFium does for the app is done in the lane of pages, one thing after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from scipix.datatypes import Box, Image
from scipix.errors import Cancelled
from scipix.gui.convert import to_qimage
from scipix.gui.jobs import Job, Jobs, Lane
from scipix.gui.viewer.layout import Tile
from scipix.inference.cancel import Cancel

if TYPE_CHECKING:
    from scipix.sources.pdf import Pdf

# What overtakes what in the lane.
_SOON, _VISIBLE, _ASKED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Loaded:
    """sizes: points of each page."""

    pdf: Pdf
    sizes: tuple[tuple[float, float], ...]


def load(path: Path, password: str, *, cancel: Cancel) -> Loaded:
    """In the lane of pages. Raises what `Pdf` raises."""
    cancel.raise_if_set()
    from scipix.sources.pdf import Pdf  # PDFium is loaded with the first PDF

    pdf = Pdf(path, name=path.name, password=password)
    return Loaded(pdf, pdf.sizes())


class Book(QObject):
    """Draws what is wanted of a PDF.

    drawn(Tile, QImage). spoiled(int page, Exception): it cannot be drawn.
    """

    drawn = Signal(object, object)
    spoiled = Signal(int, object)

    def __init__(self, jobs: Jobs, path: Path, loaded: Loaded, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._pdf = jobs, loaded.pdf
        self.path, self.sizes = path, loaded.sizes
        self._pending: dict[Tile, Job] = {}

    def want(self, visible: Sequence[Tile], soon: Sequence[Tile]) -> None:
        """Draw these, the first ones first; of what was wanted before, the rest is stopped."""
        wanted = {*visible, *soon}
        for tile in [tile for tile in self._pending if tile not in wanted]:
            self._pending.pop(tile).cancel.set()
        for tiles, priority in ((visible, _VISIBLE), (soon, _SOON)):
            for tile in tiles:
                if tile not in self._pending:
                    self._pending[tile] = self._submit(tile, priority)

    def cut(self, page: int, box: Box, done: Callable[[Image], None], failed: Callable[[Exception], None]) -> Job:
        """A box of a page, in points, as the recognizer likes it; before anything else."""
        return self._jobs.submit(Lane.PAGES, self._cut, page, box, done=done, failed=failed, priority=_ASKED)

    def close(self) -> None:
        """Stop drawing and close the file, both in the lane."""
        self.want((), ())
        self._jobs.submit(Lane.PAGES, self._close, priority=_ASKED)

    def free(self) -> None:
        """Close the file now; for when the lane has come to its end."""
        self._pdf.close()

    def _submit(self, tile: Tile, priority: int) -> Job:
        return self._jobs.submit(
            Lane.PAGES,
            self._draw,
            tile,
            done=lambda picture: self._on_drawn(tile, picture),
            failed=lambda error: self._on_failed(tile, error),
            priority=priority,
        )

    def _on_drawn(self, tile: Tile, picture: QImage) -> None:
        self._pending.pop(tile, None)
        self.drawn.emit(tile, picture)

    def _on_failed(self, tile: Tile, error: Exception) -> None:
        if not isinstance(error, Cancelled):  # whoever stopped it has forgotten it, and may want it anew
            self._pending.pop(tile, None)
            self.spoiled.emit(tile.page, error)

    def _draw(self, tile: Tile, *, cancel: Cancel) -> QImage:
        from scipix.sources.pdf import POINTS_PER_INCH

        image = self._pdf.render(tile.page, dpi=tile.scale * POINTS_PER_INCH, box=tile.box, stopped=cancel.is_set)
        return to_qimage(image).convertToFormat(QImage.Format.Format_RGB32)  # what is painted fastest

    def _cut(self, page: int, box: Box, *, cancel: Cancel) -> Image:
        return self._pdf.render_to_read(page, box, stopped=cancel.is_set)

    def _close(self, *, cancel: Cancel) -> None:
        self._pdf.close()
