"""What fits into a picture."""

from __future__ import annotations

import numpy as np
import pytest

from scipix.recognize.room import room


def squares(count: int) -> np.ndarray:
    """That many letters of network size in a row."""
    ink = np.zeros((32, 16 * count + 16), dtype=np.float32)
    for i in range(count):
        ink[10:22, 8 + 16 * i : 18 + 16 * i] = 1
    return ink


@pytest.mark.parametrize("count", [1, 5, 20, 60])
def test_true_formulas_fit(count: int) -> None:
    """As many letters, and half of them roman subscripts: x _ { \\mathrm { y } }."""
    found = room(squares(count))
    assert found.tokens >= 8 * count // 2
    assert found.drawn >= count + 20


def test_few_marks_hold_few_tokens() -> None:
    assert room(squares(3)).tokens < 60
    assert room(squares(3)).drawn < 40
    assert room(squares(40)).tokens > 2 * room(squares(3)).tokens


def test_letters_that_touch_count_by_their_ink() -> None:
    ink = np.zeros((32, 640), dtype=np.float32)
    ink[10:22, 8:632] = 1  # some 60 letters that run into one another
    assert room(ink).drawn >= 30
    assert room(ink).tokens >= 80


def test_blank_paper_and_sides_that_are_no_multiples_of_a_cell() -> None:
    assert room(np.zeros((33, 45), dtype=np.float32)).tokens == 26
    ink = np.zeros((33, 45), dtype=np.float32)
    ink[32, 44] = 1
    assert room(ink).tokens > 26
