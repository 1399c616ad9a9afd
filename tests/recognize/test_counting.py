"""Equal signs side by side are counted in the picture. Pictures are drawn here; a reading has its boxes spread over what it
read, as a decoder's are."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby, pairwise

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageChops, ImageDraw, ImageFilter, ImageFont

from scipix.datatypes import Alternative, Box, Image, Kind, Reading, Symbol
from scipix.recognize.counting import counted
from scipix.recognize.coverage import TRUST
from scipix.recognize.preprocess import Lines, Prepared, prepare

FONT, LEFT, TOP = ImageFont.load_default(40), 20, 15


def picture(*lines: str, size: float = 1.0) -> Image:
    high = 2 * TOP + 70 * len(lines)
    drawing = Pillow.new("RGB", (900, high), "white")
    draw = ImageDraw.Draw(drawing)
    for place, line in enumerate(lines):
        draw.text((LEFT, TOP + 70 * place), line, "black", FONT)
    scaled = drawing.resize((round(900 * size), round(high * size)), Pillow.Resampling.BICUBIC)
    return Image(np.asarray(scaled))


def symbols(found: str, drawn: str, line: int = 0, size: float = 1.0, shift: float = 0.0) -> list[Symbol]:
    """The signs of a line that was read so: those of each run of equal ones spread evenly over that run of the drawing."""
    made, end = [], 0
    runs = [[len(list(run)) for _, run in groupby(text)] for text in (found, drawn)]
    for read, real in zip(*runs, strict=True):
        edges = LEFT + shift + np.linspace(FONT.getlength(drawn[:end]), FONT.getlength(drawn[: end + real]), read + 1)
        top = (TOP + 70 * line + 8) * size
        made += [Box(a * size, top, b * size, top + 30 * size) for a, b in pairwise(edges)]
        end += real
    return [Symbol(sign, box, 0.9) for sign, box in zip(found, made, strict=True)]


def reading(made: list[Symbol], *others: str) -> Reading:
    latex = "".join(symbol.latex for symbol in made)
    alternatives = tuple(Alternative(other, 0.1) for other in others)
    return Reading(Kind.FORMULA, latex, 0.9, tuple(made), alternatives, readable=True)


def count(found: str, drawn: str, *others: str, size: float = 1.0) -> Reading:
    return counted(prepare(picture(drawn, size=size)), reading(symbols(found, drawn, size=size), *others), 0.5)


@pytest.mark.parametrize("sign", "0123456789()[]")
@pytest.mark.parametrize(("read", "real"), [(3, 4), (5, 7), (5, 4), (4, 4)])
def test_as_many_as_there_are(sign, read, real):
    found = count("7" + sign * read if sign != "7" else sign * read, "7" + sign * real if sign != "7" else sign * real)
    assert found.latex.strip("7" if sign != "7" else "") == sign * real
    assert found.confidence == 0.9
    assert found.readable


@pytest.mark.parametrize("size", [0.4, 0.6, 1.0, 1.7])
def test_at_each_size(size):
    assert count("0.3333", "0.33333", size=size).latex == "0.33333"


def test_each_stands_where_it_is_drawn():
    found = count("x=1000", "x=10000")
    assert found.latex == "x = 10000"
    lefts = [symbol.box.left for symbol in found.symbols[3:]]
    pitch = FONT.getlength("00") - FONT.getlength("0")
    assert np.diff(lefts) == pytest.approx(pitch, abs=1.0)
    assert lefts[0] == pytest.approx(LEFT + FONT.getlength("x=1"), abs=4)
    assert {symbol.confidence for symbol in found.symbols} == {0.9}


def test_runs_apart_are_counted_apart():
    assert count("22.2222", "22.22222").latex == "22.22222"
    assert count("4444x555", "4444x5555").latex == "4444x5555"


def test_a_gap_makes_two_runs():
    """No sign was read there, but there is room for one: what is right cannot be told."""
    made = [*symbols("66", "66"), *symbols("66", "66", shift=FONT.getlength("66   "))]
    found = counted(prepare(picture("66   66")), reading(made), 0.5)
    assert found.latex == "6666"
    assert found.confidence == pytest.approx(0.9 * TRUST)


def drawn_at(text: str, *lefts: int, size: int = 40, blurred: int | None = None) -> Image:
    """Each sign at its place; one of them washed out."""
    drawing = Pillow.new("RGB", (lefts[-1] + 2 * size, 3 * size), "white")
    for place, (sign, left) in enumerate(zip(text, lefts, strict=True)):
        one = Pillow.new("RGB", drawing.size, "white")
        ImageDraw.Draw(one).text((left, size), sign, "black", ImageFont.load_default(size))
        drawing = ImageChops.darker(drawing, one.filter(ImageFilter.GaussianBlur(2.5)) if place == blurred else one)
    return Image(np.asarray(drawing))


def spread(sign: str, count: int, left: int, right: int, top: int = 48, bottom: int = 78) -> list[Symbol]:
    edges = np.linspace(left, right, count + 1)
    return [Symbol(sign, Box(a, top, b, bottom), 0.9) for a, b in pairwise(edges)]


@pytest.mark.parametrize(("sign", "pitch"), [("0", 21), ("4", 22)])
def test_signs_that_touch_are_counted(sign, pitch):
    image = drawn_at(sign * 6, *range(20, 20 + 6 * pitch, pitch))
    assert counted(prepare(image), reading(spread(sign, 4, 20, 20 + 6 * pitch)), 0.5).latex == sign * 6


def test_where_every_place_is_rounded_to_pixels():
    lefts = (20, 27, 35, 42, 50, 58, 65, 73)
    image = drawn_at("6" * 8, *lefts, size=12)
    assert prepare(image).scale > 1.6
    assert counted(prepare(image), reading(spread("6", 7, 20, 80, 14, 24)), 0.5).latex == "6" * 8


def test_what_looks_alike_is_not_the_same():
    assert counted(prepare(picture("3338")), reading(symbols("333", "333")), 0.5).latex == "333"


def test_one_that_looks_otherwise_leaves_it_open():
    """It may be one of them; they are not counted without it."""
    for blurred in (2, 3):
        image = drawn_at("5555", 20, 43, 66, 89, blurred=blurred)
        found = counted(prepare(image), reading(spread("5", 5, 20, 89)), 0.5)
        assert (found.latex, found.readable) == ("55555", False)


def test_small_gaps_between_thousands():
    lefts = (20, 43, 73, 96, 119, 149, 172, 195)
    image, one = drawn_at("10000000", *lefts), spread("1", 1, 20, 43)
    for read in (6, 7, 8):
        found = counted(prepare(image), reading([*one, *spread("0", read, 43, 218)]), 0.5)
        assert (found.latex, found.confidence) == ("10000000", 0.9)
    others = [*one, *spread("0", 1, 43, 66), Symbol(",", None, 0.9), *spread("0", 2, 73, 142)]
    found = counted(prepare(image), reading([*others, Symbol(",", None, 0.9), *spread("0", 4, 149, 218)]), 0.5)
    assert found.latex == "10,000,000"


def test_no_row_goes_over_a_point_or_comma():
    """With the gaps between thousands it cannot be told where this one ends."""
    one, point = spread("3", 1, 20, 43), Symbol(",", Box(41, 79, 52, 89), 0.9)
    image = drawn_at("3,33333", 20, 43, 55, 78, 101, 131, 154)
    found = counted(prepare(image), reading([*one, point, *spread("3", 7, 55, 177)]), 0.5)
    assert found.latex == "3,3333333"
    assert found.confidence == pytest.approx(0.9 * TRUST)
    even = drawn_at("3,33333", 20, 43, 55, 78, 101, 124, 147)
    assert counted(prepare(even), reading([*one, point, *spread("3", 7, 55, 170)]), 0.5).latex == "3,33333"


def test_far_apart_is_no_row():
    image = drawn_at("777", 20, 120, 220)
    assert counted(prepare(image), reading(spread("7", 2, 20, 245)), 0.5).latex == "77"


def test_what_stands_above_does_not_count():
    drawing = Pillow.new("RGB", (200, 140), "white")
    draw = ImageDraw.Draw(drawing)
    draw.text((20, 10), "11111", "black", FONT)
    draw.line((18, 62, 140, 62), "black", 3)
    draw.text((20, 70), "111", "black", FONT)
    prepared = prepare(Image(np.asarray(drawing)))
    assert prepared.lines is None
    above, below = (int(FONT.getlength("1" * n)) for n in (5, 3))
    made = [*spread("1", 4, 20, 20 + above, 18, 48), Symbol("x", None, 0.9), *spread("1", 3, 20, 20 + below, 78, 108)]
    assert counted(prepared, reading(made), 0.5).latex == "11111x111"


def test_all_are_as_sure_as_the_least_sure_one():
    made = symbols("x=1000", "x=10000")
    made[4] = replace(made[4], confidence=0.4)
    found = counted(prepare(picture("x=10000")), reading(made), 0.5)
    assert [symbol.confidence for symbol in found.symbols] == [0.9] * 3 + [0.4] * 4


def test_doubled_letters_and_single_signs_stay():
    for found, drawn in (("bookk", "boookk"), ("123", "1223"), ("1", "11"), ("(", "((")):
        made = reading(symbols(found, drawn))
        assert counted(prepare(picture(drawn)), made, 0.5) is made


@pytest.mark.parametrize("letter", "axknG")
def test_three_letters_and_more_are_counted(letter):
    assert count("2" + letter * 3, "2" + letter * 4).latex == "2" + letter * 4
    assert count("2" + letter * 5, "2" + letter * 4).latex == "2" + letter * 4


def test_one_of_two_exclamation_marks_was_read():
    assert count("7!=x", "7!!=x").latex == "7!! = x"
    for same in ("7!=x", "7!3!"):
        assert count(same, same).latex == same


def test_a_row_that_something_else_was_read_amid_stays():
    """The signs of the picture are the same; that one was read as another one may be right."""
    made = symbols("88888", "88888")
    assert (
        counted(prepare(picture("88888")), reading([*made[:2], replace(made[2], latex="B"), *made[3:]]), 0.5).latex
        == "88B88"
    )


def test_what_a_person_chose_stays():
    made = symbols("333", "3333")
    made[1] = replace(made[1], chosen=True)
    assert counted(prepare(picture("3333")), reading(made), 0.5).latex == "333"


def test_many_that_cannot_be_counted_are_doubtful():
    blank = Prepared(np.zeros((32, 320), np.float32), 1.0, (0.0, 0.0))
    made = reading([Symbol("9", Box(10 * i, 5, 10 * i + 9, 25), 0.95) for i in range(4)])
    found = counted(blank, made, 0.5)
    assert found.latex == "9999"
    assert (found.confidence, found.readable) == (pytest.approx(0.9 * TRUST), False)
    assert [symbol.confidence for symbol in found.symbols] == [0.95, 0.95, 0.95, TRUST]
    three = reading([Symbol("9", Box(10 * i, 5, 10 * i + 9, 25), 0.95) for i in range(3)])
    assert counted(blank, three, 0.5) is three


def test_signs_without_boxes_cannot_be_counted():
    made = reading([replace(symbol, box=None) for symbol in symbols("33333", "333333")])
    assert counted(prepare(picture("333333")), made, 0.5).latex == "33333"


def test_other_readings_are_counted_too_and_given_once():
    found = count("0.333", "0.33333", "0.3333", "8.333", "0.333+1", "0.3x3")
    assert found.latex == "0.33333"
    assert [other.latex for other in found.alternatives] == ["8.33333", "0.33333+1", "0.3x3"]


def test_each_line_is_counted_in_its_own_part():
    drawn = ("777777x", "2=4444")
    image = picture(*drawn)
    prepared = prepare(image)
    assert prepared.lines is not None
    made = [*symbols("77777x", drawn[0]), Symbol("\\\\", None, 0.9), *symbols("2=444", drawn[1], 1)]
    assert counted(prepared, reading(made), 0.5).latex == "777777x \\\\ 2 = 4444"
    lost = replace(prepared, lines=Lines(prepared.lines.each[:1], (None,), 1.0, 30.0, True))
    assert counted(lost, reading(made), 0.5).latex == "777777x \\\\ 2 = 444"
