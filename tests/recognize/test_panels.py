"""Colored boxes behind writing, drawn with Pillow."""

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from scipix.datatypes import Image
from scipix.recognize.preprocess import prepare

FONT = ImageFont.load_default(26)
TEAL, RED, NAVY = (0, 128, 128), (255, 0, 0), (10, 20, 90)


def drawn(boxes, writing=(0, 0, 0), size=(200, 60), frame=None):
    """ "a B c" with boxes behind, given as (left, top, right, bottom, color)."""
    picture = Pillow.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    for *box, color in boxes:
        draw.rectangle(box, fill=color, outline=frame, width=2 if frame else 0)
    for x, letter, color in ((10, "a", (0, 0, 0)), (70, "B", writing), (130, "c", (0, 0, 0))):
        draw.text((x, 14), letter, fill=color, font=FONT)
    return np.asarray(picture)


def ink(pixels):
    return prepare(Image(np.ascontiguousarray(pixels))).ink


PLAIN = ink(drawn([]))


def alike(found, wanted) -> bool:
    rows, columns = max(found.shape[0], wanted.shape[0]), max(found.shape[1], wanted.shape[1])
    both = np.zeros((2, rows, columns))
    both[0, : found.shape[0], : found.shape[1]] = found
    both[1, : wanted.shape[0], : wanted.shape[1]] = wanted
    return float(np.abs(both[0] - both[1]).mean()) < 0.01


@pytest.mark.parametrize(
    ("color", "writing"),
    [(TEAL, (0, 0, 0)), (NAVY, (255, 255, 255)), ((255, 240, 60), (0, 0, 0)), (RED, (255, 255, 0))],
)
def test_what_stands_on_a_box_is_read_as_on_paper(color, writing):
    assert alike(ink(drawn([(60, 8, 100, 52, color)], writing)), PLAIN)


def test_boxes_that_touch():
    touching = drawn([(4, 8, 59, 52, TEAL), (60, 4, 104, 56, RED)])
    assert alike(ink(touching), PLAIN)


def test_a_frame_stays():
    framed, plain = (ink(drawn([(60, 8, 100, 52, color)], frame=(0, 0, 0))) for color in (TEAL, (255, 255, 255)))
    assert alike(framed, plain)
    assert not alike(framed, PLAIN)


def test_shadows_and_lossy_pictures_change_a_color_a_little():
    pixels = drawn([(60, 8, 100, 52, TEAL)]).astype(int)
    pixels[8:53, 60:101] += (
        np.random.default_rng(1).integers(-6, 7, (45, 41, 1)) + np.linspace(0, 20, 41, dtype=int)[:, None]
    )
    assert alike(ink(np.uint8(np.clip(pixels, 0, 255))), PLAIN)


def test_squares_and_stairs_are_signs():
    black = (0, 0, 0)
    square = ink(drawn([(60, 8, 100, 52, black)]))
    stairs = ink(drawn([(60, 22, 80, 52, black), (80, 8, 100, 38, black), (100, 22, 120, 52, black)]))
    assert square.max() == 1.0
    assert (square > 0.9).mean() > 0.1
    assert not alike(square, PLAIN)
    assert not alike(stairs, PLAIN)
    assert (stairs > 0.9).mean() > 0.1  # not paper with white steps written on it
