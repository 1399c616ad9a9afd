"""Conditions below one another. Letters are 12 x 17 pixels, a unit is 17; those of conditions are 9 x 12."""

from __future__ import annotations

import numpy as np
import pytest

from scipix.datatypes import Box, Kind, Reading, Symbol
from scipix.notation.tokens import detokenize
from scipix.recognize.look import Look
from scipix.recognize.preprocess import Prepared
from scipix.recognize.substacks import completed, gathered

UNIT = 17.0
FIRST, SECOND, THIRD = 60, 78, 96  # where conditions begin, from above


def letters(text: str, x: float, y: float, width: float = 9, height: float = 12) -> list[Symbol]:
    """Tokens beside one another; what draws nothing has no box."""
    made = []
    for token in text.split():
        box = None if token in ("{", "}", "_", "\\\\", "&") else Box(x, y, x + width, y + height)
        made.append(Symbol(token, box, 0.95))
        x += (width + 3) * (box is not None)
    return made


def summed(limit: list[Symbol], operator: str = "\\sum") -> list[Symbol]:
    """A sum over that, and a letter behind it."""
    sign = Symbol(operator, Box(20, 20, 56, 54), 0.95)
    return [sign, *letters("_ {", 0, 0), *limit, *letters("}", 0, 0), *letters("a", 70, 30, 12, 17)]


def reading(symbols: list[Symbol], confidence: float = 0.24, unread: tuple[Box, ...] = ()) -> Reading:
    latex = detokenize(symbol.latex for symbol in symbols)
    return Reading(Kind.FORMULA, latex, confidence, tuple(symbols), readable=not unread, unread=unread)


def drawn(*groups: list[Symbol]) -> Prepared:
    ink = np.zeros((128, 256), np.float32)
    for symbol in (symbol for group in groups for symbol in group if symbol.box):
        box = symbol.box
        assert box is not None
        ink[int(box.top) : int(box.bottom), int(box.left) : int(box.right)] = 1
    return Prepared(ink, 1.0, (0.0, 0.0))


def looking(text: str, confidence: float, seen: list[Prepared], x: float = 20, y: float = SECOND):
    """A look that reads that there."""

    def look(part: Prepared) -> Look:
        seen.append(part)
        made = reading(letters(text, x, y), confidence)
        return Look(made, lambda tried: made)

    return look


def boxes(symbols: list[Symbol]) -> tuple[Box, ...]:
    return tuple(symbol.box for symbol in symbols if symbol.box)


def test_a_condition_that_was_left_out_is_read_alone_and_put_below() -> None:
    known, more = summed(letters("i < n", 20, FIRST)), letters("j < m", 20, SECOND)
    seen: list[Prepared] = []
    given = reading(known, 0.24, boxes(more))
    found = completed(drawn(known, more), given, looking("j < m", 0.9, seen), 0.335)
    assert found.latex == "\\sum_{\\substack{i < n \\\\ j < m}}a"
    assert found.confidence == pytest.approx(0.24 / 0.3 * 0.9)
    assert found.readable
    assert found.unread == ()
    assert [symbol.box for symbol in found.symbols if symbol.latex == "j"] == [more[0].box]
    assert all(part.ink.shape[0] < 96 and part.ink.shape[1] < 128 for part in seen)
    assert seen[0].scale == pytest.approx(17 / 12)  # as large as letters are read best
    assert seen[1].scale > seen[0].scale


def test_a_sign_beside_the_letters_left_out_belongs_to_them_and_what_has_a_box_does_not() -> None:
    known, more = summed(letters("i < n", 20, FIRST)), letters("j < m", 20, SECOND)
    known += letters("b", 66, SECOND)
    seen: list[Prepared] = []
    completed(drawn(known, more), reading(known, 0.24, boxes(more)[:2]), looking("j < m", 0.9, seen), 0.335)
    inked = np.flatnonzero((seen[0].ink > 0.5).any(0)) / seen[0].scale
    assert inked[-1] - inked[0] == pytest.approx(32, abs=2)  # three letters


@pytest.mark.parametrize(
    ("text", "confidence", "y"), [("j < m", 0.2, SECOND), ("j <", 0.9, SECOND), ("\\begin{matrix} j < m", 0.9, SECOND)]
)
def test_what_is_read_badly_or_in_part_changes_nothing(text: str, confidence: float, y: float) -> None:
    known, more = summed(letters("i < n", 20, FIRST)), letters("j < m", 20, SECOND)
    given = reading(known, 0.24, boxes(more))
    assert completed(drawn(known, more), given, looking(text, confidence, [], y=y), 0.335) is given


