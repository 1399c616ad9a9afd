"""Tokens as symbols."""

from __future__ import annotations

import numpy as np
import pytest

from scipix.datatypes import Alternative, Box, Symbol
from scipix.recognize.symbols import draws, make_symbols


@pytest.mark.parametrize(
    "token", ["x", "+", "\\alpha", "\\frac", "\\sqrt", "\\hat", "(", "\\{", "\\rightarrow", "\\sin"]
)
def test_draws(token: str) -> None:
    assert draws(token)


@pytest.mark.parametrize(
    "token",
    [
        "{",
        "}",
        "^",
        "_",
        "&",
        "\\\\",
        "\\begin{cases}",
        "\\end{cases}",
        "\\left",
        "\\mathrm",
        "\\text",
        "\\,",
        " ",
        "\\limits",
    ],
)
def test_draws_nothing(token: str) -> None:
    assert not draws(token)


def boxes_of(tokens: list[str], boxes: list[list[float]]) -> list[Box | None]:
    array = np.array(boxes, dtype=np.float32)
    found = make_symbols(tokens, [0.5] * len(tokens), array, 2.0, (10.0, -3.0), (40, 20))
    assert [symbol.latex for symbol in found] == tokens
    return [symbol.box for symbol in found]


def test_boxes_are_in_pixels_of_the_image_and_cut_to_it() -> None:
    inside, cut = boxes_of(["x", "y"], [[4, 8, 8, 16], [0, 0, 80, 80]])
    assert inside == Box(12, 1, 14, 5)
    assert cut == Box(10, 0, 40, 20)


def test_no_box_for_what_draws_nothing_or_lies_outside_or_is_unknown() -> None:
    here, nan = [4, 8, 8, 16], [np.nan] * 4
    assert boxes_of(["{", "x", "x"], [here, nan, [0, 0, 2, 4]]) == [None, None, None]
    assert boxes_of(["\\left", ".", ".", "\\right", ")"], [here] * 5) == [
        None,
        None,
        Box(12, 1, 14, 5),
        None,
        Box(12, 1, 14, 5),
    ]


def test_others_and_choices_stay_with_their_token() -> None:
    array = np.full((2, 4), np.nan, dtype=np.float32)
    other = (Alternative("y", 0.2),)
    found = make_symbols(["x", "2"], [1.0, 0.5], array, 1.0, (0.0, 0.0), (9, 9), [(), other], frozenset([0]))
    assert found == (Symbol("x", None, 1.0, (), True), Symbol("2", None, 0.5, other))
