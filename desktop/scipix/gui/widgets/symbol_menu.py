"""The menu of what else a symbol may be."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from scipix.datatypes import Symbol
from scipix.gui.links import sample
from scipix.gui.painting import paint
from scipix.gui.widgets.symbol_card import percent
from scipix.notation.drawing import Drawing

_ICON = QSize(20, 20)
_BEST = 15.0  # logical pixels to the em


class SymbolMenu(QMenu):
    """chosen(str): the LaTeX of the token that was picked."""

    chosen = Signal(str)

    def __init__(self, symbol: Symbol, note: str, parent: QWidget | None = None) -> None:
        """note: what a choice does, shown at the foot when there is something to choose."""
        super().__init__(parent)
        self._samples: dict[str, list[QAction]] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = self.addAction(f"Instead of  {_plain(symbol.latex)}")
        title.setEnabled(False)
        self.addSeparator()
        for other in symbol.others:
            action = self.addAction(f"{_plain(other.latex)}\t{percent(other.confidence)}")
            action.triggered.connect(lambda checked=False, latex=other.latex: self.chosen.emit(latex))
            if (shown := sample(other.latex)) is not None:
                self._samples.setdefault(shown, []).append(action)
        if not symbol.others:
            title.setText(f"Nothing else is likely instead of  {_plain(symbol.latex)}")
        elif note:
            self.addSeparator()
            self.addAction(note).setEnabled(False)

    @property
    def samples(self) -> tuple[str, ...]:
        """LaTeX to draw, for `show_drawing`."""
        return tuple(self._samples)

    def show_drawing(self, latex: str, drawing: Drawing, color: QColor) -> None:
        """Put a picture beside the entries that it belongs to."""
        for action in self._samples.get(latex, ()):
            action.setIcon(QIcon(_icon(drawing, color, self.devicePixelRatioF())))

    def choose_first(self) -> None:
        """Mark the likeliest, so that Return takes it."""
        actions = [action for action in self.actions() if action.isEnabled() and not action.isSeparator()]
        if actions:
            self.setActiveAction(actions[0])


def _plain(latex: str) -> str:
    # A single & would underline the next letter.
    return latex.replace("&", "&&").strip() or "space"


def _icon(drawing: Drawing, color: QColor, ratio: float) -> QPixmap:
    pixmap = QPixmap(_ICON * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    scale = min(_BEST, _ICON.width() / max(drawing.width, 0.01), _ICON.height() / max(drawing.height, 0.01))
    painter = QPainter(pixmap)
    painter.translate(
        QPointF((_ICON.width() - drawing.width * scale) / 2, (_ICON.height() - drawing.height * scale) / 2)
    )
    paint(drawing, painter, color, scale)
    painter.end()
    return pixmap
