"""Scroll bars under and beside a formula are not read; its own rules stay."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from scipix.datatypes import Image
from scipix.recognize.preprocess import Prepared, prepare
from scipix.recognize.scrollbars import find_scrollbars

Box = tuple[int, int, int, int]


def snip(*boxes: Box, turned: bool = False) -> Prepared:
    """Of letters with these gray bars around them, 600 by 200 pixels."""
    canvas = Pillow.new("RGB", (600, 200), "white")
    draw = ImageDraw.Draw(canvas)
    draw.text((40, 30), "xaenz = 2rs", "black", ImageFont.load_default(60))
    for box in boxes:
        draw.rectangle(box, (130, 130, 130))
    pixels = np.asarray(canvas)
    return prepare(Image(np.ascontiguousarray(pixels.transpose(1, 0, 2)) if turned else pixels))


PLAIN, TURNED = snip(), snip(turned=True)
BAR = (20, 188, 570, 196)
ARROWS = ((4, 190, 9, 194), (590, 190, 595, 194))


@pytest.mark.parametrize("boxes", [[BAR], [BAR, *ARROWS], [(60, 190, 420, 199)]])
def test_a_scroll_bar_is_not_ink(boxes: list[Box]) -> None:
    for found, plain in ((snip(*boxes), PLAIN), (snip(*boxes, turned=True), TURNED)):
        assert found.scale == pytest.approx(plain.scale)
        np.testing.assert_allclose(found.ink, plain.ink, atol=0.15)


@pytest.mark.parametrize(
    "box",
    [(30, 100, 420, 104), (20, 112, 570, 118), (180, 190, 230, 196), (20, 2, 570, 8), (20, 170, 570, 198)],
    ids=["underline", "close", "short", "above", "thick"],
)
def test_what_may_be_written_stays(box: Box) -> None:
    assert snip(box).ink.shape != PLAIN.ink.shape


def test_a_bar_alone_is_what_is_written() -> None:
    assert find_scrollbars(np.array([BAR]), (600, 200), 20.0) == []
    assert find_scrollbars(np.array([BAR, (40, 30, 80, 60)]), (600, 200), 20.0) == [(0, 183, 600, 201)]


@pytest.mark.parametrize(("bottom", "found"), [(152, 1), (154, 0), (192, 0)])
def test_a_rule_with_something_close_to_it_is_of_the_formula(bottom: int, found: int) -> None:
    """It lies from 183 on, with its margin; what is less than 30 pixels away belongs to it."""
    parts = np.array([BAR, (40, 30, 80, 60), (100, 100, 130, bottom)])
    assert len(find_scrollbars(parts, (600, 200), 20.0)) == found
