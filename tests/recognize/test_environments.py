"""Lines that were read together, in the environment that their ink says. Letters are 12 pixels wide, a unit is 17."""

from dataclasses import replace

import numpy as np
import pytest

from scipix.datatypes import Alternative, Box, Kind, Reading, Symbol
from scipix.notation.tokens import detokenize
from scipix.recognize.environments import joined_cases, settled
from scipix.recognize.preprocess import Lines, Prepared

UNIT = 17.0


def lines(*rows: tuple[int, ...]) -> Lines:
    """Letters at those places."""
    each = []
    for index, row in enumerate(rows):
        ink = np.zeros((32, 320), np.float32)
        for x in row:
            ink[6:23, x : x + 12] = 1
        each.append(Prepared(ink, 1.0, (0.0, 40.0 * index)))
    return Lines(tuple(each), (None,) * len(each), 1.5, UNIT, True)


def reading(name: str, *rows: tuple[tuple[str, int], ...], others: tuple[Alternative, ...] = ()) -> Reading:
    """rows: (token, left edge of its letter, or -1) ..."""
    symbols = [Symbol(f"\\begin{{{name.split('{')[0]}}}", None, 0.9)]
    symbols += [Symbol(token, None, 0.9) for token in name[len(name.split("{")[0]) :]]
    for index, row in enumerate(rows):
        symbols += [Symbol("\\\\", None, 0.9)] if index else []
        top = 40.0 * index + 6
        symbols += [Symbol(token, Box(x, top, x + 12, top + 17) if x >= 0 else None, 0.9) for token, x in row]
    symbols.append(Symbol(f"\\end{{{name.split('{')[0]}}}", None, 0.9))
    return Reading(Kind.FORMULA, detokenize(s.latex for s in symbols), 0.8, tuple(symbols), others, readable=True)


LEFT = (("a", 20), ("b", 40)), (("c", 20), ("d", 40), ("e", 60), ("f", 80))
PLACES = (20, 40), (20, 40, 60, 80)


def test_lines_that_begin_at_one_place_are_not_centered():
    found = settled(reading("gathered", *LEFT), lines(*PLACES))
    assert found.latex == "\\begin{array}{l}ab \\\\ cdef \\end{array}"
    assert found.confidence == 0.8
    assert [symbol.box for symbol in found.symbols if symbol.box] == [
        symbol.box for symbol in reading("gathered", *LEFT).symbols if symbol.box
    ]


def test_relations_at_one_place_are_aligned():
    rows = (("a", 20), ("b", 40), ("=", 60), ("c", 80)), (("d", 40), ("=", 60), ("e", 80), ("f", 100))
    found = settled(reading("gathered", *rows), lines((20, 40, 60, 80), (40, 60, 80, 100)))
    assert found.latex == "\\begin{aligned} ab & = c \\\\ d & = ef \\end{aligned}"


@pytest.mark.parametrize("name", ["array{r}", "gathered", "matrix"])
def test_a_line_that_goes_on_with_its_relation_is_aligned(name):
    rows = (("a", 20), ("\\subseteq", 40), ("b", 60)), (("\\subseteq", 40), ("c", 60)), (("=", 40), ("d", 60))
    found = settled(reading(name, *rows), lines((20, 40, 60), (40, 60), (40, 60)))
    assert found.latex == "\\begin{aligned} a & \\subseteq b \\\\ & \\subseteq c \\\\ & = d \\end{aligned}"


def test_columns_get_the_sides_that_they_have():
    rows = (("a", 20), ("&", -1), ("b", 120)), (("c", 20), ("d", 40), ("e", 60), ("&", -1), ("f", 120))
    found = settled(reading("matrix", *rows), lines((20, 120), (20, 40, 60, 120)))
    assert found.latex == "\\begin{array}{ll}a & b \\\\ cde & f \\end{array}"


