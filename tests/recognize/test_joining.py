"""Lines that were read one by one -> one formula. Letters are 10 pixels high, tokens that draw 10 pixels wide."""

from __future__ import annotations

import numpy as np
import pytest

from scipix.notation.tokens import detokenize
from scipix.recognize.cells import Line
from scipix.recognize.joining import join, room_for
from tests.recognize.test_cells import line, tokens


def joined(*lines: tuple[str, float] | str, hint: str = "") -> str | None:
    made = [line(*given) if isinstance(given, tuple) else line(given) for given in lines]
    symbols = join(made, 10.0, hint)
    return None if symbols is None else detokenize(symbol.latex for symbol in symbols)


def test_relations_one_below_the_other() -> None:
    found = joined(("a + b = c", 0), ("d = e + f", 20), ("= 2", 30))
    assert found == "\\begin{aligned} a+b & = c \\\\ d & = e+f \\\\ & = 2 \\end{aligned}"


def test_a_line_that_goes_on() -> None:
    found = joined(("a = c", 0), ("d = e", 0), ("+ f", 40))
    assert found == "\\begin{aligned} a & = c \\\\ d & = e \\\\ & +f \\end{aligned}"


def test_a_colon_belongs_to_the_equals_sign_behind_it() -> None:
    found = joined(("a + b : = c", 0), ("d : = e + f", 20))
    assert found == "\\begin{aligned} a+b & := c \\\\ d & := e+f \\end{aligned}"


def test_relations_inside_of_something_do_not_count() -> None:
    assert joined(("a \\sqrt { = b }", 0), ("c c = d", 0)) == "\\begin{array}{l}a\\sqrt{= b} \\\\ cc = d \\end{array}"


def test_left_edges_and_right_edges() -> None:
    assert joined("a + b", "c = d + e", "f") == "\\begin{array}{l}a+b \\\\ c = d+e \\\\ f \\end{array}"
    assert joined(("a + b", 20), ("c d + e f", 0)) == "\\begin{array}{r}a+b \\\\ cd+ef \\end{array}"


def test_relations_at_the_left_edge_align_nothing() -> None:
    assert joined("= a", "= b + c", "d") == "\\begin{array}{l} = a \\\\ = b+c \\\\ d \\end{array}"


@pytest.mark.parametrize(("hint", "name"), [("", "gathered"), ("aligned", "gathered"), ("matrix", "matrix")])
def test_middles(hint: str, name: str) -> None:
    found = joined(("a + b", 10), ("c + d + e", 0), hint=hint)
    assert found == f"\\begin{{{name}}} a+b \\\\ c+d+e \\end{{{name}}}"


@pytest.mark.parametrize("hint", ["", "matrix", "gathered"])
def test_lines_of_one_width(hint: str) -> None:
    wide = "a + b + c + d + e + f"
    name = "\\begin{gathered} " if hint == "gathered" else "\\begin{array}{l}"
    found = joined((wide, 0), (wide, 0), hint=hint)
    assert found is not None
    assert found.startswith(name)
    narrow = joined("a + b", "c + d", hint="matrix")
    assert narrow == "\\begin{matrix} a+b \\\\ c+d \\end{matrix}"


def test_edges_that_fit_nothing() -> None:
    assert joined(("a + b", 0), ("c + d", 57)) == "\\begin{gathered} a+b \\\\ c+d \\end{gathered}"


def test_columns() -> None:
    found = joined("a \\quad b@100 + c", "2 \\quad d", "e f@110")
    assert found == "\\begin{array}{lc}a & b+c \\\\ 2\\quad d \\\\ e & f \\end{array}"


def test_a_gap_that_no_line_reads_as_one_between_columns_is_a_space() -> None:
    one = "\\begin{array} { l l } h \\quad h@70 & b@140 \\end{array}"
    same = "\\begin{array} { l l } g \\quad g@70 & a@140 + b \\end{array}"
    other = "\\begin{array} { l l l } g & g@70 & a@140 + b \\end{array}"
    spaced = "\\begin{array}{ll}h\\quad h & b \\\\ g\\quad g & a+b \\end{array}"
    columns = "\\begin{array}{lll}h & h & b \\\\ g & g & a+b \\end{array}"
    assert joined(one, same) == spaced
    assert joined(one, other) == columns
    assert joined(one, "g \\quad g@70 \\quad a@140 + b") == columns
    assert joined("h \\quad h@70 \\quad b@140", "g \\quad g@70 \\quad a@140 + b") == columns


