"""One reading: the snip, the preview under it, the source, the copy row."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFrame, QLabel, QSplitter, QVBoxLayout, QWidget

from scipix.datatypes import Reading
from scipix.gui.formats import CopyAs
from scipix.gui.preview import PreviewWidget
from scipix.gui.theme import Theme
from scipix.gui.typeset import Typeset
from scipix.gui.widgets.copy_row import CopyRow
from scipix.gui.widgets.reading_bar import ReadingBar
from scipix.gui.widgets.snip_view import SnipView
from scipix.gui.widgets.source_edit import SourceEdit
from scipix.gui.widgets.symbol_linker import SymbolLinker, Wanted

_MARGINS = (20, 12, 20, 18)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the view shows. latex: the user's text if it was edited, else the reading's."""

    picture: QImage
    reading: Reading
    latex: str


class ResultView(QWidget):
    """Shows what it is given; edits, copies and cancels go out as signals.

    edited(str): after the typing paused. copy_wanted(CopyAs). cancel_wanted().
    """

    edited = Signal(str)
    copy_wanted = Signal(object)
    cancel_wanted = Signal()

    def __init__(
        self, theme: Theme, points: float, check_below: float, default: CopyAs, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._check_below = check_below
        self._shown: Shown | None = None
        # What was read, and read again after choices, by its text: so undo and redo find the symbols.
        self._readings: dict[str, Reading] = {}
        self._reading: Reading | None = None
        self.bar = ReadingBar()
        self.bar.cancel_wanted.connect(self.cancel_wanted)
        self.snip = SnipView(theme)
        self.preview = PreviewWidget()
        self.preview.setAccessibleName("Preview of the formula")
        self.source = SourceEdit(theme, points)
        self.source.edited.connect(self._on_edited)
        self._error = QLabel()
        self._error.setProperty("role", "error")
        self._error.setWordWrap(True)
        self._error.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._error.setContentsMargins(14, 0, 14, 8)
        self.copy_row = CopyRow(theme, default)
        self.copy_row.copy_wanted.connect(self._on_copy)
        self.copy_row.alternative_wanted.connect(self.source.replace_latex)
        self.linker = SymbolLinker(self.snip, self.source, theme, self)
        self._build()
        self.set_theme(theme)

    @property
    def latex(self) -> str:
        return self.source.latex

    @property
    def editable(self) -> bool:
        """Whether `latex` is that of a reading, not of a picture that is being read or could not be."""
        return self._shown is not None

    @property
    def picture(self) -> QImage:
        return self.snip.picture

    def show_reading(self, shown: Shown) -> None:
        """Show a finished reading; the preview follows through `show_typeset`."""
        self._shown = shown
        reading = shown.reading
        self.snip.set_picture(shown.picture)
        self._readings, self._reading = {reading.latex: reading}, reading
        self.bar.show_reading(reading, self._check_below, shown.latex != reading.latex)
        self.source.set_latex(shown.latex)
        self.linker.set_reading(reading, self._check_below)
        self.copy_row.set_alternatives(reading.alternatives)
        self._set_ready(True)

    def show_choice(self, wanted: Wanted, reading: Reading) -> None:
        """Show what was read with a choice, as an edit that can be undone; dropped when the source has changed."""
        if self._reading is not wanted.reading or self.source.latex != wanted.reading.latex:
            return
        self._readings[reading.latex] = reading
        self.source.replace_latex(reading.latex)
        self.source.go_to(wanted.span[0])

    def replace_symbol(self, wanted: Wanted) -> None:
        """Put the chosen token in without reading again; dropped when it stands elsewhere now."""
        if self._reading is wanted.reading and self.linker.span_of(wanted.position) == wanted.span:
            self.source.replace_span(wanted.span, wanted.latex)
            self.source.go_to(wanted.span[0])

    def show_waiting(self, picture: QImage, text: str) -> None:
        """Show a picture that is being read."""
        self._blank(picture)
        self.bar.show_progress(text)

    def show_failure(self, picture: QImage, text: str) -> None:
        """Show a picture that could not be read, and why."""
        self._blank(picture)
        self.bar.show_failure(text)

    def show_typeset(self, typeset: Typeset) -> None:
        """Show the preview or the error of a source; ignored when the source is another one by now."""
        if typeset.latex != self.source.latex:
            return
        # While a formula is being typed it is wrong half of the time: the last good preview stays.
        if typeset.drawing is not None:
            self.preview.set_drawing(typeset.drawing)
        elif not typeset.latex.strip():
            self.preview.set_drawing(None)
        self._show_error(typeset.error, typeset.position)

    def set_options(self, points: float, check_below: float, default: CopyAs) -> None:
        """Take over changed settings. points: size of the source's text."""
        self.source.set_font_size(points)
        self.copy_row.set_default(default)
        self._check_below = check_below
        if self._shown is not None:
            self._follow(self.latex)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.snip.set_theme(theme)
        self.linker.set_theme(theme)
        self.source.set_theme(theme)
        self.copy_row.set_theme(theme)
        self.preview.set_colors(theme.color("text"), theme.color("panel"))

    def _blank(self, picture: QImage) -> None:
        self._shown = self._reading = None
        self.snip.set_picture(picture)
        self.linker.set_reading(None, 0.0)
        self.preview.set_drawing(None)
        self.source.set_latex("")
        self.copy_row.set_alternatives(())
        self._show_error(None, None)
        self._set_ready(False)

    def _set_ready(self, ready: bool) -> None:
        self.source.setReadOnly(not ready)
        self.copy_row.set_ready(ready)

    def _show_error(self, error: str | None, position: int | None) -> None:
        place = "" if position is None else f" (at character {position + 1})"
        self._error.setText("" if error is None else f"{error}{place}")
        self._error.setVisible(error is not None)
        self.source.show_error(position)

    def _on_edited(self, latex: str) -> None:
        if self._shown is not None:
            self._follow(latex)
            self.edited.emit(latex)

    def _follow(self, latex: str) -> None:
        """Find the symbols and the confidence of a text; of one that was not read so, what is left of the last."""
        self._reading = self._readings.get(latex, self._reading)
        if self._reading is not None:
            self.copy_row.set_alternatives(self._reading.alternatives)
            self.bar.show_reading(self._reading, self._check_below, latex not in self._readings)
            self.linker.set_reading(self._reading, self._check_below)

    def _on_copy(self, wanted: CopyAs) -> None:
        self.source.flush()
        self.copy_wanted.emit(wanted)

    def _build(self) -> None:
        # Clear of the rounded corners.
        preview = _card(self.preview, margins=(6, 6, 6, 6))
        source = _card(self.source, self._error, margins=(8, 8, 8, 4))
        panes = QSplitter(Qt.Orientation.Vertical)
        panes.setHandleWidth(10)
        panes.setChildrenCollapsible(False)
        for place, (pane, stretch, least) in enumerate(((self.snip, 4, 96), (preview, 4, 96), (source, 3, 92))):
            pane.setMinimumHeight(least)
            panes.addWidget(pane)
            panes.setStretchFactor(place, stretch)
        panes.setSizes([400, 400, 300])
        column = QVBoxLayout(self)
        column.setContentsMargins(*_MARGINS)
        column.setSpacing(10)
        column.addWidget(self.bar)
        column.addWidget(panes, 1)
        column.addWidget(self.copy_row)
        self._error.hide()


def _card(*widgets: QWidget, margins: tuple[int, int, int, int]) -> QFrame:
    card = QFrame()
    card.setObjectName("card")
    inside = QVBoxLayout(card)
    inside.setContentsMargins(*margins)
    inside.setSpacing(2)
    for widget in widgets:
        inside.addWidget(widget)
    return card
