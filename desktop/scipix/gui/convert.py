"""QImage to Image and back: the edge where Qt's pixels end. Exact for every opaque format of 8 bits a channel or fewer.

Transparent pixels are laid on white; 16-bit and float formats are rounded to 8 bits by Qt.
"""

from __future__ import annotations

from PySide6.QtGui import QColor, QImage, QPainter

from scipix.datatypes import Image, Origin
from scipix.errors import UnreadableImage

_INCHES_PER_METRE = 39.3700787


def to_image(picture: QImage, origin: Origin, dpi: float | None = None, name: str = "") -> Image:
    """Copy a QImage of any format into an Image: uint8 (H, W, 3) RGB, in device pixels.

    Raises UnreadableImage when the picture is null.
    """
    if picture.isNull():
        raise UnreadableImage(name or str(origin), "it is empty")
    import numpy as np  # here, so that the frozen screen does not wait for it

    opaque = _on_white(picture) if picture.hasAlphaChannel() else picture
    rgb = opaque.convertToFormat(QImage.Format.Format_RGB888)
    height, width = rgb.height(), rgb.width()
    # Rows of a QImage are padded to four bytes.
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(height, rgb.bytesPerLine())
    pixels = rows[:, : width * 3].reshape(height, width, 3).copy()
    pixels.flags.writeable = False
    return Image(pixels, dpi=dpi, origin=origin, name=name)


def _on_white(picture: QImage) -> QImage:
    ground = QImage(picture.size(), QImage.Format.Format_RGB32)
    ground.fill(QColor("white"))
    source = picture.copy()
    source.setDevicePixelRatio(1.0)
    painter = QPainter(ground)
    painter.drawImage(0, 0, source)
    painter.end()
    return ground


def to_qimage(image: Image) -> QImage:
    """Copy an Image into a QImage of format RGB888 that owns its pixels."""
    import numpy as np

    pixels = np.ascontiguousarray(image.pixels)
    height, width = pixels.shape[:2]
    picture = QImage(pixels.data, width, height, width * 3, QImage.Format.Format_RGB888).copy()
    if image.dpi:
        picture.setDotsPerMeterX(round(image.dpi * _INCHES_PER_METRE))
        picture.setDotsPerMeterY(round(image.dpi * _INCHES_PER_METRE))
    return picture
