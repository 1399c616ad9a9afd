"""The roll of pages: scrolls, zooms, and lets a box be drawn."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from scipix.datatypes import Box
from scipix.gui.theme import Theme
from scipix.gui.viewer.autoscroll import Autoscroll
from scipix.gui.viewer.frame import Frame
from scipix.gui.viewer.layout import GAP, LEAST, MOST, Layout, Spot, Tile, fitting
from scipix.gui.viewer.painter import Painter
from scipix.gui.viewer.tiles import Tiles

_SETTLE_MS = 60  # while one zooms, pages are stretched; then they are drawn anew
_SLIP = 6  # logical pixels; a shorter side is a click that slipped, not a box
_NOTCH = 1.2  # factor of a step of the wheel with Ctrl
_ANGLE = 120.0  # eighths of a degree of such a step


class Canvas(QAbstractScrollArea):
    """Shows what it is given; asks for the rest.

    wanted(list, list): tiles to draw, those in sight and those near by; none else are. moved(int page, float scale): what
    is shown now. framed(int page, Box): a box was drawn, in points of the page.
    """

    wanted = Signal(object, object)
    moved = Signal(int, float)
    framed = Signal(int, object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._painter = Painter(theme)
        self.tiles = Tiles()
        self._layout = Layout((), 1.0, 1.0)
        self._fitted = True
        self._spot = Spot()  # where the top of the view is
        self._frame: Frame | None = None
        self._drawing = False
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self.ask)
        self._autoscroll = Autoscroll(self)
        self._autoscroll.moved.connect(self._stretch)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # Always there: a bar that comes and goes would change the width, and with it the zoom that fits.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.viewport().setMouseTracking(True)
        for bar in (self.verticalScrollBar(), self.horizontalScrollBar()):
            bar.valueChanged.connect(self._on_scrolled)
        self.setAccessibleName("Pages")

    @property
    def page_count(self) -> int:
        return len(self._layout.sizes)

    @property
    def scale(self) -> float:
        """Logical pixels per point."""
        return self._layout.scale

    @property
    def page(self) -> int:
        """The page that fills the upper half of the view; at the foot of the roll the last one."""
        bar = self.verticalScrollBar()
        if bar.value() == bar.maximum() > 0:
            return self.page_count - 1
        return self._layout.page_at(bar.value() + self.viewport().height() / 3)

    @property
    def frame(self) -> Frame | None:
        """The box that was drawn last, or is being drawn."""
        return self._frame

    def spot(self) -> Spot:
        """Where one is, to come back to."""
        return Spot(self._spot.page, self._spot.down, None if self._fitted else self.scale)

    def show_pages(self, sizes: Sequence[tuple[float, float]], spot: Spot) -> None:
        """sizes: points of each page; none of any is drawn yet."""
        self.tiles.clear()
        self._painter.spoiled.clear()
        self._frame, self._drawing = None, False
        self._layout = Layout(sizes, 1.0, 1.0)
        self._fitted = spot.scale is None
        self._lay(spot.scale or self._fitting(), spot)
        self.ask()

    def set_tile(self, tile: Tile, picture: QImage) -> None:
        """A tile that was wanted."""
        self.tiles.keep(tile, picture, set(self._in_sight()))
        self.viewport().update()

    def set_spoiled(self, page: int) -> None:
        """Say on the page that it cannot be drawn, and ask for it no more."""
        self._painter.spoiled.add(page)
        self.viewport().update()

    def set_theme(self, theme: Theme) -> None:
        self._painter.theme = theme
        self.viewport().update()

    def go_to(self, page: int) -> None:
        """Show a page from its top; the nearest one when there is no such page."""
        page = max(0, min(page, self.page_count - 1))
        if self.page_count:
            self.verticalScrollBar().setValue(round(self._layout.place(page).top - GAP))

    def fit(self) -> None:
        """As wide as the view, from now on."""
        self._fitted = True
        self._rescale(self._fitting(), self._middle())

    def zoom(self, factor: float, around: QPointF | None = None) -> None:
        """around: the point of the view that stays where it is; its middle when None."""
        self._fitted = False
        self._rescale(max(LEAST, min(self.scale * factor, MOST)), around or self._middle())

    def ask(self) -> None:
        """Ask for what is in sight and for what is near by; for nothing while a reading hides it all, which needs the
        processor more."""
        self._settle.stop()
        if not self.isVisible():
            self.wanted.emit([], [])
            return
        visible = self._in_sight()
        near = [tile for tile in self._tiles_within(self.viewport().height() / 2) if tile not in set(visible)]
        missing = [[tile for tile in tiles if self._lacks(tile)] for tiles in (visible, near)]
        self.wanted.emit(*missing)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        view = self._view()
        self._painter.paint(painter, QRectF(self.viewport().rect()), self._layout, view, self.tiles, self._frame)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._settle.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.ask()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay(self._fitting() if self._fitted else self.scale, self._spot)
        self._settle.start()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(_NOTCH ** (event.angleDelta().y() / _ANGLE), event.position())
        else:
            super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x, y = self._on_roll(event.position())
        page = self._layout.under(x, y)
        if event.button() != Qt.MouseButton.LeftButton or page is None:
            return
        start = self._layout.to_points(page, x, y)
        self._frame, self._drawing, self._autoscroll.pointer = Frame(page, start, start), True, event.position()
        self._autoscroll.start()
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._autoscroll.pointer = event.position()
        if self._drawing:
            self._stretch()
        else:
            on_page = self._layout.under(*self._on_roll(event.position())) is not None
            self.viewport().setCursor(Qt.CursorShape.CrossCursor if on_page else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._drawing or event.button() != Qt.MouseButton.LeftButton or self._frame is None:
            return
        self._autoscroll.pointer = event.position()
        self._stretch()
        self._end_drawing()
        frame = self._frame
        if min(frame.box.width, frame.box.height) * self.scale < _SLIP:
            self._frame = None
        else:
            self.framed.emit(frame.page, frame.box)

    def event(self, event: QEvent) -> bool:
        # Esc stops readings in the whole window; here it first gives the box up.
        stops = event.type() == QEvent.Type.ShortcutOverride and self._drawing
        if stops and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._settle.start()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: self.page_count - 1}
        if event.key() == Qt.Key.Key_Escape and self._drawing:
            self._frame = None
            self._end_drawing()
        elif event.key() in ends:
            self.go_to(ends[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def _end_drawing(self) -> None:
        self._drawing = False
        self._autoscroll.stop()
        self.viewport().update()

    def _stretch(self) -> None:
        """The box reaches to the pointer."""
        if self._frame is not None:
            self._frame = self._frame.to(
                self._layout.to_points(self._frame.page, *self._on_roll(self._autoscroll.pointer))
            )
            self.viewport().update()

    def _on_scrolled(self) -> None:
        self._spot = Spot(*self._layout.spot(self.verticalScrollBar().value()))
        self.moved.emit(self.page, self.scale)
        self.viewport().update()
        if not self._settle.isActive():
            self._settle.start()

    def _rescale(self, scale: float, around: QPointF) -> None:
        """The point of the roll that is under `around` stays there."""
        if not self.page_count:
            return
        x, y = self._on_roll(around)
        page, down = self._layout.spot(y)
        across = (x - self._layout.place(page).left) / self.scale
        self._lay(scale, self._spot)
        self.verticalScrollBar().setValue(round(self._layout.height_of(page, down) - around.y()))
        self.horizontalScrollBar().setValue(round(self._layout.place(page).left + across * scale - around.x()))
        self._settle.start()

    def _lay(self, scale: float, spot: Spot) -> None:
        """Lay the pages out anew, with the spot at the top."""
        room = self.viewport().size()
        self._layout = Layout(self._layout.sizes, scale, room.width())
        for bar, length, side in (
            (self.verticalScrollBar(), self._layout.height, room.height()),
            (self.horizontalScrollBar(), self._layout.width, room.width()),
        ):
            bar.setPageStep(side)
            bar.setSingleStep(max(20, side // 12))
            bar.setRange(0, max(0, round(length) - side))
        if self.page_count:
            page = min(spot.page, self.page_count - 1)
            self.verticalScrollBar().setValue(round(self._layout.height_of(page, spot.down)))
            self.moved.emit(self.page, scale)
        self.viewport().update()

    def _fitting(self) -> float:
        return fitting(self._layout.sizes, self.viewport().width())

    def _middle(self) -> QPointF:
        return QPointF(self.viewport().rect().center())

    def _on_roll(self, point: QPointF) -> tuple[float, float]:
        corner = QPoint(self.horizontalScrollBar().value(), self.verticalScrollBar().value())
        return point.x() + corner.x(), point.y() + corner.y()

    def _view(self, more: float = 0.0) -> Box:
        """What is seen of the roll, and `more` of it above and below."""
        left, top = self._on_roll(QPointF(0.0, 0.0))
        return Box(left, top - more, left + self.viewport().width(), top + self.viewport().height() + more)

    def _in_sight(self) -> list[Tile]:
        return self._tiles_within(0.0)

    def _tiles_within(self, more: float) -> list[Tile]:
        return list(self._layout.tiles(self._view(more), self.viewport().devicePixelRatioF()))

    def _lacks(self, tile: Tile) -> bool:
        return tile not in self.tiles and tile.page not in self._painter.spoiled
