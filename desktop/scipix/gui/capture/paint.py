"""How an overlay looks. `Scene` says what is to be seen, in logical units of the window; functions paint it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPixmap, QRegion

from scipix.gui.capture.selection import HANDLES

_BORDER = 1.5
_HANDLE_RADIUS = 4.0
_GAP = 10.0
_PILL_HEIGHT = 26.0
_PILL_PADDING = 12.0
_TEXT_PIXELS = 13
_HINT_HEIGHT = 36.0
_HINT_MARGIN = 28.0
# Cells of the magnifier in each direction; even, so that a corner between pixels lies in its middle.
_CELLS = 20
_LENS_BAR = 26.0
_LENS_OFFSET = 24.0
_LENS_RADIUS = 10.0
_CHIP_PADDING = 7.0
_CHIP_HEIGHT = 20.0
_PANEL = QColor(22, 24, 29, 246)
_PANEL_EDGE = QColor(255, 255, 255, 46)
_CHIP = QColor(255, 255, 255, 34)
_TEXT = QColor(245, 247, 250)
_QUIET_TEXT = QColor(176, 182, 193)


# (key, what it does); the key may be empty.
Hint = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is to be seen over the frozen screen.

    window, box: logical. grab, size: pixels (width, height). cursor: pixels, a corner between pixels of the grab.
    zoom: logical units for each pixel in the magnifier. hint: the line of help, empty for none.
    """

    window: QRectF
    grab: tuple[int, int]
    box: QRectF | None
    size: tuple[int, int] | None
    cursor: tuple[int, int]
    crosshair: bool
    magnifier: bool
    zoom: int
    handles: bool
    hint: Hint

    @property
    def cursor_point(self) -> QPointF:
        """The cursor, logical."""
        return QPointF(
            self.cursor[0] * self.window.width() / self.grab[0], self.cursor[1] * self.window.height() / self.grab[1]
        )


class Veil:
    """The grab, bright inside the box and dimmed outside; both are drawn once and then only copied."""

    def __init__(self, grab: QImage, dim: float) -> None:
        """dim: 0..1."""
        self._bright = QPixmap.fromImage(grab)
        self._dimmed = QPixmap.fromImage(grab)
        painter = QPainter(self._dimmed)
        painter.fillRect(self._dimmed.rect(), QColor(8, 10, 14, round(255 * dim)))
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
        _paint_panel(painter, hint_rect(scene), _HINT_HEIGHT / 2)
        _paint_hint(painter, hint_rect(scene), scene.hint)
    if scene.box is not None:
        _paint_box(painter, scene, accent)
    if scene.magnifier:
        _paint_lens(painter, scene, accent, grab)


def _font(weight: QFont.Weight = QFont.Weight.Medium) -> QFont:
    font = QFont()
    font.setPixelSize(_TEXT_PIXELS)
    font.setWeight(weight)
    # Digits of one width: the label must not tremble while the box grows.
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def _paint_panel(painter: QPainter, rect: QRectF, radius: float) -> None:
    painter.setPen(QPen(_PANEL_EDGE, 1))
    painter.setBrush(_PANEL)
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)


def _paint_crosshair(painter: QPainter, scene: Scene) -> None:
    point = scene.cursor_point
    painter.fillRect(QRectF(0, point.y() - 0.5, scene.window.width(), 1), QColor(255, 255, 255, 150))
    painter.fillRect(QRectF(point.x() - 0.5, 0, 1, scene.window.height()), QColor(255, 255, 255, 150))


def _paint_box(painter: QPainter, scene: Scene, accent: QColor) -> None:
    box = scene.box
    if box is None or scene.size is None:
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(accent, _BORDER)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    # Outside the box: the border must not hide pixels that will be read.
    painter.drawRect(box.adjusted(-_BORDER / 2, -_BORDER / 2, _BORDER / 2, _BORDER / 2))
    if scene.handles:
        painter.setPen(QPen(accent, _BORDER))
        painter.setBrush(QColor(255, 255, 255))
        for across, down in HANDLES:
            center = QPointF(box.center().x() + across * box.width() / 2, box.center().y() + down * box.height() / 2)
            painter.drawEllipse(center, _HANDLE_RADIUS, _HANDLE_RADIUS)
    rect = label_rect(scene)
    _paint_panel(painter, rect, _PILL_HEIGHT / 2)
    painter.setFont(_font())
    painter.setPen(_TEXT)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, _label(scene.size))


def _label(size: tuple[int, int]) -> str:
    return f"{size[0]} × {size[1]}"


