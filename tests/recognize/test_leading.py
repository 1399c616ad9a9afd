"""Rows of arrays stand nearer than those of displays. Sizes are those of Computer Modern: an em is 20 pixels."""

from __future__ import annotations

import numpy as np
import pytest

from scipix.datatypes import Box, Symbol
from scipix.recognize.cells import Line
from scipix.recognize.leading import is_tight

EM = 20


def line(text: str, base: float, em: float = EM) -> Line:
    """Letters in a row on that base line."""
    symbols = []
    for place, char in enumerate(text):
        height = em * (1.0 if char in "()[]|" else 0.67 if char.isdigit() or char.isupper() else 0.43)
        bottom = base + (0.25 * em if char in "()[]|" else 0)
        symbols.append(Symbol(char, Box(10 * place, round(bottom - height), 10 * place + 8, round(bottom)), 0.9))
    return Line(tuple(symbols), np.array([(symbol.box.left, symbol.box.right) for symbol in symbols if symbol.box]))


@pytest.mark.parametrize(("pitch", "tight"), [(1.2, True), (1.25, True), (1.5, False), (1.7, False)])
def test_distance_of_lines(pitch: float, tight: bool) -> None:
    assert is_tight([line("a(1)B", 20), line("c2D", 20 + pitch * EM), line("3+4", 20 + 2 * pitch * EM)]) is tight


def test_letters_of_another_size_stand_as_far_apart() -> None:
    assert is_tight([line("12A", 20), line("34B", 20 + 1.2 * EM, 0.7 * EM), line("56C", 20 + 2.4 * EM, 0.5 * EM)])


def test_high_lines_say_nothing() -> None:
    high = Line((*line("12", 50).symbols, Symbol("\\int", Box(40, 10, 50, 80), 0.9)), line("12", 50).spans)
    assert is_tight([line("12", 20), high]) is None


def test_letters_of_no_known_size_say_nothing() -> None:
    assert is_tight([line("xyz", 20), line("abc", 44)]) is None
    assert is_tight([line("12", 20), line("+", 44)]) is None
