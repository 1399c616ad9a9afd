import io

import PIL.Image
import pytest

from scipix.cli.selftest import PREVIEW, preview_is_drawn
from scipix.errors import InvalidLatex
from scipix.gui.selftest import paint


def test_the_preview_is_painted_black_on_white(qapp):
    assert "of ink" in preview_is_drawn(paint)
    picture = PIL.Image.open(io.BytesIO(paint(PREVIEW))).convert("L")
    assert picture.getpixel((0, 0)) == 255
    assert picture.getextrema()[0] < 40


def test_latex_that_is_wrong_is_not_painted(qapp):
    with pytest.raises(InvalidLatex):
        paint(r"\frac{1")
