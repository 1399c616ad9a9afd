"""Matrices that are read row by row. Letters are 12 x 17 network pixels, the image is twice as large."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scipix.datatypes import Box, Kind, Reading, Symbol
from scipix.notation.tokens import tokenize
from scipix.recognize.choice import Choice
from scipix.recognize.look import Look
from scipix.recognize.matrices import by_rows, reread_row, rows_between_fences
from scipix.recognize.preprocess import Prepared

SCALE, OFFSET = 0.5, (4.0, 8.0)
COLUMNS, ROWS = (60, 120), (20, 60, 100)


def part(right: bool = True) -> Prepared:
    """Three rows of two letters between fences; the left one is the only one where right is False."""
    ink = np.zeros((160, 224), np.float32)
    for x in (30, 170) if right else (30,):
        ink[10:125, x : x + 8] = 1
    for y in ROWS:
        for x in COLUMNS:
            ink[y : y + 17, x : x + 12] = 1
    return Prepared(ink, SCALE, OFFSET)


def reading(latex: str, confidence: float, *boxes: tuple[str, float]) -> Reading:
    """boxes: for tokens in order, the name and the left edge of its letter in network pixels of `part`."""
    left = list(boxes)
    symbols = []
    for token in tokenize(latex):
        box = None
        if left and token == left[0][0]:
            x = left.pop(0)[1] / SCALE + OFFSET[0]
            box = Box(x, 0, x + 24, 300)  # of any row
        symbols.append(Symbol(token, box, 0.99))
    return Reading(Kind.FORMULA, latex, confidence, tuple(symbols))


def row(first: str, second: str, confidence: float = 0.95) -> Reading:
    return reading(f"{first}\\quad {second}", confidence, (first, 60), (second, 120))


def look_of(*readings: Reading):
    left = list(readings)

    def look(some: Prepared) -> Look:
        found = left.pop(0)
        return Look(found, lambda tried: found)

    return look


def test_a_rule_between_columns_is_no_fence() -> None:
    """Else what stands behind it would be left out."""
    ruled = part()
    ruled.ink[10:125, 96:98] = 1
    assert len(rows_between_fences(ruled)) == 1  # it holds the rows together
    ruled.ink[:, 150:] = 0
    assert rows_between_fences(ruled) == []
    assert len(rows_between_fences(ruled, "\\begin{vmatrix}")) == 3


def test_each_row_is_a_part_that_knows_where_it_is() -> None:
    rows = rows_between_fences(part())
    assert len(rows) == 3
    for found, y in zip(rows, ROWS, strict=True):
        lines, columns = np.flatnonzero(found.ink.any(1)), np.flatnonzero(found.ink.any(0))
        assert (len(lines), len(columns)) == (17, 24)
        assert columns[-1] + 1 - columns[0] == 72
        assert lines[0] / SCALE + found.offset[1] == y / SCALE + OFFSET[1]
        assert columns[0] / SCALE + found.offset[0] == COLUMNS[0] / SCALE + OFFSET[0]
        assert all(side % 32 == 0 for side in found.ink.shape)


def test_cases_have_one_fence() -> None:
    assert rows_between_fences(part(right=False)) == []
    assert len(rows_between_fences(part(right=False), begin="\\begin{cases}")) == 3


@pytest.mark.parametrize(("name", "right"), [("pmatrix", True), ("cases", False)])
def test_a_row_that_was_passed_over_is_read(name: str, right: bool) -> None:
    whole = reading(f"x = \\begin{{{name}}}a & b \\\\ a & b \\end{{{name}}}", 0.7)
    made = by_rows(part(right), whole, look_of(row("a", "b"), row("a", "c"), row("a", "b")), 3, 0.3)
    assert made.latex == f"x = \\begin{{{name}}} a & b \\\\ a & c \\\\ a & b \\end{{{name}}}"
    assert made.readable
    assert made.confidence == pytest.approx(0.95**3 * 0.99**4)  # x, =, \\begin and \\end
    assert made.alternatives[0].latex == whole.latex


def test_a_sure_reading_stays_unless_it_leaves_something_out() -> None:
    whole = reading("\\begin{pmatrix}a & b \\\\ a & b \\\\ a & b \\end{pmatrix}", 0.95)
    assert by_rows(part(), whole, look_of(), 3, 0.3) is whole
    lost = replace(whole, unread=(Box(0, 0, 9, 9),))
    assert by_rows(part(), lost, look_of(row("a", "b"), row("a", "b"), row("a", "b")), 3, 0.3).latex.count("\\\\") == 2


def test_a_row_is_given_up_where_it_can_no_longer_matter() -> None:
    whole = reading("\\begin{pmatrix} a & b \\\\ c & d \\\\ e & f \\end{pmatrix}", 0.4)
    leasts: list[float] = []
    rows = [row("a", "b", 0.8), row("c", "d", 0.7), row("e", "f", 0.9)]

    def look(some: Prepared) -> Look:
        leasts.append(some.least)
        return look_of(rows[len(leasts) - 1])(some)

    assert by_rows(part(), whole, look, 3, 0.5).confidence > 0.4
    outside = 0.99**2
    assert leasts == pytest.approx([0.4 / outside, 0.4 / outside / 0.8, 0.4 / outside / 0.56])


def test_rows_that_are_less_likely_than_the_whole_change_nothing() -> None:
    whole = reading("\\begin{pmatrix}a & b \\\\ a & b \\\\ a & b \\end{pmatrix}", 0.7)
    doubtful = [row("c", "d", 0.5)] * 3
    assert by_rows(part(), whole, look_of(*doubtful), 3, 0.3) is whole


def test_what_a_row_leaves_out_is_left_out_of_the_matrix() -> None:
    whole = reading("\\begin{pmatrix}a & b \\\\ a & b \\end{pmatrix}", 0.3)
    lost = replace(row("a", "b"), unread=(Box(1, 2, 3, 4),))
    made = by_rows(part(), whole, look_of(row("a", "b"), lost, row("a", "b")), 3, 0.3)
    assert (made.unread, made.readable) == (lost.unread, False)


def test_gaps_count_where_the_whole_reading_has_fewer_rows() -> None:
    """Where it has more, some of them may touch."""
    rows = [row("a", "b", 0.7), row("a", "c", 0.7), row("a", "b", 0.7)]
    for count, changed in ((2, True), (3, False), (4, False)):
        lines = " \\\\ ".join(["a & b"] * count)
        whole = reading(f"\\begin{{pmatrix}}{lines} \\end{{pmatrix}}", 0.7)
        assert (by_rows(part(), whole, look_of(*rows), 3, 0.3) is not whole) == changed


def test_of_equal_rows_as_many_as_there_are_however_sure_the_whole_reading_is() -> None:
    whole = reading("\\begin{pmatrix} a & b \\\\ a & b \\end{pmatrix}", 0.95)
    found = by_rows(part(), whole, look_of(*[row("a", "b", 0.9)] * 3), 3, 0.3)
    assert found.latex == "\\begin{pmatrix} a & b \\\\ a & b \\\\ a & b \\end{pmatrix}"


def test_only_the_one_matrix_of_a_formula_is_read_so() -> None:
    two = reading("\\begin{pmatrix}a\\end{pmatrix}\\begin{pmatrix}b\\end{pmatrix}", 0.2)
    plain = reading("\\begin{matrix}a \\\\ b \\end{matrix}", 0.2)
    behind = reading("\\begin{cases}a \\\\ b \\end{cases}c", 0.2, ("c", 120))
    for whole in (two, plain, behind):
        assert by_rows(part(), whole, look_of(), 3, 0.3) is whole


def stairs(*lefts: int) -> Prepared:
    """A letter in each row, between fences."""
    ink = part().ink.copy()
    ink[:, 45:160] = 0
    for x, y in zip(lefts, ROWS, strict=True):
        ink[y : y + 17, x : x + 12] = 1
    return Prepared(ink, SCALE, OFFSET)


def test_a_diagonal_is_no_column() -> None:
    whole = reading("\\begin{pmatrix}a \\\\ b \\\\ c \\end{pmatrix}", 0.95)
    rows = [reading(letter, 0.95, (letter, x)) for letter, x in (("a", 60), ("b", 90), ("c", 120))]
    found = by_rows(stairs(60, 90, 120), whole, look_of(*rows), 3, 0.3)
    assert found.latex == "\\begin{pmatrix} a & & \\\\ & b & \\\\ & & c \\end{pmatrix}"
    assert (
        reread_row(stairs(60, 90, 120), found, Choice(1, "d"), lambda *given: pytest.fail("it is on a diagonal"))
        is None
    )
    assert by_rows(stairs(60, 66, 60), whole, look_of(), 3, 0.3) is whole  # a column
    cases = reading("\\begin{cases}a \\\\ b \\\\ c \\end{cases}", 0.95)
    assert by_rows(stairs(60, 90, 120), cases, look_of(), 3, 0.3) is cases
    read = reading("\\begin{pmatrix}a & & \\\\ & b & \\\\ & & c \\end{pmatrix}", 0.95)
    assert by_rows(stairs(60, 90, 120), read, look_of(), 3, 0.3) is read


def test_a_choice_in_a_row_leaves_the_others() -> None:
    whole = reading("x = \\begin{pmatrix}a & b \\\\ a & b \\end{pmatrix}", 0.7)
    found = by_rows(part(), whole, look_of(row("a", "b"), row("a", "c"), row("a", "b")), 3, 0.3)
    position = next(i for i, symbol in enumerate(found.symbols) if symbol.latex == "c")
    given: list[tuple[tuple[int, ...], str, Choice]] = []

    def again(some: Prepared, old: Reading, choice: Choice) -> Reading:
        given.append((some.ink.shape, old.latex, choice))
        fixed = replace(old.symbols[2], latex="d", chosen=True)
        return replace(old, symbols=(*old.symbols[:2], fixed), confidence=0.8)

    made = reread_row(part(), found, Choice(position, "d"), again)
    assert made is not None
    assert [symbol.latex for symbol in made.symbols] == ["d" if s.latex == "c" else s.latex for s in found.symbols]
    assert [(old, choice) for _, old, choice in given] == [("a\\quad c", Choice(2, "d"))]
    assert made.confidence == pytest.approx(0.8 * 0.99**4 * 0.99**4)  # the other rows' letters, and what is outside
    assert reread_row(part(), found, Choice(0, "y"), again) is None