def label_rect(scene: Scene) -> QRectF:
    """The pill with the size: under the box on its left, above it when there is no room, else inside."""
    if scene.box is None or scene.size is None:
        return QRectF()
    width = QFontMetricsF(_font()).horizontalAdvance(_label(scene.size)) + 2 * _PILL_PADDING
    left = min(max(scene.box.left(), 4), scene.window.width() - width - 4)
    top = scene.box.bottom() + _GAP
    if top + _PILL_HEIGHT > scene.window.height() - 4:
        top = scene.box.top() - _GAP - _PILL_HEIGHT
    if top < 4:
        top = scene.box.bottom() - _GAP - _PILL_HEIGHT
        left = min(left + _GAP, scene.window.width() - width - 4)
    return QRectF(left, top, width, _PILL_HEIGHT)


def lens_rect(scene: Scene) -> QRectF:
    """The magnifier: right below the cursor, on the other side where the screen ends."""
    size = QSizeF(_CELLS * scene.zoom, _CELLS * scene.zoom + _LENS_BAR)
    point = scene.cursor_point
    left, top = point.x() + _LENS_OFFSET, point.y() + _LENS_OFFSET
    if left + size.width() > scene.window.width() - 4:
        left = point.x() - _LENS_OFFSET - size.width()
    if top + size.height() > scene.window.height() - 4:
        top = point.y() - _LENS_OFFSET - size.height()
    return QRectF(QPointF(left, top), size)


def _paint_lens(painter: QPainter, scene: Scene, accent: QColor, grab: QImage) -> None:
    rect = lens_rect(scene)
    view = QRectF(rect.topLeft(), QSizeF(rect.width(), rect.width()))
    x, y = scene.cursor
    half = _CELLS // 2
    painter.save()
    shape = QPainterPath()
    shape.addRoundedRect(rect, _LENS_RADIUS, _LENS_RADIUS)
    painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
    painter.fillRect(rect, QColor(22, 24, 29))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    # copy() pads with black what lies outside the grab, so the target needs no cutting.
    painter.drawImage(view, grab.copy(x - half, y - half, _CELLS, _CELLS))
    _paint_grid(painter, view, scene.zoom, accent)
    painter.setFont(_font())
    painter.setPen(_QUIET_TEXT)
    bar = QRectF(rect.left(), view.bottom(), rect.width(), _LENS_BAR)
    painter.drawText(bar, Qt.AlignmentFlag.AlignCenter, f"{x}, {y}")
    painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(255, 255, 255, 110), 1))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), _LENS_RADIUS, _LENS_RADIUS)


def _paint_grid(painter: QPainter, view: QRectF, zoom: int, accent: QColor) -> None:
    for cell in range(1, _CELLS):
        line = QColor(128, 132, 140, 60)
        painter.fillRect(QRectF(view.left() + cell * zoom - 0.5, view.top(), 1, view.height()), line)
        painter.fillRect(QRectF(view.left(), view.top() + cell * zoom - 0.5, view.width(), 1), line)
    center = view.center()
    painter.fillRect(QRectF(center.x() - 0.75, view.top(), _BORDER, view.height()), accent)
    painter.fillRect(QRectF(view.left(), center.y() - 0.75, view.width(), _BORDER), accent)


def hint_rect(scene: Scene) -> QRectF:
    """The line of help: at the top in the middle, at the bottom while the cursor is up there."""
    width = sum(_hint_widths(scene.hint)) + 2 * _PILL_PADDING
    top = _HINT_MARGIN
    if scene.cursor_point.y() < 4 * _HINT_MARGIN or (scene.box is not None and scene.box.top() < 3 * _HINT_MARGIN):
        top = scene.window.height() - _HINT_MARGIN - _HINT_HEIGHT
    return QRectF(round((scene.window.width() - width) / 2), top, width, _HINT_HEIGHT)


def _hint_widths(hint: Hint) -> list[float]:
    """Width of each key and each text, with the gap that follows it."""
    metrics = QFontMetricsF(_font())
    widths = []
    for key, text in hint:
        widths.append(metrics.horizontalAdvance(key) + 3 * _CHIP_PADDING if key else 0.0)
        widths.append(metrics.horizontalAdvance(text) + _PILL_PADDING)
    widths[-1] -= _PILL_PADDING
    return widths


def _paint_hint(painter: QPainter, rect: QRectF, hint: Hint) -> None:
    painter.setFont(_font())
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
            painter.setPen(_TEXT)
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, word)
        elif word:
            painter.setPen(_QUIET_TEXT if index > 1 or words[0] else _TEXT)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, word)