@pytest.mark.parametrize(("x", "y"), [(20, 130 - 12), (120, SECOND), (20, 5)])
def test_letters_elsewhere_are_no_condition(x: float, y: float) -> None:
    known, more = summed(letters("i < n", 20, FIRST)), letters("j < m", x, y)
    seen: list[Prepared] = []
    given = reading(known, 0.24, boxes(more))
    assert completed(drawn(known, more), given, looking("j < m", 0.9, seen), 0.335) is given
    assert seen == []


def test_letters_below_an_index_are_no_condition() -> None:
    known, more = summed(letters("i < n", 20, FIRST), "x"), letters("j < m", 20, SECOND)
    given = reading(known, 0.24, boxes(more))
    assert completed(drawn(known, more), given, looking("j < m", 0.9, []), 0.335) is given


@pytest.mark.parametrize(("height", "taken"), [(18, True), (22, False)])
def test_some_letters_of_what_is_left_out_are_high(height: float, taken: bool) -> None:
    known, more = summed(letters("i < n", 20, FIRST)), letters("j < m", 20, SECOND, height=height)
    given = reading(known, 0.24, boxes(more))
    found = completed(drawn(known, more), given, looking("j < m", 0.9, []), 0.335)
    assert (found.latex != given.latex) is taken


def test_boxes_without_a_height_are_nothing_to_compare_with() -> None:
    known, more = summed(letters("i < n", 20, FIRST, height=0)), letters("j < m", 20, SECOND)
    given = reading(known, 0.24, boxes(more))
    assert completed(drawn(more), given, looking("j < m", 0.9, []), 0.335) is given


def test_nothing_is_looked_at_where_nothing_is_left_out() -> None:
    given = reading(summed(letters("i < n", 20, FIRST)), 0.9)
    assert completed(drawn(), given, looking("j", 0.9, []), 0.335) is given


def rows(*each: list[Symbol]) -> Reading:
    symbols = [Symbol("\\begin{gathered}", None, 0.9)]
    for index, row in enumerate(each):
        symbols += [Symbol("\\\\", None, 0.9)] if index else []
        symbols += row
    return reading([*symbols, Symbol("\\end{gathered}", None, 0.9)], 0.7)


def test_lines_of_conditions_are_put_below_their_operator() -> None:
    first = summed(letters("i < n", 20, FIRST))
    assert gathered(rows(first, letters("j < m", 20, SECOND)), UNIT).latex == "\\sum_{\\substack{i < n \\\\ j < m}}a"
    found = gathered(rows(first, letters("j < m", 20, SECOND), letters("k", 30, THIRD)), UNIT)
    assert found.latex == "\\sum_{\\substack{i < n \\\\ j < m \\\\ k}}a"
    found = gathered(rows(first, letters("j < m", 20, SECOND), letters("b c", 20, 140, 12, 17)), UNIT)
    assert found.latex == "\\begin{gathered} \\sum_{\\substack{i < n \\\\ j < m}}a \\\\ bc \\end{gathered}"
    assert found.confidence == 0.7


def test_other_lines_stay() -> None:
    first = summed(letters("i < n", 20, FIRST))
    for second in (letters("j < m", 20, SECOND, 14, 19), letters("j < m", 20, 120), letters("j & m", 20, SECOND)):
        given = rows(first, second)
        assert gathered(given, UNIT) is given
    alone = reading(first)
    assert gathered(alone, UNIT) is alone


def limited(
    *row: Symbol, y: float = 58, x: float = 22, size: tuple[float, float] = (9, 12), operator: str = "\\max"
) -> str:
    """A row of an operator and a letter, one of letters below it, and another line."""
    sign = Symbol(operator, Box(20, 37, 56, 54), 0.95)
    first = [sign, *row, *letters("a", 70, 37, 12, 17)]
    given = rows(first, letters("n", x, y, *size), letters("b c", 20, 140, 12, 17))
    return gathered(given, UNIT).latex


def test_a_line_that_is_the_limit_of_an_operator_is_put_below_it() -> None:
    assert limited() == "\\begin{gathered} \\max_{n}a \\\\ bc \\end{gathered}"
    for other in (
        limited(y=74),  # a line of its own
        limited(x=70),  # below the letter
        limited(size=(12, 17)),
        limited(operator="\\int"),
        limited(operator="x"),
    ):
        assert other.count("\\\\") == 2
    assert "_{n}" not in limited(*letters("_ { k }", 24, 56))
