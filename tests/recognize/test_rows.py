"""Which parts of a picture are lines of their own: boxes of components in, lines out. Lengths are letters' heights."""

from __future__ import annotations

import numpy as np
import pytest

from scipix.datatypes import Image
from scipix.recognize.preprocess import LARGEST, prepare
from scipix.recognize.rows import find_bands
from scipix.recognize.scale import TARGET_HEIGHT


def word(left: float, top: float, count: int = 4, height: float = 1.0) -> list[list[float]]:
    """Letters beside one another."""
    return [[left + 0.8 * height * i, top, left + 0.8 * height * i + 0.6 * height, top + height] for i in range(count)]


def tops(*groups: list[list[float]]) -> list[float]:
    return [band.top for band in find_bands(np.array([box for group in groups for box in group]))]


def test_lines() -> None:
    assert tops(word(0, 0), word(1, 2), word(0, 4.2)) == [0, 2, 4.2]
    first, second = find_bands(np.array(word(0, 0) + word(1, 2)))
    assert (first.bottom, second.bottom, second.gap) == (1.0, 3.0, 1.0)
    assert first.gap == np.inf


def test_one_line() -> None:
    assert tops(word(0, 0)) == [0]
    assert tops([[0, 0, 0.3, 3.0]], word(1, 0), word(1, 2)) == [0]  # a delimiter beside two of them


@pytest.mark.parametrize("gap", [0.2, 0.5, 0.9])
def test_a_fraction_stays_whole(gap: float) -> None:
    bar = [[2.0, 1.0 + gap, 6.0, 1.1 + gap]]
    equals = [[0.0, 0.9 + gap, 1.0, 1.0 + gap], [0.0, 1.2 + gap, 1.0, 1.3 + gap]]
    assert tops(word(2.2, 0), bar, equals, word(2.5, 1.1 + 2 * gap)) == [0]


def test_the_strokes_of_relations_are_no_bars() -> None:
    signs = [[3.0, 0.0, 4.0, 0.8], [3.0, 0.9, 4.0, 1.0], [3.0, 2.0, 4.0, 2.8], [3.0, 2.9, 4.0, 3.0]]
    assert tops(word(0, 0, 3), signs[:2], word(0, 2, 3), signs[2:]) == [0, 2]


def test_a_line_above_a_fraction_is_none_of_its_parts() -> None:
    """Lines are 0.4 em apart where they would touch, which is less than a numerator's height."""
    bar = [[2.0, 2.7, 6.0, 2.8]]
    assert tops(word(0, 0, 9), word(2.2, 1.5), bar, word(2.5, 3.0), word(0, 4.5, 9)) == [0, 1.5, 4.5]


def test_a_minus_between_lines_is_no_bar() -> None:
    minus = [[1.0, 2.5, 2.0, 2.6]]
    assert tops(word(0, 0), word(2.2, 2), minus, word(0, 4)) == [0, 2, 4]


@pytest.mark.parametrize("gap", [0.25, 0.6])
def test_limits_stay_with_their_sum(gap: float) -> None:
    total = [[0.0, 0.0, 1.8, 2.2]]
    under, over = word(0.2, 2.2 + gap, 2, 0.7), word(0.4, -0.7 - gap, 2, 0.7)
    assert tops(total, word(2.5, 0.6), under, over) == [-0.7 - gap]


def test_conditions_stay_with_their_operator() -> None:
    assert tops(word(0, 0), word(4, 0), word(0.5, 1.3, 3, 0.7)) == [0]


def test_two_rows_of_conditions_stay_with_their_sum() -> None:
    total = [[0.0, 0.0, 1.8, 2.2]]
    under = word(0.2, 2.5, 2, 0.7), word(0.1, 3.4, 3, 0.7)
    assert tops(total, word(2.5, 0.6, 6), *under) == [0]


@pytest.mark.parametrize("height", [0.3, 0.8])
def test_a_brace_stays_with_its_label(height: float) -> None:
    brace = [[0.0, 1.3, 4.0, 1.3 + height]]
    assert tops(word(0, 0, 5), brace, word(1.7, 1.3 + height + 0.4, 1, 0.7)) == [0]


def test_accents_and_dots_stay_with_their_letters() -> None:
    accents = [[0.1, -0.5, 0.5, -0.2], [1.7, -0.5, 2.1, -0.2]]
    assert tops(accents, word(0, 0)) == [-0.5]
    assert tops([[0.2, -0.4, 0.35, -0.25]], word(0, 0, 1), word(0, 2)) == [-0.4, 2]


def picture(rows: int, pitch: int = 26) -> Image:
    """Lines of rings, 12 pixels high."""
    pixels = np.full((60 + rows * pitch, 300, 3), 255, np.uint8)
    for row in range(rows):
        for left in range(20 + 7 * (row % 2), 260, 22):
            top = 30 + row * pitch
            pixels[top : top + 12, left : left + 9] = 0
            pixels[top + 2 : top + 10, left + 2 : left + 7] = 255
    return Image(pixels)


def test_lines_of_a_picture_have_its_scale_and_places() -> None:
    prepared = prepare(picture(3))
    lines = prepared.lines
    assert lines is not None
    assert (len(lines.each), lines.fits, lines.unit) == (3, True, pytest.approx(12))
    assert lines.gap == pytest.approx(14 / 12)
    for row, line in enumerate(lines.each):
        assert line.scale == prepared.scale == pytest.approx(TARGET_HEIGHT / 12)
        margin = 6 / line.scale
        assert line.offset == pytest.approx((20 + 7 * (row % 2) - margin, 30 + 26 * row - margin))
        assert line.lines is None
        rows = np.flatnonzero((line.ink > 0.4).any(1))
        assert rows[-1] - rows[0] + 1 == pytest.approx(TARGET_HEIGHT, abs=2)


def test_lines_keep_the_scale_that_the_whole_picture_has_no_room_for() -> None:
    prepared = prepare(picture(30))
    lines = prepared.lines
    assert lines is not None
    assert prepared.ink.shape[0] <= LARGEST[0]
    assert not lines.fits
    assert all(line.scale == pytest.approx(TARGET_HEIGHT / 12) for line in lines.each)
    assert prepared.scale < 0.7 * TARGET_HEIGHT / 12


def test_a_picture_of_one_line_has_no_lines() -> None:
    assert prepare(picture(1)).lines is None
