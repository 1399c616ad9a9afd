"""Equal signs side by side are counted in the picture. Pictures are drawn here; a reading has its boxes spread over what it
read, as a decoder's are."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby, pairwise

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from scipix.datatypes import Alternative, Box, Image, Kind, Reading, Symbol
from scipix.recognize.coverage import TRUST
from scipix.recognize.preprocess import Lines, Prepared, prepare
from scipix.recognize.runs import counted

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


def test_letters_and_single_signs_stay():
    for found, drawn in (("bookk", "boookk"), ("123", "1223"), ("1", "11")):
        made = reading(symbols(found, drawn))
        assert counted(prepare(picture(drawn)), made, 0.5) is made


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
