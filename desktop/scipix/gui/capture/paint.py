"""How an overlay looks: functions that paint a `Scene`."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPixmap, QRegion

from scipix.gui.capture.lens import lens_rect, paint_lens
from scipix.gui.capture.looks import BORDER, QUIET_TEXT, TEXT, font, paint_panel, shade
from scipix.gui.capture.scene import Hint, Scene
from scipix.gui.capture.selection import HANDLES

_HANDLE_RADIUS = 4.0
_GAP = 10.0
_PILL_HEIGHT = 26.0
_PILL_PADDING = 12.0
_HINT_HEIGHT = 36.0
_HINT_MARGIN = 28.0
_CHIP_PADDING = 7.0
_CHIP_HEIGHT = 20.0
_CHIP = QColor(255, 255, 255, 34)


class Veil:
    """The grab, bright inside the box and dimmed outside; both are drawn once and then only copied."""

    def __init__(self, grab: QImage, dim: float) -> None:
        """dim: 0..1."""
        self._bright = QPixmap.fromImage(grab)
        self._dimmed = QPixmap.fromImage(grab)
        painter = QPainter(self._dimmed)
        painter.fillRect(self._dimmed.rect(), shade(dim))
        painter.end()

    def paint(self, painter: QPainter, region: QRegion, scene: Scene) -> None:
        """Fill a region of the window."""
        source = QRectF(self._bright.rect())
        painter.setClipRegion(region)
        painter.drawPixmap(scene.window, self._dimmed, source)
        if scene.box is not None:
            across, down = source.width() / scene.window.width(), source.height() / scene.window.height()
            lit = QRectF(
                scene.box.x() * across, scene.box.y() * down, scene.box.width() * across, scene.box.height() * down
            )
            painter.drawPixmap(scene.box, self._bright, lit)


def damage(before: Scene, after: Scene) -> QRegion:
    """What must be painted again to get from one scene to the other."""
    region = QRegion()
    for scene in (before, after):
        for rect in _covered(scene):
            region += rect.adjusted(-2, -2, 2, 2).toAlignedRect()
    return region & QRect(0, 0, round(after.window.width()), round(after.window.height()))


def _covered(scene: Scene) -> list[QRectF]:
    found = []
    if scene.box is not None:
        reach = _HANDLE_RADIUS + 2
        found += [scene.box.adjusted(-reach, -reach, reach, reach), label_rect(scene)]
    if scene.magnifier:
        found.append(lens_rect(scene))
    if scene.crosshair:
        point = scene.cursor_point
        found.append(QRectF(0, point.y() - 1, scene.window.width(), 2))
        found.append(QRectF(point.x() - 1, 0, 2, scene.window.height()))
    if scene.hint:
        found.append(hint_rect(scene))
    return found


def paint_scene(painter: QPainter, scene: Scene, accent: QColor, grab: QImage) -> None:
    """Paint everything over the veil; the painter's clip is already set."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if scene.crosshair:
        _paint_crosshair(painter, scene)
    if scene.hint:
        paint_panel(painter, hint_rect(scene), _HINT_HEIGHT / 2)
        _paint_hint(painter, hint_rect(scene), scene.hint)
    if scene.box is not None:
        _paint_box(painter, scene, accent)
    if scene.magnifier:
        paint_lens(painter, scene, accent, grab)


def _paint_crosshair(painter: QPainter, scene: Scene) -> None:
    point = scene.cursor_point
    painter.fillRect(QRectF(0, point.y() - 0.5, scene.window.width(), 1), QColor(255, 255, 255, 150))
    painter.fillRect(QRectF(point.x() - 0.5, 0, 1, scene.window.height()), QColor(255, 255, 255, 150))


def _paint_box(painter: QPainter, scene: Scene, accent: QColor) -> None:
    box = scene.box
    if box is None or scene.size is None:
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(accent, BORDER)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    # Outside the box: the border must not hide pixels that will be read.
    painter.drawRect(box.adjusted(-BORDER / 2, -BORDER / 2, BORDER / 2, BORDER / 2))
    if scene.handles:
        painter.setPen(QPen(accent, BORDER))
        painter.setBrush(QColor(255, 255, 255))
        for across, down in HANDLES:
            center = QPointF(box.center().x() + across * box.width() / 2, box.center().y() + down * box.height() / 2)
            painter.drawEllipse(center, _HANDLE_RADIUS, _HANDLE_RADIUS)
    rect = label_rect(scene)
    paint_panel(painter, rect, _PILL_HEIGHT / 2)
    painter.setFont(font())
    painter.setPen(TEXT)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, _label(scene.size))


def _label(size: tuple[int, int]) -> str:
    return f"{size[0]} × {size[1]}"


def label_rect(scene: Scene) -> QRectF:
    """The pill with the size: under the box on its left, above it when there is no room, else inside."""
    if scene.box is None or scene.size is None:
        return QRectF()
    width = QFontMetricsF(font()).horizontalAdvance(_label(scene.size)) + 2 * _PILL_PADDING
    left = min(max(scene.box.left(), 4), scene.window.width() - width - 4)
    top = scene.box.bottom() + _GAP
    if top + _PILL_HEIGHT > scene.window.height() - 4:
        top = scene.box.top() - _GAP - _PILL_HEIGHT
    if top < 4:
        top = scene.box.bottom() - _GAP - _PILL_HEIGHT
        left = min(left + _GAP, scene.window.width() - width - 4)
    return QRectF(left, top, width, _PILL_HEIGHT)


def hint_rect(scene: Scene) -> QRectF:
    """The line of help: at the top in the middle, at the bottom while the cursor is up there."""
    width = sum(_hint_widths(scene.hint)) + 2 * _PILL_PADDING
    top = _HINT_MARGIN
    if scene.cursor_point.y() < 4 * _HINT_MARGIN or (scene.box is not None and scene.box.top() < 3 * _HINT_MARGIN):
        top = scene.window.height() - _HINT_MARGIN - _HINT_HEIGHT
    return QRectF(round((scene.window.width() - width) / 2), top, width, _HINT_HEIGHT)


def _hint_widths(hint: Hint) -> list[float]:
    """Width of each key and each text, with the gap that follows it."""
    metrics = QFontMetricsF(font())
    widths = []
    for key, text in hint:
        widths.append(metrics.horizontalAdvance(key) + 3 * _CHIP_PADDING if key else 0.0)
        widths.append(metrics.horizontalAdvance(text) + _PILL_PADDING)
    widths[-1] -= _PILL_PADDING
    return widths


def _paint_hint(painter: QPainter, rect: QRectF, hint: Hint) -> None:
    painter.setFont(font())
    left = rect.left() + _PILL_PADDING
    words = [word for pair in hint for word in pair]
    for index, (word, width) in enumerate(zip(words, _hint_widths(hint), strict=True)):
        place = QRectF(left, rect.top(), width, rect.height())
        left += width
        if index % 2 == 0 and word:
            chip = QRectF(place.left(), rect.center().y() - _CHIP_HEIGHT / 2, width - _CHIP_PADDING, _CHIP_HEIGHT)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_CHIP)
            painter.drawRoundedRect(chip, 5, 5)
            painter.setPen(TEXT)
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, word)
        elif word:
            painter.setPen(QUIET_TEXT if index > 1 or words[0] else TEXT)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, word)