def test_columns_that_gaps_do_not_tell_are_those_that_were_read():
    rows = (
        (("a", 40), ("&", -1), ("=", 60), ("&", -1), ("1", 80)),
        (("b", 20), ("c", 40), ("&", -1), ("=", 60), ("&", -1), ("2", 80), ("3", 100)),
    )
    found = settled(reading("matrix", *rows), lines((40, 60, 80), (20, 40, 60, 80, 100)))
    assert found.latex == "\\begin{array}{rcl}a & = & 1 \\\\ bc & = & 23 \\end{array}"
    centered = (rows[0], (("b", 20), ("c", 60), ("&", -1), ("=", 80), ("&", -1), ("2", 100)))
    given = reading("matrix", *centered)
    assert settled(given, lines((40, 60, 80), (20, 60, 80, 100))) is given  # they do not stand one below the other


def test_what_would_have_other_cells_stays():
    apart = (("a", 20), ("b", 140)), (("c", 20), ("d", 40), ("e", 140), ("f", 160))
    for read, drawn in (
        (reading("gathered", *LEFT), (*PLACES, PLACES[0])),  # another number of lines
        (reading("gathered", LEFT[0]), PLACES[:1]),
        (reading("matrix", *apart), ((20, 140), (20, 40, 140, 160))),  # columns that were not read
    ):
        assert settled(read, lines(*drawn)) is read


def test_what_a_person_chose_and_numbers_of_lines_stay():
    chosen = reading("gathered", *LEFT)
    chosen = replace(
        chosen, symbols=(*chosen.symbols[:1], replace(chosen.symbols[1], chosen=True), *chosen.symbols[2:])
    )
    assert settled(chosen, lines(*PLACES)) is chosen
    number = ("\\tag", -1), ("{", -1), ("1", 280), ("}", -1)
    numbered = reading("gathered", *((*row, *number) for row in LEFT))
    assert settled(numbered, lines(*((*row, 280) for row in PLACES))) is numbered


def test_another_reading_is_not_given_twice():
    same = Alternative("\\begin{array}{l}ab \\\\ cdef \\end{array}", 0.1)
    found = settled(reading("gathered", *LEFT, others=(same, Alternative("x", 0.1))), lines(*PLACES))
    assert [other.latex for other in found.alternatives] == ["x"]


@pytest.mark.parametrize("name", ["matrix", "array{l}"])
def test_relations_one_below_the_other_are_aligned_where_edges_are_at_one_place_too(name):
    rows = (("a", 20), ("=", 40), ("b", 60)), (("c", 20), ("=", 40), ("d", 60))
    found = settled(reading(name, *rows), lines((20, 40, 60), (20, 40, 60)))
    assert found.latex == "\\begin{aligned} a & = b \\\\ c & = d \\end{aligned}"


@pytest.mark.parametrize(("gap", "cut"), [(8, False), (30, True)])
def test_cases_have_no_columns_where_only_a_relation_is_spaced(gap: int, cut: bool) -> None:
    right = 52 + gap
    rows = (
        (("a", 20), ("b", 40), ("&", -1), ("=", right), ("c", right + 20)),
        (("d", 40), ("&", -1), ("=", right), ("e", right + 20)),
    )
    given = reading("cases", *rows)
    found = joined_cases(given, UNIT)
    assert found.latex == (
        "\\begin{cases} ab & = c \\\\ d & = e \\end{cases}" if cut else "\\begin{cases} ab = c \\\\ d = e \\end{cases}"
    )
    assert [s.box for s in found.symbols if s.box] == [s.box for s in given.symbols if s.box]


def test_cases_with_conditions_keep_their_columns() -> None:
    rows = (("a", 20), ("&", -1), ("b", 40), ("=", 60)), (("d", 20), ("&", -1), ("=", 40), ("e", 60))
    given = reading("cases", *rows)
    assert joined_cases(given, UNIT) is given
    assert joined_cases(reading("matrix", *rows), UNIT).latex.count("&") == 2


def test_cases_behind_something_are_found() -> None:
    rows = (("a", 20), ("&", -1), ("=", 34), ("c", 60)), (("d", 20), ("&", -1), ("=", 34), ("e", 60))
    inner = reading("cases", *rows)
    given = replace(inner, symbols=(Symbol("f", Box(0, 6, 12, 23), 0.9), *inner.symbols))
    assert joined_cases(given, UNIT).latex == "f\\begin{cases} a = c \\\\ d = e \\end{cases}"
