"""The magnifier of an overlay."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from scipix.gui.capture.looks import BORDER, QUIET_TEXT, font, shade
from scipix.gui.capture.scene import Scene

# Cells in each direction; even, so that a corner between pixels lies in the middle.
_CELLS = 20
_BAR = 26.0
_OFFSET = 24.0
_RADIUS = 10.0


def is_blank(grab: QImage, cursor: tuple[int, int]) -> bool:
    """Whether the magnifier would show one color and nothing else."""
    half = _CELLS // 2
    around = QRect(cursor[0] - half, cursor[1] - half, _CELLS, _CELLS) & grab.rect()
    seen = grab.copy(around).convertToFormat(QImage.Format.Format_RGB32)  # has to outlive its bits
    pixels = bytes(seen.constBits())
    return pixels == pixels[:4] * (len(pixels) // 4)


def lens_rect(scene: Scene) -> QRectF:
    """The magnifier: right below the cursor, on the other side where the screen ends."""
    size = QSizeF(_CELLS * scene.zoom, _CELLS * scene.zoom + _BAR)
    point = scene.cursor_point
    left, top = point.x() + _OFFSET, point.y() + _OFFSET
    if left + size.width() > scene.window.width() - 4:
        left = point.x() - _OFFSET - size.width()
    if top + size.height() > scene.window.height() - 4:
        top = point.y() - _OFFSET - size.height()
    return QRectF(QPointF(left, top), size)


def paint_lens(painter: QPainter, scene: Scene, accent: QColor, grab: QImage) -> None:
    """The pixels around the cursor, where they are, and what of them is in the box."""
    rect = lens_rect(scene)
    view = QRectF(rect.topLeft(), QSizeF(rect.width(), rect.width()))
    x, y = scene.cursor
    half = _CELLS // 2
    painter.save()
    shape = QPainterPath()
    shape.addRoundedRect(rect, _RADIUS, _RADIUS)
    painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
    painter.fillRect(rect, QColor(22, 24, 29))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    # copy() pads with black what lies outside the grab, so the target needs no cutting.
    painter.drawImage(view, grab.copy(x - half, y - half, _CELLS, _CELLS))
    _dim_lens(painter, scene, view)
    _paint_grid(painter, view, scene.zoom, accent)
    painter.setFont(font())
    painter.setPen(QUIET_TEXT)
    bar = QRectF(rect.left(), view.bottom(), rect.width(), _BAR)
    painter.drawText(bar, Qt.AlignmentFlag.AlignCenter, f"{x}, {y}")
    painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(255, 255, 255, 110), 1))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)


def _dim_lens(painter: QPainter, scene: Scene, view: QRectF) -> None:
    """What lies outside of the box; so the lens shows its corner even where there is only blank paper."""
    if scene.box is None:
        return
    point = scene.cursor_point
    across = scene.zoom * scene.grab[0] / scene.window.width()
    down = scene.zoom * scene.grab[1] / scene.window.height()
    lit = QRectF(
        view.center().x() + (scene.box.x() - point.x()) * across,
        view.center().y() + (scene.box.y() - point.y()) * down,
        scene.box.width() * across,
        scene.box.height() * down,
    )
    outside = QPainterPath()
    outside.addRect(view)
    outside.addRect(lit & view)
    painter.fillPath(outside, shade(scene.dim))


def _paint_grid(painter: QPainter, view: QRectF, zoom: int, accent: QColor) -> None:
    for cell in range(1, _CELLS):
        line = QColor(128, 132, 140, 60)
        painter.fillRect(QRectF(view.left() + cell * zoom - 0.5, view.top(), 1, view.height()), line)
        painter.fillRect(QRectF(view.left(), view.top() + cell * zoom - 0.5, view.width(), 1), line)
    center = view.center()
    painter.fillRect(QRectF(center.x() - 0.75, view.top(), BORDER, view.height()), accent)
    painter.fillRect(QRectF(view.left(), center.y() - 0.75, view.width(), BORDER), accent)
