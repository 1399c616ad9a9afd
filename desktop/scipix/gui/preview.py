"""Shows a typeset formula, crisp on every screen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from scipix.gui.painting import paint, render_image, to_png
from scipix.notation.drawing import Drawing

__all__ = ["PreviewWidget", "paint", "render_image", "to_png"]

# Logical pixels per em: the size that is used when there is room, and the least that can still be read; below that the
# widget scrolls instead.
BEST_SIZE = 30.0
LEAST_SIZE = 13.0
# Logical pixels around the formula.
PADDING = 12
# Opacity of the last good formula while there is an error.
DIMMED = 0.35


class PreviewWidget(QAbstractScrollArea):
    """The formula in the middle, as large as BEST_SIZE where it fits, else scaled down, else with scroll bars.

    Painted as outlines each time, so that it is sharp at any device pixel ratio. With an error, its message stands at
    the foot and the last good formula is dimmed.
    """

    size_changed = Signal(float)  # logical pixels per em

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing: Drawing | None = None
        self._error: str | None = None
        self._color: QColor | None = None
        self._background: QColor | None = None
        self._error_color = QColor("#c62828")
        self._scale = BEST_SIZE
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    @property
    def drawing(self) -> Drawing | None:
        return self._drawing

    @property
    def error(self) -> str | None:
        return self._error

    @property
    def px_per_em(self) -> float:
        """The size that the formula is shown at, in logical pixels."""
        return self._scale

    def set_drawing(self, drawing: Drawing | None) -> None:
        """Show a formula, or nothing; clears the error."""
        self._drawing, self._error = drawing, None
        self.horizontalScrollBar().setValue(0)
        self.verticalScrollBar().setValue(0)
        self._lay_out()

    def set_error(self, message: str | None) -> None:
        """Say what is wrong, over the last good formula; None takes the message away."""
        self._error = message or None
        self._lay_out()

    def set_colors(self, text: QColor, background: QColor, error: QColor | None = None) -> None:
        """The theme's colors; without them the palette's are used."""
        self._color, self._background = text, background
        if error is not None:
            self._error_color = error
        self.viewport().update()

    def sizeHint(self) -> QSize:
        if self._drawing is None:
            return QSize(320, 120)
        return QSize(
            min(900, round(self._drawing.width * BEST_SIZE) + 2 * PADDING),
            min(500, round(self._drawing.height * BEST_SIZE) + 2 * PADDING),
        )

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 60)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        palette = self.palette()
        painter.fillRect(event.rect(), self._background or palette.color(QPalette.ColorRole.Base))
        if self._drawing is not None:
            painter.save()
            painter.setOpacity(DIMMED if self._error else 1.0)
            painter.translate(self._corner(self._drawing))
            paint(self._drawing, painter, self._color or palette.color(QPalette.ColorRole.Text), self._scale)
            painter.restore()
        if self._error:
            self._paint_error(painter)
        painter.end()

    def _lay_out(self) -> None:
        """Choose the scale and the scroll bars' ranges."""
        if self._drawing is not None:
            # Room without scroll bars, so that their appearing does not change what is decided here.
            room = self.contentsRect().size()
            least = min(LEAST_SIZE, BEST_SIZE)
            across = (room.width() - 2 * PADDING) / max(self._drawing.width, 0.01)
            down = (room.height() - 2 * PADDING - self._error_height()) / max(self._drawing.height, 0.01)
            self._scale = max(least, min(BEST_SIZE, across, down))
            width = round(self._drawing.width * self._scale) + 2 * PADDING
            height = round(self._drawing.height * self._scale) + 2 * PADDING + self._error_height()
        else:
            width = height = 0
        view = self.viewport().size()
        for bar, content, page in (
            (self.horizontalScrollBar(), width, view.width()),
            (self.verticalScrollBar(), height, view.height()),
        ):
            bar.setRange(0, max(0, content - page))
            bar.setPageStep(page)
            bar.setSingleStep(20)
        self.size_changed.emit(self._scale)
        self.updateGeometry()
        self.viewport().update()

    def _corner(self, drawing: Drawing) -> QPointF:
        """Where the formula's top left corner goes: centered, or scrolled when it is larger than the view."""
        width, height = drawing.width * self._scale, drawing.height * self._scale
        view = self.viewport().size()
        free_x = view.width() - width
        free_y = view.height() - self._error_height() - height
        x = PADDING - self.horizontalScrollBar().value() if free_x < 2 * PADDING else free_x / 2
        y = PADDING - self.verticalScrollBar().value() if free_y < 2 * PADDING else free_y / 2
        # Whole device pixels keep horizontal rules sharp.
        ratio = self.devicePixelRatioF()
        return QPointF(round(x * ratio) / ratio, round(y * ratio) / ratio)

    def _error_height(self) -> int:
        return self._error_rect().height() + PADDING if self._error else 0

    def _error_rect(self) -> QRect:
        width = max(40, self.contentsRect().width() - 2 * PADDING)
        flags = int(Qt.TextFlag.TextWordWrap)
        return self.fontMetrics().boundingRect(QRect(0, 0, width, 200), flags, self._error or "")

    def _paint_error(self, painter: QPainter) -> None:
        height = self._error_rect().height()
        view = self.viewport().rect()
        place = QRectF(PADDING, view.height() - height - PADDING / 2, view.width() - 2 * PADDING, height)
        painter.setPen(self._error_color)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(place, int(flags), self._error or "")
