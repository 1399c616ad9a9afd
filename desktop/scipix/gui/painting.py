"""Draws a typeset formula with QPainter: on the screen, into a picture, into PNG."""

from __future__ import annotations

import math

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPen, QTransform

from scipix.errors import InvalidLatex
from scipix.notation.drawing import CURRENT, Drawing, Label, Matrix, Pen, Segment, Shape

# Pixels of a picture; 160 MB at 4 bytes each.
MAX_PIXELS = 40_000_000
# Pixels around the formula: antialiased edges, and strokes that reach half their width beyond the box.
MARGIN = 2
_METRES_PER_INCH = 0.0254


def paint(drawing: Drawing, painter: QPainter, color: QColor, px_per_em: float) -> None:
    """Draw with the top left corner at (0, 0) of the painter, px_per_em of its units to the em.

    color: of everything that the formula does not color itself. The painter is left as it was.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(px_per_em, px_per_em)
    ground = painter.worldTransform()
    for item in drawing.items:
        painter.setWorldTransform(ground)
        painter.setClipping(False)
        if item.clip is not None:
            clip = item.clip
            painter.setClipRect(QRectF(QPointF(clip.left, clip.top), QPointF(clip.right, clip.bottom)))
        painter.setWorldTransform(_transform(item.matrix), combine=True)
        if isinstance(item, Label):
            _draw_label(item, painter, color)
        else:
            _draw_shape(item, painter, color)
    painter.restore()


def render_image(
    drawing: Drawing, px_per_em: float, *, dpr: float = 1.0, color: QColor, background: QColor | None = None
) -> QImage:
    """A picture of the formula with MARGIN pixels around it, transparent where background is None.

    px_per_em: logical pixels; dpr: device pixels for each. Raises InvalidLatex when it would be too large.
    """
    scale = px_per_em * dpr
    width = _whole(drawing.width * scale) + 2 * MARGIN
    height = _whole(drawing.height * scale) + 2 * MARGIN
    if width * height > MAX_PIXELS:
        raise InvalidLatex(f"a picture of {width} × {height} pixels is too large")
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor(Qt.GlobalColor.transparent) if background is None else background)
    painter = QPainter(image)
    painter.translate(MARGIN, MARGIN)
    paint(drawing, painter, color, scale)
    painter.end()
    image.setDevicePixelRatio(dpr)
    return image


def to_png(
    drawing: Drawing,
    px_per_em: float = 48.0,
    background: QColor | None = None,
    color: QColor | None = None,
    points: float = 12.0,
) -> bytes:
    """The formula as a PNG file, black by default, transparent where background is None.

    points: size of the text that it should match; sets the file's resolution, so that a word processor pastes it at
    that size. Raises InvalidLatex when it would be too large.
    """
    image = render_image(drawing, px_per_em, color=color or QColor("black"), background=background)
    dots = round(px_per_em / points * 72 / _METRES_PER_INCH)
    image.setDotsPerMeterX(dots)
    image.setDotsPerMeterY(dots)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # pyright: ignore[reportCallIssue, reportArgumentType]
    buffer.close()
    return bytes(data.data())


def outline(segments: tuple[Segment, ...]) -> QPainterPath:
    """The segments as a path, filled by the nonzero rule of SVG."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for segment in segments:
        match segment:
            case ("M", x, y):
                path.moveTo(x, y)
            case ("L", x, y):
                path.lineTo(x, y)
            case ("Q", x1, y1, x, y):
                path.quadTo(x1, y1, x, y)
            case ("C", x1, y1, x2, y2, x, y):
                path.cubicTo(x1, y1, x2, y2, x, y)
            case _:
                path.closeSubpath()
    return path


def _draw_shape(shape: Shape, painter: QPainter, color: QColor) -> None:
    path = outline(shape.segments)
    if shape.fill is not None:
        painter.fillPath(path, _color(shape.fill, color))
    # A pen of width 0 is one pixel wide in Qt and nothing in SVG.
    if shape.pen.paint is not None and shape.pen.width > 0:
        painter.strokePath(path, _pen(shape.pen, color))


def _pen(pen: Pen, color: QColor) -> QPen:
    qpen = QPen(_color(pen.paint or CURRENT, color), pen.width)
    qpen.setCapStyle(Qt.PenCapStyle.RoundCap if pen.round_ends else Qt.PenCapStyle.FlatCap)
    qpen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    if any(pen.dashes):
        # Qt counts dashes in widths of the pen, and takes no dash of length 0.
        qpen.setDashPattern([max(length / pen.width, 0.001) for length in pen.dashes])
    return qpen


def _draw_label(label: Label, painter: QPainter, color: QColor) -> None:
    font = QFont()
    font.setFamilies([name.strip(" '\"") for name in label.family.split(",") if name.strip()])
    font.setStyleHint(QFont.StyleHint.Monospace if "mono" in label.family else QFont.StyleHint.Serif)
    # Set at 100 px and scaled: font sizes are whole pixels, hinting would move the letters.
    font.setPixelSize(100)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setBold(label.bold)
    font.setItalic(label.italic)
    painter.scale(label.size / 100, label.size / 100)
    path = QPainterPath()
    path.addText(0, 0, font, label.text)
    if label.fill is not None:
        painter.fillPath(path, _color(label.fill, color))


def _color(paint_: str, current: QColor) -> QColor:
    """A paint of the drawing; a name that Qt does not know falls back to the text's color."""
    color = current if paint_ == CURRENT else QColor.fromString(paint_)
    return color if color.isValid() else current


def _transform(matrix: Matrix) -> QTransform:
    return QTransform(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)


def _whole(length: float) -> int:
    return max(1, math.ceil(length))
