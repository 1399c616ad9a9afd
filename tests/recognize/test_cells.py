"""Tokens of a line, and the cells they are cut into."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scipix.datatypes import Box, Symbol
from scipix.recognize.cells import (
    Line,
    bare,
    count_columns,
    count_rows,
    cut,
    in_columns,
    levels,
    marginal,
    without_tag,
    wrapped,
)  # fmt: skip
from scipix.recognize.symbols import draws


def tokens(text: str, left: float = 0.0) -> tuple[Symbol, ...]:
    """Ten pixels for each token that draws; one written x@50 stands at 50."""
    made, place = [], left
    for part in text.split():
        token, _, at = part.partition("@")
        place = float(at) if at else place
        box = Box(place, 0.0, place + 8, 10.0) if draws(token) else None
        made.append(Symbol(token, box, 0.9))
        place += 10 if box else 0
    return tuple(made)


def line(text: str, left: float = 0.0) -> Line:
    symbols = tokens(text, left)
    return Line(symbols, np.array([(symbol.box.left, symbol.box.right) for symbol in symbols if symbol.box]))


def texts(symbols) -> str:
    return " ".join(symbol.latex for symbol in symbols)


def test_levels() -> None:
    assert levels(tokens("a ^ { b } \\left ( c \\right )")) == [0, 0, 0, 1, 0, 0, 1, 1, 0, 0]


def test_lines_of_an_environment() -> None:
    parts = wrapped(line("\\begin{aligned} a & = b \\\\ & = c \\end{aligned}"))
    assert [texts(part.symbols) for part in parts] == ["a = b", "= c"]
    assert (parts[0].left, parts[0].right, parts[1].left) == (0, 28, 30)
    parts = wrapped(line("\\begin{array} { l c } a & b \\\\ c \\end{array}"))
    assert [texts(part.symbols) for part in parts] == ["a \\quad b", "c"]


@pytest.mark.parametrize(
    "text", ["a + b", "\\begin{matrix} a \\end{matrix} + b", "\\begin{cases} a \\\\ b \\end{cases}"]
)
def test_what_is_no_environment_as_a_whole(text: str) -> None:
    given = line(text)
    assert wrapped(given) == [given]


def test_counted_rows() -> None:
    assert count_rows(tokens("a + b")) == 1
    assert count_rows(tokens("\\begin{gathered} a \\\\ b \\\\ c \\end{gathered}")) == 3
    assert count_rows(tokens("\\begin{gathered} a \\\\ b \\end{gathered} \\tag { 1 }")) == 2
    assert count_rows(tokens("\\begin{pmatrix} a \\\\ b \\end{pmatrix}")) == 1


def test_counted_columns() -> None:
    assert (
        count_columns(
            tokens("\\begin{matrix} a & b \\\\ c & \\begin{matrix} d & e & f \\end{matrix} & g \\end{matrix}")
        )
        == 3
    )
    assert count_columns(tokens("\\begin{array} { l l } a & b \\\\ c \\end{array}")) == 2
    assert count_columns(tokens("\\begin{aligned} a & b \\\\ c & d \\end{aligned}")) == 0
    assert count_columns(tokens("\\begin{matrix} a & b \\end{matrix} + c")) == 0
    assert (
        count_columns(tokens("\\begin{array} { c c } a & b \\\\ \\hline c & d \\end{array}")) == 0
    )  # no gap goes through
    assert count_columns(()) == 0


def test_a_row_without_delimiters_is_a_part_of_something() -> None:
    assert bare(tokens("a = \\begin{matrix} b & c \\end{matrix}"))
    assert bare(tokens("a \\hline b"))
    assert not bare(tokens("a = \\begin{matrix} b \\\\ c \\end{matrix}"))
    assert not bare(tokens("\\left ( \\begin{array} { c } b \\end{array} \\right )"))


def test_numbers_of_equations() -> None:
    rest, tag = without_tag(line("a = b \\tag@200 { 1 }"))
    assert (texts(rest.symbols), texts(tag)) == ("a = b", "\\tag { 1 }")
    assert rest.right == 28
    plain = line("a = b")
    assert without_tag(plain) == (plain, ())


def test_a_number_beside_other_lines_is_in_a_column() -> None:
    number, short, long = line("a \\tag@50 { 3@55 }"), line("b + c"), line("b c d e f g h")
    assert in_columns([number, short]) == []
    assert in_columns([number, long]) == [0]
    assert texts(marginal([number, long])[0].symbols) == "a ( 3 )"
    assert marginal([number, short]) == [number, short]


def test_cut_at_gaps() -> None:
    cells = cut(tokens("a + b \\quad c@100 ^ { 2 } \\qquad d@200"), [60, 160])
    assert cells is not None
    assert [texts(cell) for cell in cells] == ["a + b", "c ^ { 2 }", "d"]
    cells = cut(tokens("a \\frac@100 { b@100 } { c@100 } & { } ^ { 3@200 } x"), [60, 160])
    assert cells is not None
    assert [texts(cell) for cell in cells] == ["a", "\\frac { b } { c }", "{ } ^ { 3 } x"]
    cells = cut(tokens("a d@200"), [60, 160])
    assert cells is not None
    assert [texts(cell) for cell in cells] == ["a", "", "d"]


def test_what_closes_something_stays_with_it() -> None:
    cells = cut(tokens("\\begin{pmatrix} a \\end{pmatrix} b@100"), [60])
    assert cells is not None
    assert [texts(cell) for cell in cells] == ["\\begin{pmatrix} a \\end{pmatrix}", "b"]
    unboxed = [
        replace(symbol, box=None) if symbol.latex in "()" else symbol for symbol in tokens("\\left ( a \\right ) b@100")
    ]
    cells = cut(unboxed, [60])
    assert cells is not None
    assert [texts(cell) for cell in cells] == ["\\left ( a \\right )", "b"]


def test_what_reaches_across_is_not_cut() -> None:
    assert cut(tokens("\\sqrt { a b@100 }"), [60]) is None
    assert cut(tokens("a@100 b@0"), [60]) is None
