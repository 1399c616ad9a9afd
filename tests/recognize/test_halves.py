"""Lines that are read in two halves. Letters are 12 x 17 network pixels, the image is twice as large."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scipix.datatypes import Alternative, Box, Kind, Reading, Symbol
from scipix.recognize.choice import Choice
from scipix.recognize.coverage import TRUST
from scipix.recognize.halves import by_halves, reread_half
from scipix.recognize.look import Look
from scipix.recognize.preprocess import Prepared

SCALE, OFFSET = 0.5, (4.0, 8.0)
LETTERS = (20, 36, 52, 76, 92, 108)  # left edges; the widest gap is in the middle


def part(*edges: int) -> Prepared:
    ink = np.zeros((32, 160), np.float32)
    for x in edges or LETTERS:
        ink[8:25, x : x + 12] = 1
    return Prepared(ink, SCALE, OFFSET)


def box(x: int) -> Box:
    left = x / SCALE + OFFSET[0]
    return Box(left, 24, left + 24, 58)


def reading(text: str, confidence: float, *missed: int, edges: tuple[int, ...] = LETTERS) -> Reading:
    """Tokens with the chance that all of them have, letters in order at these edges; where letters were missed."""
    names = text.split()
    left, each = list(edges), confidence ** (1 / len(names))
    places = [box(left.pop(0)) if name.isalpha() and left else None for name in names]
    symbols = tuple(Symbol(name, place, each) for name, place in zip(names, places, strict=True))
    unread = tuple(box(x) for x in missed)
    return Reading(Kind.FORMULA, text, confidence * TRUST ** bool(missed), symbols, unread=unread, readable=not missed)


class Script:
    """Looks in order; keeps what was looked at."""

    def __init__(self, *readings: Reading) -> None:
        self.readings, self.seen = list(readings), []

    def __call__(self, some: Prepared) -> Look:
        self.seen.append(some)
        found = self.readings.pop(0)
        return Look(found, lambda tried: found)


def texts(found: Reading) -> str:
    return " ".join(symbol.latex for symbol in found.symbols)


SHORT = reading("a b c f", 0.9, 92, 108, edges=(*LETTERS[:4],))
ENDS = LETTERS[3:]
LEFT, RIGHT = reading("a b c", 0.9), reading("d e f", 0.8, edges=ENDS)


def test_a_reading_that_leaves_nothing_out_stays() -> None:
    sure, doubtful = reading("a b c d e f", 0.9), reading("a b c d e f", 0.3)
    assert by_halves(part(), sure, Script(), 3, 0.3) is sure
    assert by_halves(part(), doubtful, Script(), 3, 0.3) is doubtful  # it is short, and was looked at twice


def test_halves_of_what_leaves_something_out() -> None:
    script = Script(LEFT, RIGHT)
    found = by_halves(part(), SHORT, script, 3, 0.3)
    assert (texts(found), found.unread, found.readable) == ("a b c d e f", (), True)
    assert SHORT.latex in [other.latex for other in found.alternatives]
    first, second = script.seen
    assert first.ink[:, :60].sum() == pytest.approx(3 * 12 * 17)
    assert second.offset[0] > first.offset[0] + 40 / SCALE
    assert found.confidence == pytest.approx(0.8 * max(0.9, (0.9**0.25) ** 3))


def test_the_likelier_half_of_both_readings() -> None:
    found = by_halves(part(), SHORT, Script(reading("a b q", 0.7), RIGHT), 3, 0.3)
    assert texts(found) == "a b c d e f"
    found = by_halves(part(), SHORT, Script(reading("a b q", 0.99), RIGHT), 3, 0.3)
    assert texts(found) == "a b q d e f"


def test_where_the_whole_reading_has_nothing_in_one_half_both_are_read_anew() -> None:
    """What it has may be of both of them, its boxes off."""
    left = reading("a b c", 0.9, 76, 92, 108)
    found = by_halves(part(), left, Script(reading("a b q", 0.7), RIGHT), 3, 0.3)
    assert texts(found) == "a b q d e f"


def test_halves_that_are_less_likely_change_nothing() -> None:
    script = Script(LEFT, reading("d e f", 0.1), reading("d e f", 0.1))
    assert by_halves(part(), SHORT, script, 3, 0.3) is SHORT


def test_the_gap_nearest_to_the_middle_of_equal_ones() -> None:
    even = part(20, 40, 60, 80, 100, 120)
    script = Script(LEFT, RIGHT)
    by_halves(even, SHORT, script, 3, 0.3)
    assert [some.ink.sum() / (12 * 17) for some in script.seen] == [pytest.approx(3), pytest.approx(3)]


def test_what_the_whole_reading_has_there_is_expected_in_a_half() -> None:
    script = Script(LEFT, RIGHT)
    by_halves(part(), SHORT, script, 3, 0.3)
    assert [some.expected for some in script.seen] == [("a", "b", "c"), ("f",)]


def test_readable_only_if_likely_enough() -> None:
    assert not by_halves(part(), replace(SHORT, confidence=0.1), Script(LEFT, RIGHT), 3, 0.9).readable


def test_a_half_that_leaves_letters_out_is_halved() -> None:
    """Six letters left of the middle, of which the first look sees three."""
    letters = (20, 36, 52, 74, 90, 106, 134, 150, 166, 182, 198, 214)
    ink = np.zeros((32, 256), np.float32)
    for x in letters:
        ink[8:25, x : x + 12] = 1
    some = Prepared(ink, SCALE, OFFSET)
    whole = reading("a b c g h i", 0.9, 74, 90, 106, 182, edges=(20, 36, 52, 134, 150, 166))
    poor = reading("a b c", 0.99, 74, 90, 106)
    right = reading("g h i j k l", 0.9, edges=letters[6:])
    quarters = reading("a b c", 0.95), reading("d e f", 0.95, edges=(74, 90, 106))
    script = Script(poor, poor, *quarters, right)
    assert texts(by_halves(some, whole, script, 3, 0.3)) == "a b c d e f g h i j k l"


def test_a_matrix_in_a_half_may_be_read_row_by_row() -> None:
    """Its two rows stand between fences in the right half."""
    ink = np.zeros((96, 224), np.float32)
    for x in (20, 36, 52):
        ink[40:57, x : x + 12] = 1
    for x in (80, 170):
        ink[5:90, x : x + 8] = 1
    for y in (20, 60):
        for x in (100, 140):
            ink[y : y + 17, x : x + 12] = 1
    matrix = "\\begin{pmatrix} d & e \\\\ d & e \\end{pmatrix}"
    whole = reading(f"a c {matrix}", 0.9, 36, edges=(20, 52, 100, 140, 100, 140))
    fence = replace(whole.symbols[2], box=box(80))
    whole = replace(whole, symbols=(*whole.symbols[:2], fence, *whole.symbols[3:]))
    row = reading("d \\quad e", 0.95, edges=(100, 140))
    script = Script(LEFT, reading(matrix, 0.7, edges=(100, 140, 100, 140)), row, row)
    found = by_halves(Prepared(ink, SCALE, OFFSET), whole, script, 3, 0.3)
    assert not script.readings
    assert texts(found) == f"a b c {matrix}"


def test_what_a_half_leaves_out_is_left_out() -> None:
    poor = reading("d f", 0.99, 92, edges=(76, 108))
    found = by_halves(part(), replace(SHORT, confidence=0.05), Script(LEFT, poor, poor), 3, 0.3)
    assert (texts(found), found.unread, found.readable) == ("a b c d f", poor.unread, False)


def test_long_doubtful_readings_are_cut_where_they_can_be() -> None:
    text = "a b \\mathrm { c } " + "{ } " * 30 + "d e f"
    long = reading(text, 0.4)
    found = by_halves(part(), long, Script(LEFT, reading("d e g", 0.9, edges=ENDS)), 3, 0.3)
    assert texts(found) == "a b \\mathrm { c } d e g"
    across = reading("\\sqrt { a b c " + "{ } " * 30 + "d e f }", 0.4)
    assert by_halves(part(), across, Script(), 3, 0.3) is across


def test_where_a_space_was_read_nothing_is_cut() -> None:
    spaced = reading("a b c \\quad d e f" + " { }" * 30, 0.4)
    assert by_halves(part(), spaced, Script(), 3, 0.3) is spaced


def test_rows_are_not_cut_at_any_gap() -> None:
    """Between cells there are such gaps, too."""
    rows = reading("\\begin{cases} a d \\\\ c f \\end{cases}", 0.9, 76, 92)
    assert by_halves(part(), rows, Script(), 3, 0.3) is rows


def test_a_reading_that_never_ended_is_not_relied_on() -> None:
    endless = replace(reading("a b c d e f", 0.9), confidence=0.0, readable=False)
    found = by_halves(part(), endless, Script(reading("x y z", 0.7), reading("u v w", 0.7, edges=ENDS)), 3, 0.3)
    assert texts(found) == "x y z u v w"


def test_where_lines_stand_nothing_is_cut() -> None:
    lines = reading("\\begin{gathered} a b c \\\\ f \\end{gathered}", 0.9, 76, 92)
    assert by_halves(part(), lines, Script(), 3, 0.3) is lines
    half = reading("\\begin{matrix} a \\\\ b \\end{matrix}", 0.98, edges=(20, 52))
    assert by_halves(part(), SHORT, Script(half, RIGHT), 3, 0.3) is SHORT
    inside = "\\left ( \\begin{matrix} a \\\\ b \\end{matrix} \\right )"
    assert (
        texts(by_halves(part(), SHORT, Script(reading(inside, 0.98, edges=(20, 52)), RIGHT), 3, 0.3))
        == f"{inside} d e f"
    )


def test_nothing_is_lost_next_to_the_cut() -> None:
    """A sign there that one reading has on its other side would be in neither half."""
    short = reading("a b", 0.99, edges=(20, 36))  # without what stands before the gap
    found = by_halves(part(), SHORT, Script(short, RIGHT), 3, 0.3)
    assert texts(found) == "a b c d e f"  # the left half of the whole reading
    late = reading("e f", 0.99, edges=(92, 108))
    assert by_halves(part(), SHORT, Script(LEFT, late), 3, 0.3) is SHORT
    elsewhere = reading("a b c d e f", 0.9, 76, 92, 108, edges=(20, 36, 68, 76, 92, 108))  # c is seen beyond the gap
    assert texts(by_halves(part(), elsewhere, Script(LEFT, RIGHT), 3, 0.3)) == "a b c d e f"
    assert by_halves(part(), elsewhere, Script(short, RIGHT), 3, 0.3) is elsewhere
    assert by_halves(part(), elsewhere, Script(replace(LEFT, symbols=()), RIGHT), 3, 0.3) is elsewhere


@pytest.mark.parametrize(
    "edges",
    [
        (20, 33, 46, 59, 72, 85),  # they all touch, nearly
        (20, 33, 46, 100, 113, 126),  # wide as before an equation number
        (20, 40, 53, 66, 79, 92, 105, 118),  # near the left end
        (20,),
    ],
)
def test_where_no_gap_is_fit_nothing_is_cut(edges: tuple[int, ...]) -> None:
    assert by_halves(part(*edges), SHORT, Script(), 3, 0.3) is SHORT


def test_other_readings_of_a_half() -> None:
    other = replace(RIGHT, alternatives=(Alternative("d \\epsilon f", 0.1),))
    found = by_halves(part(), SHORT, Script(LEFT, other), 3, 0.3)
    (made,) = [each for each in found.alternatives if "\\epsilon" in each.latex]
    assert made.latex == "abcd\\epsilon f"
    assert made.confidence == pytest.approx(found.confidence * 0.1 / RIGHT.confidence)


LONG = reading("a b c d e f" + " { }" * 30, 0.5)


def test_a_choice_reads_its_half_again() -> None:
    asked = []

    def again(some: Prepared, old: Reading, choice: Choice) -> Reading:
        asked.append((some.offset, texts(old)[:5], choice))
        return reading("d q f", 0.9)

    found = reread_half(part(), LONG, Choice(4, "q"), again)
    assert found is not None
    assert texts(found) == "a b c d q f"
    (offset, old, choice) = asked[0]
    assert (old, choice) == ("d e f", Choice(1, "q"))
    assert offset[0] > OFFSET[0] + 50 / SCALE
    assert found.confidence == pytest.approx(0.9 * (0.5 ** (1 / 66)) ** 3)
    sure = replace(LONG, symbols=(replace(LONG.symbols[0], chosen=True), *LONG.symbols[1:]))
    found = reread_half(part(), sure, Choice(4, "q"), again)
    assert found is not None
    assert found.confidence == pytest.approx(0.9 * (0.5 ** (1 / 66)) ** 2)  # what was chosen is certain
    first = reread_half(part(), LONG, Choice(0, "q"), lambda some, old, choice: reading("q b c", 0.9))
    assert first is not None
    assert texts(first).startswith("q b c d e f")


def test_a_choice_in_what_is_short_or_cannot_be_cut_is_left_to_others() -> None:
    def never(some: Prepared, old: Reading, choice: Choice) -> Reading:
        raise AssertionError

    assert reread_half(part(), reading("a b c d e f", 0.5), Choice(4, "q"), never) is None
    across = reading("\\sqrt { a b c " + "{ } " * 30 + "d e f }", 0.4)
    assert reread_half(part(), across, Choice(2, "q"), never) is None


def test_what_the_other_half_leaves_out_stays_left_out() -> None:
    poor = replace(LONG, unread=(box(20), box(36)))
    found = reread_half(part(), poor, Choice(4, "q"), lambda some, old, choice: reading("d q f", 0.9))
    assert found is not None
    assert (found.unread, found.readable) == (poor.unread, False)


def test_a_half_that_does_not_end_has_no_other_readings() -> None:
    endless = replace(reading("d q f", 0.9), confidence=0.0, readable=False, alternatives=(Alternative("d", 0.0),))
    found = reread_half(part(), LONG, Choice(4, "q"), lambda some, old, choice: endless)
    assert found is not None
    assert (found.confidence, found.readable, found.alternatives) == (0.0, False, ())
