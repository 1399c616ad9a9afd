"""What a reading leaves out."""

from dataclasses import replace

import numpy as np
import pytest

from scipix.datatypes import Box, Symbol
from scipix.recognize.coverage import unread
from scipix.recognize.preprocess import Prepared

SCALE, OFFSET = 0.5, (10.0, 20.0)
PLACES = [(20 + 40 * i, 30) for i in range(8)]  # of letters, in network pixels


def part(*marks: tuple[int, int, int, int]) -> Prepared:
    """Letters of 12 x 17 pixels at PLACES; marks: left, top, width, height of other ink."""
    ink = np.zeros((96, 384), np.float32)
    for x, y in PLACES:
        ink[y : y + 17, x : x + 12] = 1
    for x, y, width, height in marks:
        ink[y : y + height, x : x + width] = 1
    return Prepared(ink, SCALE, OFFSET)


def symbol(x: float, y: float, width: float = 12, height: float = 17) -> Symbol:
    """At a place of the network's input."""
    left, top = x / SCALE + OFFSET[0], y / SCALE + OFFSET[1]
    return Symbol("x", Box(left, top, left + width / SCALE, top + height / SCALE), 0.9)


def test_nothing_is_left_out_where_each_letter_has_a_box() -> None:
    assert unread([symbol(*place) for place in PLACES], part()) == ()


def test_boxes_may_be_off_a_little() -> None:
    assert unread([symbol(x + 7, y - 5) for x, y in PLACES], part()) == ()


def test_letters_that_no_symbol_stands_for_are_told_with_their_places() -> None:
    left = unread([symbol(*place) for place in PLACES[:5]], part())
    assert [box.left for box in left] == [x / SCALE + OFFSET[0] for x, _ in PLACES[5:]]
    assert [box.bottom for box in left] == [47 / SCALE + OFFSET[1]] * 3


def test_one_letter_amid_the_others_is_no_proof() -> None:
    assert unread([symbol(*place) for i, place in enumerate(PLACES) if i != 2], part()) == ()


def test_two_letters_amid_the_others_are_one_where_they_stand_apart() -> None:
    symbols = [symbol(*place) for i, place in enumerate(PLACES) if i not in (2, 5)]
    assert [box.left for box in unread(symbols, part())] == [PLACES[i][0] / SCALE + OFFSET[0] for i in (2, 5)]
    wide = [symbol(x, y, 44) if i in (1, 4) else symbol(x, y) for i, (x, y) in enumerate(PLACES) if i not in (2, 5)]
    assert unread(wide, part()) == ()  # the boxes beside them may be off


@pytest.mark.parametrize("which", [0, 7])
def test_a_letter_at_an_end_is_one(which: int) -> None:
    left = unread([symbol(*place) for i, place in enumerate(PLACES) if i != which], part())
    assert [box.left for box in left] == [PLACES[which][0] / SCALE + OFFSET[0]]


def test_a_letter_over_or_under_all_others_is_one() -> None:
    symbols = [symbol(*place) for place in PLACES]
    assert len(unread(symbols, part((140, 70, 12, 17)))) == 1
    assert unread(symbols, part((140, 48, 12, 17))) == ()  # its box may be off
    assert len(unread(symbols, part((140, 50, 12, 17), (180, 50, 12, 17)))) == 2
    assert unread(symbols, part((140, 46, 12, 17), (180, 46, 12, 17))) == ()


def test_a_faint_letter_is_one() -> None:
    faint = part()
    faint.ink[:, 290:] *= 0.35
    assert len(unread([symbol(*place) for place in PLACES[:7]], faint)) == 1


def test_a_letter_beside_a_logo_is_no_proof() -> None:
    symbols = [symbol(*place) for place in PLACES[:7]]
    assert unread([*symbols, replace(symbols[0], latex="\\LaTeX")], part()) == ()


@pytest.mark.parametrize("size", [(4, 4), (3, 42), (80, 3), (60, 42)])
def test_dots_bars_and_large_signs_are_no_letters(size: tuple[int, int]) -> None:
    marks = [(x, 52, *size) for x in (20, 140, 260)]
    assert unread([symbol(*place) for place in PLACES], part(*marks)) == ()


def test_nothing_is_said_where_no_box_is_known() -> None:
    assert unread([Symbol("x", None, 0.9)], part()) == ()
