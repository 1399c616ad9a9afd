"""Shapes are told apart whatever the weight of their strokes."""

import numpy as np

from models.training.likeness import overlap


def letter(name: str, stroke: int) -> np.ndarray:
    """A capital of 40 x 30 pixels out of bars."""
    alpha = np.zeros((40, 30), np.uint8)
    half = stroke // 2
    bars = {
        "L": [(0, 40, 0, stroke), (40 - stroke, 40, 0, 30)],
        "E": [(0, 40, 0, stroke), (0, stroke, 0, 30), (20 - half, 20 + half, 0, 30), (40 - stroke, 40, 0, 30)],
        "F": [(0, 40, 0, stroke), (0, stroke, 0, 30), (20 - half, 20 + half, 0, 30)],
    }
    for top, bottom, left, right in bars[name]:
        alpha[top:bottom, left:right] = 255
    return alpha


def test_the_same_letter_in_heavier_strokes_is_alike():
    assert overlap(letter("E", 4), letter("E", 6)) > 0.95


def test_another_letter_of_the_same_width_is_not():
    for light, heavy in (("E", "L"), ("L", "E"), ("F", "E"), ("E", "F")):
        assert overlap(letter(light, 4), letter(heavy, 6)) < 0.9, (light, heavy)


def test_boxes_of_unequal_sides_are_compared_around_their_middles():
    heavy = np.pad(letter("F", 6), ((1, 1), (1, 1)))
    assert overlap(letter("F", 4), heavy) > 0.95
    assert overlap(letter("F", 4), np.pad(letter("F", 6), ((0, 9), (0, 0)))) < 0.9
