"""Whole reading or line by line: what is chosen, and what becomes of boxes, confidences, other readings and choices."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle

import numpy as np
import pytest

from scipix.datatypes import Alternative, Box, Kind, Reading, Symbol
from scipix.errors import Cancelled
from scipix.recognize.choice import Choice
from scipix.recognize.coverage import TRUST, ink_spans
from scipix.recognize.lines import read_lines, reread_line
from scipix.recognize.look import Look
from scipix.recognize.preprocess import Lines, Prepared
from scipix.recognize.second_look import CLOSE
from scipix.recognize.symbols import draws
from tests.recognize.test_cells import tokens


def prepared(left: float, top: float, width: int, height: int = 64) -> Prepared:
    """Ink of that width, at 2 network pixels per pixel."""
    ink = np.zeros((height, 1024), np.float32)
    ink[10:20, : 2 * width] = 1.0
    return Prepared(ink, 2.0, (left, top))


def reading(text: str, confidence: float, left: float = 0.0, others: tuple[Alternative, ...] = ()) -> Reading:
    symbols = tokens(text, left)
    latex = "".join(symbol.latex for symbol in symbols)
    return Reading(Kind.FORMULA, latex, confidence, symbols, others)


WHOLE = prepared(0, 0, 60)
EACH = (prepared(0, 0, 48), prepared(20, 30, 28))
LINES = Lines(EACH, (None, None), 1.0, 10.0, True)
FIRST = reading("a + b = c", 0.8, others=(Alternative("a+d=c", 0.1),))
SECOND = reading("d = e", 0.9, 20.0)
JOINED = "\\begin{aligned} a+b & = c \\\\ d & = e \\end{aligned}"


def spread(whole: Reading) -> Reading:
    """Its tokens in turn in the first and in the second of EACH."""
    tops = cycle((0.0, 30.0))
    symbols = [
        replace(each, box=replace(each.box, top=(top := next(tops)), bottom=top + 16)) if each.box else each
        for each in whole.symbols
    ]
    return replace(whole, symbols=tuple(symbols))


class Script:
    """Gives what is known of each picture, and notes at which was looked and for which others were tried, how many. What
    is not known is a second look at `again`, and then read as that. better: what trying others at that picture gives."""

    def __init__(self, whole: Reading, *each: Reading, skipping: bool = False) -> None:
        whole = whole if skipping else spread(whole)
        self.known = [(WHOLE, whole), *zip(EACH, each, strict=True)]
        self.asked: list[Prepared] = []
        self.barred: list[tuple[str, ...]] = []
        self.leasts: list[float] = []
        self.tried: list[tuple[Prepared, int]] = []
        self.better: list[tuple[Prepared, Reading]] = []
        self.again = reading("", 0.0)

    def __call__(self, part: Prepared) -> Look:
        self.leasts.append(part.least)
        part, bars = next((known for known, _ in self.known if known.ink is part.ink), part), part.barred
        self.asked.append(part)
        self.barred.append(bars)
        found = next((found for known, found in self.known if known.ink is part.ink), self.again)

        def others(tried: int) -> Reading:
            self.tried.append((part, tried))
            return next((better for known, better in self.better if known.ink is part.ink and tried), found)

        return Look(found, others)


def read(whole: Reading, lines: Lines = LINES, alternatives: int = 3) -> Reading:
    return read_lines(WHOLE, lines, Script(whole, FIRST, SECOND), alternatives, 0.3)


def test_lines_that_are_likelier_than_the_whole() -> None:
    whole = reading("\\begin{aligned} a + b = c \\end{aligned}", 0.2)
    found = read(whole)
    assert found.latex == JOINED
    assert found.confidence == pytest.approx(0.72)
    assert found.readable
    assert [symbol.box for symbol in found.symbols if symbol.box] == [
        symbol.box for symbol in (*FIRST.symbols, *SECOND.symbols)
    ]
    assert all(symbol.box is None or draws(symbol.latex) for symbol in found.symbols)
    assert [other.latex for other in found.alternatives] == [whole.latex, JOINED.replace("b &", "d &")]
    assert found.alternatives[1].confidence == pytest.approx(0.09)


def test_a_whole_reading_that_is_likelier_has_the_lines_beside_it() -> None:
    whole = reading("\\begin{gathered} a + b = c \\\\ d = e \\end{gathered}", 0.71)
    found = read(replace(whole, confidence=0.75))
    assert found.latex == whole.latex  # no line was needed to see that both are less likely
    assert read(whole).latex == JOINED


def test_a_sure_whole_reading_needs_no_lines() -> None:
    whole, script = reading("x", 0.95), Script(reading("x", 0.95), FIRST, SECOND)
    assert read_lines(WHOLE, LINES, script, 3, 0.3).latex == whole.latex
    assert script.asked == [WHOLE]


def test_no_more_lines_are_read_than_can_help() -> None:
    script = Script(reading("\\begin{gathered} a \\\\ b \\end{gathered}", 0.85), FIRST, SECOND)
    read_lines(WHOLE, LINES, script, 3, 0.3)
    assert script.asked == [WHOLE, EACH[0]]


@pytest.mark.parametrize(("gap", "confidence", "lines"), [(1.0, 0.5, True), (0.3, 0.5, False), (0.3, 0.1, True)])
def test_one_line_as_a_whole_against_gaps(gap: float, confidence: float, lines: bool) -> None:
    """Where the whole reading has no lines, narrow gaps are those of limits and fractions until it is very unlikely."""
    found = read(reading("a + b", confidence), replace(LINES, gap=gap))
    assert (found.latex == JOINED) is lines


def test_a_whole_reading_that_saw_nothing_in_one_of_the_lines_gives_way_to_both() -> None:
    whole = reading("\\begin{gathered} a \\\\ b \\end{gathered}", 0.8)
    lines = replace(LINES, gap=0.3)
    assert read(whole, lines).latex == whole.latex
    skipped = read_lines(WHOLE, lines, Script(whole, FIRST, SECOND, skipping=True), 3, 0.3)
    assert skipped.latex == JOINED
    assert whole.latex in [other.latex for other in skipped.alternatives]
    unplaced = replace(whole, symbols=tuple(replace(symbol, box=None) for symbol in whole.symbols))
    found = read_lines(WHOLE, lines, Script(unplaced, FIRST, SECOND, skipping=True), 3, 0.3)
    assert found.latex == whole.latex  # nothing is known of where it looked


def test_fewer_lines_that_leave_letters_out_give_way_to_all_of_them() -> None:
    lines = replace(LINES, gap=0.3)
    fewer = reading("a + b", 0.8)
    assert read(fewer, lines).latex == fewer.latex
    assert read(replace(fewer, unread=(Box(0, 0, 1, 1),)), lines).latex == JOINED
    as_many = replace(reading("\\begin{gathered} a \\\\ b \\end{gathered}", 0.8), unread=(Box(0, 0, 1, 1),))
    assert read(as_many, lines).latex == as_many.latex


def test_what_is_too_large_is_not_read_as_a_whole() -> None:
    script = Script(reading("x", 0.95), FIRST, SECOND)
    assert read_lines(WHOLE, replace(LINES, fits=False), script, 3, 0.3).latex == JOINED
    assert script.asked == list(EACH)
    high = prepared(0, 0, 60, 352)
    assert read_lines(high, LINES, script, 3, 0.3).latex == JOINED


def test_a_doubtful_line_of_small_letters_is_looked_at_closer() -> None:
    near = prepared(20, 30, 28)
    lines = replace(LINES, closer=(None, near))
    better = reading("d = f", 0.6, 20.0)
    script = Script(reading("x", 0.1), FIRST, replace(SECOND, confidence=0.5))
    script.known.append((near, better))
    found = read_lines(WHOLE, lines, script, 3, 0.3)
    assert found.latex == JOINED.replace("= e", "= f")
    assert found.confidence == pytest.approx(0.8 * 0.6)
    assert JOINED in [other.latex for other in found.alternatives]
    sure = Script(reading("x", 0.1), FIRST, replace(SECOND, confidence=0.95))
    assert read_lines(WHOLE, lines, sure, 3, 0.3).latex == JOINED
    assert near not in sure.asked


def test_lines_that_do_not_join_leave_the_whole_reading() -> None:
    inner = reading("a = \\begin{matrix} b & c \\end{matrix}", 0.9)
    script = Script(reading("x y", 0.65), FIRST, inner)
    assert read_lines(WHOLE, LINES, script, 3, 0.3).latex == "xy"
    script.asked.clear()
    assert read_lines(WHOLE, replace(LINES, fits=False), script, 3, 0.3).latex == "xy"
    assert script.asked == [*EACH, WHOLE]


def test_one_line_that_did_not_end_makes_it_unreadable() -> None:
    script = Script(reading("x", 0.0), FIRST, replace(SECOND, confidence=0.0))
    assert not read_lines(WHOLE, replace(LINES, fits=False), script, 3, 0.3).readable


def doubted(text: str, confidence: float, *shares: float, left: float = 0.0) -> Reading:
    """The first tokens may be others, which leave those shares of the probability."""
    found = reading(text, confidence, left)
    symbols = [
        replace(symbol, others=(Alternative("z", symbol.confidence * share),))
        for symbol, share in zip(found.symbols, shares, strict=False)
    ]
    return replace(found, symbols=(*symbols, *found.symbols[len(shares) :]))


def test_a_doubtful_line_is_looked_at_again_and_the_likelier_reading_counts() -> None:
    script = Script(reading("x", 0.01), FIRST, replace(SECOND, confidence=0.3))
    script.again = reading("d = f", 0.6, 20.0)
    found = read_lines(WHOLE, LINES, script, 3, 0.3)
    assert script.asked[:3] == [WHOLE, *EACH]
    assert len(script.asked) == 4
    assert script.asked[3].scale > EACH[1].scale
    assert found.latex == JOINED.replace("= e", "= f")


def test_what_was_taken_for_a_number_in_a_column_is_read_again_without_one() -> None:
    second = reading("d \\tag@22 { 3@25 }", 0.9, 20.0)
    looks = Script(reading("", 0.0), FIRST, second)
    looks.again = reading("d b ( 3@48 )", 0.65, 20.0)
    known = looks.known
    looks.known = known[:2]

    def look(part: Prepared) -> Look:
        looks.known = known if not part.barred else known[:2]
        return looks(part)

    found = read_lines(WHOLE, LINES, look, 3, 0.1)
    assert looks.barred == [(), (), (), ("\\tag",)]
    assert "b(3)" in found.latex
    assert "\\tag" not in found.latex
    assert found.confidence == pytest.approx(0.52)


def test_a_number_in_a_column_stays_where_nothing_else_is_likely_to_stand_there() -> None:
    looks = Script(reading("", 0.0), FIRST, reading("d \\tag@22 { 3@25 }", 0.9, 20.0))
    known = looks.known

    def look(part: Prepared) -> Look:
        looks.known = [] if part.barred else known
        looks.again = reading("8", 0.01)
        return looks(part)

    found = read_lines(WHOLE, LINES, look, 3, 0.1)
    assert found.latex.endswith("d(3) \\end{array}")
    assert found.confidence == pytest.approx(0.72)


def test_the_most_doubtful_tokens_of_all_lines_are_tried_otherwise() -> None:
    each = doubted("a + b = c", 0.8, 0.9, 0.1, 0.8), doubted("d = e", 0.9, 0.05, 0.7, left=20.0)
    script = Script(reading("x", 0.0001), *each)
    script.better = [(EACH[1], reading("d = f", 0.95, 20.0))]
    found = read_lines(WHOLE, LINES, script, 1, 0.3)
    assert script.tried == [(EACH[0], 2), (EACH[1], 0)]
    assert found.latex == JOINED
    script.tried.clear()
    found = read_lines(WHOLE, LINES, script, 2, 0.3)
    assert script.tried == [(EACH[0], 3), (EACH[1], 1)]
    assert found.latex == JOINED.replace("= e", "= f")


def test_far_less_probable_a_whole_reading_is_left_at_a_first_look() -> None:
    script = Script(reading("x", 0.05), FIRST, SECOND)
    found = read_lines(WHOLE, LINES, script, 3, 0.3)
    assert found.latex == JOINED
    assert found.alternatives[0].latex == JOINED.replace("b &", "d &")
    assert "x" in [other.latex for other in found.alternatives]
    assert script.asked == [WHOLE, *EACH]
    assert WHOLE not in [part for part, _ in script.tried]


def test_nearly_as_probable_other_readings_of_the_whole_are_tried() -> None:
    script = Script(reading("\\begin{gathered} a \\\\ b \\end{gathered}", 0.1), FIRST, SECOND)
    script.better = [(WHOLE, spread(reading("\\begin{gathered} a \\\\ c \\end{gathered}", 0.8)))]
    assert read_lines(WHOLE, LINES, script, 3, 0.3).latex == script.better[0][1].latex
    assert script.tried[-1] == (WHOLE, 6)


def test_the_whole_is_looked_at_again_where_it_is_likelier_than_the_lines() -> None:
    doubtful_lines = [replace(part, confidence=0.2) for part in (FIRST, SECOND)]
    for whole, looks in ((0.35, 1), (0.01, 0)):
        script = Script(reading("\\begin{gathered} a \\\\ b \\end{gathered}", whole), *doubtful_lines)
        read_lines(WHOLE, LINES, script, 3, 0.3)
        assert len(script.asked) == 3 + 2 + looks  # both lines are looked at again


def test_far_less_probable_lines_are_left_at_first_looks() -> None:
    each = [doubted(text, 0.01, 0.9) for text in ("a + b = c", "d = e")]
    script = Script(reading("\\begin{gathered} a \\\\ b \\end{gathered}", 0.5), *each)
    assert read_lines(WHOLE, LINES, script, 3, 0.3).latex == script.known[0][1].latex
    assert [tried for part, tried in script.tried if part in EACH] == [0, 0]


def test_where_nothing_is_probable_nothing_more_is_tried() -> None:
    each = [doubted(text, 1e-4, 0.9) for text in ("a + b = c", "d = e")]
    for whole in (1e-7, 1e-12):
        script = Script(reading("x", whole), *each)
        script.known[0] = (WHOLE, replace(script.known[0][1], symbols=60 * reading("x + y", 0.1).symbols))
        read_lines(WHOLE, LINES, script, 3, 0.3)
        assert script.asked == [WHOLE, *EACH]
        assert not any(tried for _, tried in script.tried)
    script = Script(reading("x", 1e-5), *each)
    read_lines(WHOLE, LINES, script, 3, 0.3)
    assert len(script.asked) > 3


def test_lost_lines_are_left_at_first_looks_even_where_the_whole_is_not() -> None:
    script = Script(reading("x", 1e-4), replace(FIRST, confidence=1e-6), replace(SECOND, confidence=1e-5))
    read_lines(WHOLE, LINES, script, 3, 0.3)
    looked = [part for part in script.asked if part in EACH]
    assert looked == list(EACH)
    assert len(script.asked) == 4  # the whole, each line, the whole again, which is doubtful


def test_lines_that_are_no_whole_are_all_looked_at_again() -> None:
    script = Script(reading("x", 0.0), *[replace(part, confidence=1e-4) for part in (FIRST, SECOND)])
    read_lines(WHOLE, replace(LINES, fits=False), script, 3, 0.3)
    assert len(script.asked) == 4


@pytest.mark.parametrize(("near", "looks"), [(0.95, 1), (0.65, 1), (0.5, 2), (0.3, 2), (0.01, 1)])
def test_a_closer_look_that_promises_something_is_followed_by_a_larger_one(near: float, looks: int) -> None:
    closer = prepared(20, 30, 28)
    script = Script(reading("x", 0.001), FIRST, replace(SECOND, confidence=0.35))
    script.known.append((closer, reading("d = f", near, 20.0)))
    read_lines(WHOLE, replace(LINES, closer=(None, closer)), script, 3, 0.3)
    assert len(script.asked) == 3 + looks
    assert script.leasts[3:] == pytest.approx([CLOSE * 0.35, CLOSE * max(0.35, near)][:looks])


def test_a_whole_reading_that_was_given_up_gives_way_to_the_lines_and_else_is_read_to_its_end() -> None:
    partial, full = reading("\\begin{aligned} a & =", 0.0), reading("x + y", 0.2)
    looks = Script(partial, FIRST, SECOND)
    found = read_lines(WHOLE, LINES, looks, 3, 0.3)
    assert found.latex == JOINED
    assert partial.latex not in [other.latex for other in found.alternatives]
    bare = reading("a \\hline", 0.9)  # joins with nothing

    leasts: list[float] = []

    def look(part: Prepared) -> Look:
        leasts.append(part.least)
        if part.ink is WHOLE.ink and not part.least:
            return Look(full, lambda tried: full)
        return Script(partial, bare, bare)(part)

    assert read_lines(WHOLE, LINES, look, 3, 0.1).latex == "x+y"
    assert leasts[0] > 0
    assert leasts[1:] == [0.0, 0.0, 0.0, CLOSE * full.confidence]


def test_cancelled_between_lines() -> None:
    def stop(part: Prepared) -> Look:
        if part is EACH[1]:
            raise Cancelled
        return Look(FIRST, lambda tried: FIRST)

    with pytest.raises(Cancelled):
        read_lines(WHOLE, replace(LINES, fits=False), stop, 3, 0.3)


def test_where_a_line_has_ink() -> None:
    part = prepared(5.0, 0.0, 10)
    part.ink[12, 60:64] = 1.0
    assert ink_spans(part).tolist() == [[5.0, 15.0], [35.0, 37.0]]


def test_a_choice_in_one_line_leaves_the_others() -> None:
    found = read(reading("x", 0.0))
    position = next(i for i, symbol in enumerate(found.symbols) if symbol.latex == "e")
    given: list[tuple[Prepared, str, Choice]] = []

    def again(part: Prepared, old: Reading, choice: Choice) -> Reading:
        given.append((part, old.latex, choice))
        fixed = Symbol("f", Box(40, 0, 48, 10), 0.1, chosen=True)
        return replace(old, symbols=(*old.symbols[:2], fixed), latex="d=f", confidence=0.5)

    made = reread_line(found, Choice(position, "f"), LINES, again)
    assert made is not None
    assert given == [(EACH[1], "d = e", Choice(2, "f"))]
    assert made.latex == JOINED.replace("e \\end", "f \\end")
    assert made.confidence == pytest.approx(0.5 * 0.9**5)
    assert [symbol.chosen for symbol in made.symbols if symbol.box] == 7 * [False] + [True]


def test_a_choice_in_a_reading_of_other_lines() -> None:
    def never(*given) -> Reading:
        raise AssertionError

    whole = reading("\\begin{aligned} a & = b \\\\ c & = d \\\\ e & = f \\end{aligned}", 0.5)
    assert reread_line(whole, Choice(1, "b"), LINES, never) is None
    assert reread_line(reading("a b", 0.5), Choice(1, "c"), LINES, never) is None
    assert reread_line(read(reading("x", 0.0)), Choice(4, "c"), LINES, never) is None  # an &


def test_columns_that_there_is_no_room_for() -> None:
    cells = "\\begin{{matrix}} a + b {} = c \\\\ d = e \\end{{matrix}}"
    assert read(reading(cells.format(""), 0.85)).latex.startswith("\\begin{matrix}")
    assert read(reading(cells.format("&"), 0.85)).confidence == pytest.approx(0.72)  # that of the lines


def test_faint_lines_have_ink_too() -> None:
    faint = replace(EACH[1], ink=EACH[1].ink * np.float32(0.35))
    assert ink_spans(faint).tolist() == ink_spans(EACH[1]).tolist() == [[20.0, 48.0]]


def test_what_single_lines_leave_out_is_left_out_of_all_of_them() -> None:
    lost = replace(SECOND, unread=(Box(30, 30, 35, 40),))
    whole = reading("\\begin{aligned} a + b = c \\end{aligned}", 0.2)
    found = read_lines(WHOLE, LINES, Script(whole, FIRST, lost), 3, 0.3)
    assert (found.latex, found.unread, found.readable) == (JOINED, lost.unread, False)


def test_a_choice_in_one_line_goes_on_telling_what_another_one_leaves_out() -> None:
    ink = np.zeros_like(EACH[1].ink)
    for x in range(0, 120, 20):  # letters higher in the picture than the symbols of that line
        ink[8:25, x : x + 12] = 1.0
    lines = replace(LINES, each=(EACH[0], replace(EACH[1], ink=ink)))
    before = read(reading("x", 0.1))

    def again(part: Prepared, old: Reading, choice: Choice) -> Reading:
        return replace(FIRST, confidence=0.5)

    found = reread_line(before, Choice(1, "d"), lines, again)
    plain = reread_line(before, Choice(1, "d"), LINES, again)
    assert found is not None
    assert plain is not None
    assert (len(found.unread), found.readable) == (6, False)
    assert (len(plain.unread), plain.readable) == (0, True)
    assert found.confidence == pytest.approx(TRUST * plain.confidence)
