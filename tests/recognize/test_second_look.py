"""When a second look is taken, where its ink lies, and which of two readings is given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scipix.datatypes import Alternative, Kind, Reading, Symbol, Timings
from scipix.recognize.branches import places
from scipix.recognize.look import Look
from scipix.recognize.math import MathRecognizer
from scipix.recognize.preprocess import MULTIPLE, Prepared
from scipix.recognize.second_look import CLOSE, added, closely, expecting, is_doubtful, larger, likelier
from tests.recognize.test_math import IMAGE, recognizer


def reading(latex: str, confidence: float, *others: Alternative) -> Reading:
    symbols = tuple(Symbol(char, None, confidence) for char in latex)
    return Reading(Kind.FORMULA, latex, confidence, symbols, others, True, "m", "cpu")


def test_doubt_is_for_unlikely_readings_that_are_not_long():
    ink = Prepared(np.zeros((32, 96), np.float32), 1.0, (0.0, 0.0))
    assert is_doubtful(reading("x", 0.59), ink)
    assert is_doubtful(reading("", 0.0), ink)
    assert not is_doubtful(reading("x", 0.61), ink)
    assert not is_doubtful(reading("x" * 61, 0.1), ink)


def test_ink_that_would_be_larger_than_any_is_not_looked_at_again():
    for height, width, again in ((32, 1920, False), (640, 96, False), (544, 1664, True)):
        ink = Prepared(np.zeros((height, width), np.float32), 1.0, (0.0, 0.0))
        assert is_doubtful(reading("x", 0.1), ink) is again


def test_larger_ink_keeps_its_place_in_the_picture():
    ink = np.zeros((64, 320), np.float32)
    ink[40:48, 200:212] = 1.0
    prepared = Prepared(ink, 2.0, (7.0, 3.0), barred=("\\tag",))
    grown = larger(prepared)
    assert grown.barred == ("\\tag",)
    assert all(side % MULTIPLE == 0 for side in grown.ink.shape)
    assert grown.scale > prepared.scale
    rows, columns = (np.flatnonzero((grown.ink > 0.5).any(axis)) for axis in (1, 0))
    left, right = columns[0] / grown.scale + grown.offset[0], (columns[-1] + 1) / grown.scale + grown.offset[0]
    top, bottom = rows[0] / grown.scale + grown.offset[1], (rows[-1] + 1) / grown.scale + grown.offset[1]
    assert (left, top, right, bottom) == pytest.approx((107.0, 23.0, 113.0, 27.0), abs=0.6)
    assert 0.0 <= grown.ink.min() <= grown.ink.max() <= 1.0


def test_blank_ink_stays_as_it_is():
    assert larger(Prepared(np.zeros((32, 32), np.float32), 1.0, (0.0, 0.0))).ink.shape == (32, 32)


def test_the_likelier_reading_is_given_and_the_other_follows():
    first = reading("x", 0.2, Alternative("y", 0.1), Alternative("z", 0.05))
    second = reading("z", 0.3, Alternative("x", 0.15))
    found = likelier(first, second, 2)
    assert (found.latex, found.confidence) == ("z", 0.3)
    assert found.alternatives == (Alternative("x", 0.2), Alternative("y", 0.1))
    assert likelier(first, second, 0).alternatives == ()
    assert likelier(first, second, 2, trust=0.5).latex == "x"
    assert likelier(first, replace(second, confidence=0.2), 2).latex == "x"


@pytest.mark.parametrize(("first", "second", "given"), [(0.7, 0.9, "x"), (0.5, 0.9, "y"), (0.5, 0.2, "x")])
def test_the_likelier_of_a_doubtful_reading_and_a_second_one(first: float, second: float, given: str) -> None:
    ink = Prepared(np.zeros((32, 96), np.float32), 1.0, (0.0, 0.0))
    tried: list[str] = []

    def made(latex: str, confidence: float) -> Look:
        def others(count: int) -> Reading:
            tried.append(latex)
            return reading(latex, confidence, Alternative(f"{latex}{count}", 0.01))

        return Look(reading(latex, confidence), others)

    found = closely(ink, made("x", first), lambda part: made("y", second), 3)
    assert found.latex == given
    assert tried == [given]
    tries = places(3) if first > 0.6 else places(3) // 2
    assert f"{given}{tries}" in [other.latex for other in found.alternatives]


def test_a_second_look_that_becomes_far_less_probable_is_given_up_and_not_offered() -> None:
    ink = Prepared(np.zeros((32, 96), np.float32), 1.0, (0.0, 0.0))
    first = reading("x", 0.5, Alternative("z", 0.05))
    asked: list[Prepared] = []

    def again(part: Prepared) -> Look:
        asked.append(part)
        return Look(reading("y", 0.0), lambda tried: pytest.fail("there is nothing to try"))

    found = closely(ink, Look(first, lambda tried: first), again, 3)
    assert (found.latex, [other.latex for other in found.alternatives]) == ("x", ["z"])
    assert [part.least for part in asked] == [CLOSE * 0.5]
    looks = [Look(reading(latex, chance), lambda tried: first) for latex, chance in (("ab", 0.2), ("c", 0.6))]
    assert expecting(ink, *looks).expected == ("a", "b")
    assert expecting(ink, *looks).least == pytest.approx(CLOSE * 0.6)


def test_times_add_up_by_stage() -> None:
    assert added([Timings(0.0, 1.0, 2.0, 3.0, 7.0, 0.5), Timings(encode=1.0, total=1.0)]) == Timings(
        0.0, 1.0, 3.0, 3.0, 8.0, 0.5
    )


def test_only_a_doubtful_picture_is_looked_at_twice():
    def looks(lead: float) -> list[tuple[int, ...]]:
        made = recognizer("x + x </s>", lead=lead)
        seen: list[tuple[int, ...]] = []
        encode = made.model.encode

        def watched(ink: np.ndarray, cancel: object) -> object:
            seen.append(ink.shape)
            return encode(ink, cancel)

        made.model.encode = watched
        ink = np.zeros((32, 96), np.float32)
        ink[8:24, 4:92] = 1.0
        again = MathRecognizer(made.model, lambda image: Prepared(ink, 2.0, (1.0, 3.0)))
        assert again.recognize(IMAGE).latex == "x+x"
        return seen

    assert looks(lead=6.0) == [(32, 96)]
    assert looks(lead=0.1) == [(32, 96), (64, 128)]
