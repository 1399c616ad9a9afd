"""Colors, sizes and the font that all parts of an overlay share."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QPainter, QPen

BORDER = 1.5
TEXT = QColor(245, 247, 250)
QUIET_TEXT = QColor(176, 182, 193)
_TEXT_PIXELS = 13
_PANEL = QColor(22, 24, 29, 246)
_PANEL_EDGE = QColor(255, 255, 255, 46)


def shade(dim: float) -> QColor:
    """What is laid over all that is outside of the box; dim: 0..1."""
    return QColor(8, 10, 14, round(255 * dim))


def font(weight: QFont.Weight = QFont.Weight.Medium) -> QFont:
    """Of every text."""
    made = QFont()
    made.setPixelSize(_TEXT_PIXELS)
    made.setWeight(weight)
    # Digits of one width: the label must not tremble while the box grows.
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def paint_panel(painter: QPainter, rect: QRectF, radius: float) -> None:
    """The dark ground of a text."""
    painter.setPen(QPen(_PANEL_EDGE, 1))
    painter.setBrush(_PANEL)
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