def test_a_column_in_which_nothing_was_read_is_none() -> None:
    spans = np.array([(0, 8), (100, 108), (200, 208)])
    symbols = join([Line(tokens("a b@200"), spans), Line(tokens("c d@200"), spans)], 10.0)
    assert symbols is not None
    assert detokenize(symbol.latex for symbol in symbols) == "\\begin{matrix} a & b \\\\ c & d \\end{matrix}"
    one = [Line(tokens("a"), spans), Line(tokens("c"), spans)]
    assert join(one, 10.0) is not None


def test_columns_in_the_middle() -> None:
    found = joined("a@10 b@100 + c", "x + y z@110")
    assert found == "\\begin{matrix} a & b+c \\\\ x+y & z \\end{matrix}"


def test_columns_of_equations() -> None:
    found = joined("a@10 = 1 \\qquad b@110 = 2", "3@0 a = 3 \\quad 4@100 b = 5")
    assert found == "\\begin{aligned} a & = 1 & b & = 2 \\\\ 3a & = 3 & 4b & = 5 \\end{aligned}"


def test_the_space_around_relations_makes_no_columns() -> None:
    found = joined("a = b@60", "= c@60 + d")
    assert found is not None
    assert "array" in found
    assert "&" not in found


def test_numbers_of_equations() -> None:
    found = joined(("a + b = c \\tag@300 { 1 }", 0), ("d = e", 20))
    assert found == "\\begin{aligned} a+b & = c \\\\ d & = e \\end{aligned}\\tag{1}"
    found = joined("a = c \\tag@300 { 1 }", "d = e \\tag@300 { 2 }")
    assert found == "\\begin{aligned} a & = c \\\\ d & = e \\end{aligned}"


def test_parts_that_are_environments_themselves() -> None:
    found = joined("a + b", "\\begin{gathered} c \\\\ d + e \\end{gathered}")
    assert found is not None
    assert found.count("\\\\") == 2
    assert found.count("\\begin") == 1


def test_what_does_not_join() -> None:
    assert joined("a") is None
    assert joined("a", "b = \\begin{matrix} c & d \\end{matrix}", "e") is None
    assert joined("a", "\\tag@50 { 1@60 }") is None


def test_boxes_and_confidences_are_kept() -> None:
    first, second = line("a + b = c"), line("d = e", 20)
    symbols = join([first, second], 10.0)
    assert symbols is not None
    kept = [symbol for symbol in symbols if symbol.box]
    assert kept == [*first.symbols, *second.symbols]
    assert {symbol.confidence for symbol in symbols if not symbol.box} == {1.0}


def test_a_number_in_brackets_beside_other_lines_is_no_equation_number() -> None:
    found = joined("a \\tag@100 { 3@110 }", "c d@100 e f g")
    assert found == "\\begin{array}{ll}a & (3) \\\\ c & defg \\end{array}"
    assert joined("a \\tag@30 { 3@40 } b@80", "c d e@80") == "\\begin{array}{ll}a(3) & b \\\\ cd & e \\end{array}"
    cells = "\\begin{matrix} a & b@30 \\end{matrix} \\tag@60 { 3@65 }"
    assert joined(cells, "c d@30 e f g@70") == "\\begin{matrix} a & b(3) \\\\ c & defg \\end{matrix}"
    found = joined("a = b \\tag@100 { 3@110 }", "c = d")
    assert found is not None
    assert found.endswith("\\tag{3}")


def test_room_for_columns() -> None:
    spans = [line(text).spans for text in ("a b@40 c", "d e@45 f@80")]
    assert room_for(2, spans, 10.0)
    assert room_for(3, spans, 10.0)
    assert not room_for(4, spans, 10.0)
    assert not room_for(2, [line("a b c").spans, line("d e@22").spans], 10.0)
