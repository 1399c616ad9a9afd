import pytest

from scipix.datatypes import Box, Kind, Reading, Symbol
from scipix.gui.links import doubtful, link, sample

SYMBOLS = tuple(Symbol(token, None, 0.9) for token in (r"\frac", "{", "a", "}", "{", "b", "}"))


def test_every_symbol_of_an_unchanged_source_is_found():
    latex = r"\frac{a}{b}"
    spans = link(SYMBOLS, latex).spans
    assert [latex[slice(*spans[index])] for index in range(7)] == [symbol.latex for symbol in SYMBOLS]


def test_an_edit_loses_only_what_it_touches():
    latex = r"x+\frac {q} {b}"
    links = link(SYMBOLS, latex)
    assert 2 not in links.spans
    assert {index: latex[slice(*span)] for index, span in links.spans.items()} == {
        0: r"\frac", 1: "{", 3: "}", 4: "{", 5: "b", 6: "}",
    }  # fmt: skip
    assert link(SYMBOLS, "").spans == {}


def test_places_are_counted_as_qt_does():
    links = link((Symbol("a", None, 1.0),), "\U0001d54f a")
    assert links.spans == {0: (3, 4)}


def test_the_symbol_at_a_place_and_by_the_cursor():
    links = link(SYMBOLS, r"\frac {a}{b}")
    assert [links.symbol_at(offset) for offset in (0, 4, 5, 6, 12, 99)] == [0, 0, None, 1, None, None]
    assert [links.symbol_by(cursor) for cursor in (0, 5, 6, 12, 99)] == [0, 0, 1, 6, None]


def test_what_a_person_chose_is_not_doubtful():
    symbols = (Symbol("a", Box(0, 0, 1, 1), 0.4), Symbol("b", None, 0.95), Symbol("c", None, 0.4, chosen=True))
    assert doubtful(Reading(Kind.FORMULA, "abc", 0.1, symbols), 0.9) == {0}


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        ("x", "x"),
        (r"\alpha", r"\alpha"),
        (r"\frac", r"\frac{\square}{\square}"),
        (r"\mathbb", r"\mathbb{A}"),
        ("^", r"\square^{\square}"),
        ("{", None),
        (r"\begin{cases}", None),
    ],
)
def test_samples(token, shown):
    assert sample(token) == shown
