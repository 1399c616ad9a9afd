"""Puts a formula on the clipboard in the format asked for."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QClipboard, QColor, QImage

from scipix.errors import InvalidLatex
from scipix.gui.clipboard import mathml_data, picture_data, svg_data, text_data
from scipix.gui.formats import CopyAs
from scipix.gui.jobs import Jobs, Lane
from scipix.gui.painting import render_image
from scipix.gui.typeset import Typesetter
from scipix.inference.cancel import Cancel
from scipix.notation.delimiters import wrap

# Pixels per em of a copied picture: 12 pt at 300 dpi.
_PIXELS_PER_EM = 50.0


class Copier(QObject):
    """copied(CopyAs): it is on the clipboard. failed(Exception): it is not, and the clipboard is as it was."""

    copied = Signal(object)
    failed = Signal(object)

    def __init__(
        self, jobs: Jobs, typesetter: Typesetter, clipboard: QClipboard, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs, self._typesetter, self._clipboard = jobs, typesetter, clipboard

    def copy(self, latex: str, wanted: CopyAs) -> None:
        """LaTeX is there when this returns; what must be typeset first comes a moment later."""
        if wanted.format == "latex":
            self._put(text_data(wrap(latex, wanted.delimiters)), wanted)
            return
        work = {"mathml": self._typesetter.mathml, "svg": self._typesetter.svg_file, "png": self._picture}[
            wanted.format
        ]
        self._jobs.submit(
            Lane.IO, work, latex, done=lambda result: self._take(result, wanted), failed=self.failed.emit, priority=1
        )

    def _picture(self, latex: str, *, cancel: Cancel) -> QImage:
        typeset = self._typesetter.preview(latex, cancel=cancel)
        if typeset.drawing is None:
            raise InvalidLatex(typeset.error or "there is no formula to draw", typeset.position)
        # White, not transparent: black on a dark chat window could not be read.
        white = QColor(Qt.GlobalColor.white)
        return render_image(typeset.drawing, _PIXELS_PER_EM, color=QColor(Qt.GlobalColor.black), background=white)

    def _take(self, result: object, wanted: CopyAs) -> None:
        if isinstance(result, QImage):
            self._put(picture_data(result), wanted)
        elif wanted.format == "mathml":
            self._put(mathml_data(str(result)), wanted)
        else:
            self._put(svg_data(str(result)), wanted)

    def _put(self, data: QMimeData, wanted: CopyAs) -> None:
        self._clipboard.setMimeData(data)
        self.copied.emit(wanted)
