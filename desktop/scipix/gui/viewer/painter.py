"""Paints the part of the roll that is in sight."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from scipix.datatypes import Box
from scipix.gui.theme import Theme
from scipix.gui.viewer.frame import Frame
from scipix.gui.viewer.layout import TILE, Layout, Tile
from scipix.gui.viewer.tiles import Tiles

# Pages are white in the dark, too; what is painted on them has the same color everywhere.
_PAPER = QColor("#ffffff")
_PALE = QColor("#62666e")
_FRAME = QColor("#3350cc")
_FRAME_ALPHA = 28


class Painter:
    """spoiled: pages that cannot be drawn."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.spoiled: set[int] = set()

    def paint(
        self, painter: QPainter, ground: QRectF, layout: Layout, view: Box, tiles: Tiles, frame: Frame | None
    ) -> None:
        """ground: the widget. view: the part of the roll that it shows."""
        painter.fillRect(ground, self.theme.color("sidebar"))
        ratio, shift = painter.device().devicePixelRatioF(), painter.deviceTransform()
        for page in layout.pages(view.top, view.bottom):
            place = layout.place(page)
            # On whole device pixels, or the tiles, which have their pixels, would be blurred.
            left = (round(shift.dx() + (place.left - view.left) * ratio) - shift.dx()) / ratio
            top = (round(shift.dy() + (place.top - view.top) * ratio) - shift.dy()) / ratio
            sheet = QRectF(left, top, place.width, place.height)
            painter.fillRect(sheet, _PAPER)
            painter.save()
            painter.setClipRect(sheet)
            if page in self.spoiled:
                painter.setPen(_PALE)
                painter.drawText(sheet, Qt.AlignmentFlag.AlignCenter, "This page is damaged and cannot be shown")
            else:
                _paint_tiles(painter, sheet, page, layout, view, tiles, ratio)
            if frame is not None and frame.page == page:
                self._paint_frame(painter, sheet.topLeft(), frame, layout.scale)
            painter.restore()
            painter.setPen(QPen(self.theme.color("border"), 1))
            painter.drawRect(sheet.adjusted(-0.5, -0.5, 0.5, 0.5))

    def _paint_frame(self, painter: QPainter, origin: QPointF, frame: Frame, scale: float) -> None:
        box = frame.box
        left, top = origin.x() + box.left * scale, origin.y() + box.top * scale
        inside = QColor(_FRAME)
        inside.setAlpha(_FRAME_ALPHA)
        painter.setBrush(inside)
        painter.setPen(QPen(_FRAME, 1.5))
        painter.drawRect(QRectF(left, top, box.width * scale, box.height * scale))


def _paint_tiles(
    painter: QPainter, sheet: QRectF, page: int, layout: Layout, view: Box, tiles: Tiles, ratio: float
) -> None:
    shown = [(tile, tiles.find(tile)) for tile in layout.tiles(view, ratio) if tile.page == page]
    if any(picture is None for _, picture in shown):
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for tile, picture in tiles.others(page, layout.scale * ratio):
            _paint_tile(painter, sheet.topLeft(), tile, picture, layout.scale / tile.scale)
    for tile, picture in shown:
        if picture is not None:
            _paint_tile(painter, sheet.topLeft(), tile, picture, 1.0 / ratio)


def _paint_tile(painter: QPainter, origin: QPointF, tile: Tile, picture: QImage, size: float) -> None:
    """size: logical pixels for each pixel of the picture."""
    left, top = origin.x() + tile.column * TILE * size, origin.y() + tile.row * TILE * size
    painter.drawImage(QRectF(left, top, picture.width() * size, picture.height() * size), picture)
