import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from scipix.datatypes import Image, Origin
from scipix.errors import UnreadableImage
from scipix.gui.convert import to_image, to_qimage

FORMATS = [item for item in QImage.Format if item.name not in {"Format_Invalid", "NImageFormats"}]
# Formats that hold the three test colors exactly; the others keep them within a rounding step.
COARSE = {"Format_Mono", "Format_MonoLSB", "Format_Grayscale8", "Format_Grayscale16", "Format_Alpha8"}


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("width", [1, 2, 3, 5, 64])
def test_there_and_back_is_exact_for_any_row_padding(width):
    image = Image(noise(4, width), dpi=144.0)
    back = to_image(to_qimage(image), Origin.SCREEN, dpi=144.0, name="screen")
    assert np.array_equal(back.pixels, image.pixels)
    assert (back.dpi, back.origin, back.name) == (144.0, Origin.SCREEN, "screen")
    assert back.pixels.flags.c_contiguous
    assert not back.pixels.flags.writeable


@pytest.mark.parametrize("picture_format", FORMATS, ids=lambda item: item.name)
def test_every_format_of_qt_is_read(picture_format):
    source = QImage(5, 2, QImage.Format.Format_RGB32)
    source.fill(QColor(255, 0, 0))
    source.setPixelColor(4, 1, QColor(0, 0, 255))
    pixels = to_image(source.convertToFormat(picture_format), Origin.CLIPBOARD).pixels
    assert pixels.shape == (2, 5, 3)
    if picture_format.name not in COARSE:
        assert np.abs(pixels[0, 0].astype(int) - [255, 0, 0]).max() <= 8
        assert np.abs(pixels[1, 4].astype(int) - [0, 0, 255]).max() <= 8


def test_transparency_is_laid_on_white_even_on_a_dense_screen():
    picture = QImage(2, 1, QImage.Format.Format_ARGB32)
    picture.fill(QColor(0, 0, 0, 0))
    picture.setPixelColor(1, 0, QColor(0, 0, 0, 255))
    picture.setDevicePixelRatio(2.0)
    assert to_image(picture, Origin.CLIPBOARD).pixels.tolist() == [[[255, 255, 255], [0, 0, 0]]]


def test_the_copy_owns_its_pixels():
    pixels = noise(3, 3)
    picture = to_qimage(Image(pixels.copy()))
    pixels[:] = 0
    assert np.array_equal(to_image(picture, Origin.FILE).pixels, noise(3, 3))


def test_a_null_picture_is_an_unreadable_image():
    with pytest.raises(UnreadableImage, match="clipboard"):
        to_image(QImage(), Origin.CLIPBOARD, name="clipboard")
