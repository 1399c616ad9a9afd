"""The picture that was read, on paper, with the symbols that the model saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set as AbstractSet

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from scipix.datatypes import Box, Symbol
from scipix.gui.theme import Theme

_MARGIN = 16
_RADIUS = 10
_TINT_ALPHA = 70
_UNREAD = "#d02020"
_EDGE_SAMPLES = 64
_GROW = 1.5  # image pixels added round a symbol's box, so that its ink is not touched


class SnipView(QWidget):
    """Fits the picture into the widget, never larger than one device pixel for each of its pixels.

    hovered(int | None): the symbol under the pointer is another one. clicked(int): a symbol was clicked.
    """

    hovered = Signal(object)
    clicked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture = QImage()
        self._ground: QColor | None = None
        self._symbols: tuple[Symbol, ...] = ()
        self._tinted: AbstractSet[int] = frozenset()
        self._unread: tuple[Box, ...] = ()
        self._hovered: int | None = None
        self._marked: int | None = None
        self.setMouseTracking(True)
        self.setMinimumHeight(96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("The picture that was read")

    def sizeHint(self) -> QSize:
        return QSize(480, 180)

    def set_picture(self, picture: QImage) -> None:
        """Show a picture without symbols."""
        self._picture = picture
        self._ground = ground(picture)
        self.set_symbols((), frozenset())

    def set_symbols(self, symbols: tuple[Symbol, ...], tinted: AbstractSet[int], unread: tuple[Box, ...] = ()) -> None:
        """Boxes are in pixels of the picture. tinted: indices of the doubtful ones. unread: letters without a symbol."""
        if symbols != self._symbols:
            self._hovered = self._marked = None
        self._symbols, self._tinted, self._unread = symbols, tinted, unread
        self.update()

    def mark(self, index: int | None) -> None:
        """Outline a symbol, or none."""
        if index != self._marked:
            self._marked = index
            self.update()

    @property
    def picture(self) -> QImage:
        return self._picture

    @property
    def marked(self) -> int | None:
        """The symbol that is outlined."""
        return self._marked

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    @property
    def scale(self) -> float:
        """Logical pixels of the widget for each pixel of the picture."""
        if self._picture.isNull():
            return 1.0
        room_x, room_y = max(1, self.width() - 2 * _MARGIN), max(1, self.height() - 2 * _MARGIN)
        fit = min(room_x / self._picture.width(), room_y / self._picture.height())
        return min(fit, 1.0 / self.devicePixelRatioF())

    def target(self) -> QRectF:
        """Where the picture is drawn."""
        width, height = self._picture.width() * self.scale, self._picture.height() * self.scale
        ratio = self.devicePixelRatioF()
        # On whole device pixels, or a picture shown at its own size would be blurred.
        left = round((self.width() - width) / 2 * ratio) / ratio
        top = round((self.height() - height) / 2 * ratio) / ratio
        return QRectF(left, top, width, height)

    def place_of(self, index: int) -> QRect:
        """Where a symbol stands in the widget; the whole picture for one that draws nothing."""
        box = self._symbols[index].box
        return (self.target() if box is None else self._place(box)).toAlignedRect()

    def symbol_at(self, position: QPointF) -> int | None:
        """Index of the smallest symbol under a point of the widget."""
        hits = [
            (symbol.box.width * symbol.box.height, index)
            for index, symbol in enumerate(self._symbols)
            if symbol.box is not None and self._place(symbol.box).contains(position)
        ]
        return min(hits)[1] if hits else None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.setBrush(self._ground or self._theme.color("paper"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        if self._picture.isNull():
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self.target(), self._shown_picture())
        for index, symbol in enumerate(self._symbols):
            if symbol.box is not None:
                self._paint_symbol(painter, symbol.box, index in self._tinted, index == self._marked)
        painter.setPen(QPen(QColor(_UNREAD), 1.5, Qt.PenStyle.DotLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for box in self._unread:
            painter.drawRect(self._place(box))

    def _shown_picture(self) -> QImage:
        ratio = self.scale * self.devicePixelRatioF()
        if ratio >= 0.99:
            return self._picture
        # QPainter's own scaling samples four pixels only; strokes of a large picture would break up.
        size = QSize(max(1, round(self._picture.width() * ratio)), max(1, round(self._picture.height() * ratio)))
        return self._picture.scaled(
            size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )

    def _paint_symbol(self, painter: QPainter, box: Box, tinted: bool, marked: bool) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        if tinted and not marked:
            tint = QColor("#e0a020")
            tint.setAlpha(_TINT_ALPHA)
            painter.setBrush(tint)
            painter.drawRoundedRect(self._place(box), 3, 3)
        if marked:
            painter.setPen(QPen(QColor("#3350cc"), 1.5))
            painter.setBrush(QColor(51, 80, 204, 36))
            painter.drawRoundedRect(self._place(box), 3, 3)

    def _place(self, box: Box) -> QRectF:
        origin, scale = self.target().topLeft(), self.scale
        left, top = origin.x() + (box.left - _GROW) * scale, origin.y() + (box.top - _GROW) * scale
        return QRectF(left, top, (box.width + 2 * _GROW) * scale, (box.height + 2 * _GROW) * scale)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.symbol_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.symbol_at(event.position())
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(index)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)

    def _hover(self, index: int | None) -> None:
        if index != self._hovered:
            self._hovered = index
            choice = index is not None and bool(self._symbols[index].others)
            self.setCursor(Qt.CursorShape.PointingHandCursor if choice else Qt.CursorShape.ArrowCursor)
            self.hovered.emit(index)


def ground(picture: QImage) -> QColor | None:
    """The color that most of the picture's edge has, so that the paper goes on where the picture ends."""
    if picture.isNull():
        return None
    right, bottom = picture.width() - 1, picture.height() - 1
    step_x, step_y = max(1, picture.width() // _EDGE_SAMPLES), max(1, picture.height() // _EDGE_SAMPLES)
    edge = [picture.pixel(x, y) for x in range(0, right + 1, step_x) for y in (0, bottom)]
    edge += [picture.pixel(x, y) for y in range(0, bottom + 1, step_y) for x in (0, right)]
    return QColor(Counter(edge).most_common(1)[0][0])
