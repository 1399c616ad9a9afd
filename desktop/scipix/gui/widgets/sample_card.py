"""The sample formula, in the colors of the theme."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from scipix.gui.theme import Theme


class SampleCard(QFrame):
    """A card with the formula of a picture; what is read is the picture as it is."""

    def __init__(
        self, theme: Theme, sample: QPixmap, most: QSize, margins: tuple[int, int], parent: QWidget | None = None
    ) -> None:
        """sample: dark on light. most: logical pixels that it may take. margins: around it, across and down."""
        super().__init__(parent)
        self.setObjectName("card")
        ratio = self.devicePixelRatioF()
        mode = Qt.TransformationMode.SmoothTransformation
        self._sample = sample.scaled(most * ratio, Qt.AspectRatioMode.KeepAspectRatio, mode).toImage()
        self._sample.setDevicePixelRatio(ratio)
        self._picture = QLabel()
        self._picture.setAccessibleName("A sample formula")
        across, down = margins
        inside = QVBoxLayout(self)
        inside.setContentsMargins(across, down, across, down)
        inside.addWidget(self._picture)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self._picture.setPixmap(QPixmap.fromImage(in_ink(self._sample, theme.color("text"))))


def in_ink(picture: QImage, color: QColor) -> QImage:
    """A dark-on-light picture in ink of a color, on nothing."""
    ink = picture.convertToFormat(QImage.Format.Format_Grayscale8)
    ink.invertPixels()
    ink.reinterpretAsFormat(QImage.Format.Format_Alpha8)
    found = QImage(picture.size(), QImage.Format.Format_ARGB32_Premultiplied)
    found.setDevicePixelRatio(picture.devicePixelRatio())
    found.fill(color)
    painter = QPainter(found)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
    painter.drawImage(0, 0, ink)
    painter.end()
    return found
