"""Pictures come out as the conditions say, in the type that is read."""

import numpy as np

from models.training.conditions import conditions, inverted, noisy, shaded, squeezed, turned

PAPER = np.full((60, 90, 3), 255, np.uint8)


def test_every_condition_gives_a_picture():
    for name, condition in conditions(1).items():
        made = condition(PAPER)
        assert made.dtype == np.uint8, name
        assert made.ndim == 3, name
        assert made.flags.c_contiguous, name


def test_light_falls_from_corner_to_corner():
    made = shaded(PAPER, 0.5)
    assert [made[0, 0, 0], made[0, -1, 0], made[-1, 0, 0], made[-1, -1, 0]] == [255, 127, 191, 95]


def test_scans_are_gray_with_noise():
    made = noisy(PAPER, np.random.default_rng(1))
    assert 220 < made.mean() < 234
    assert 4 < made.std() < 8


def test_what_is_turned_is_larger_and_white_around():
    made = turned(inverted(PAPER), 4)
    assert made.shape[0] > 60
    assert made.shape[1] > 90
    assert made[0, 0].tolist() == [255, 255, 255]
    assert made[made.shape[0] // 2, made.shape[1] // 2].tolist() == [0, 0, 0]


def test_jpeg_loses_something_and_keeps_the_size():
    pixels = np.random.default_rng(1).integers(0, 256, (40, 50, 3), np.uint8)
    made = squeezed(pixels, 30)
    assert made.shape == pixels.shape
    assert (made != pixels).any()
