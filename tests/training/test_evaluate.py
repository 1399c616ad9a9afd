"""The measures that the model card reports."""

import numpy as np
import pytest

from models.training.dvi import Font, Page
from models.training.evaluate import Sample, Score, canonical, edit_distance, placed
from models.training.report import calibration_error, kinds_table, table
from scipix.datatypes import Image


def score(exact: bool, confidence: float, tags=(), flags=()) -> Score:
    sample = Sample("a.png", Image(np.zeros((2, 2, 3), np.uint8)), "x", flags, tags)
    return Score(sample, "x" if exact else "y", exact, 0.0 if exact else 1.0, confidence, 10.0)


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("flaw", "lawn", 2), ("same", "same", 0)],
)
def test_edit_distance(a, b, distance):
    assert edit_distance(list(a), list(b)) == distance


def test_delimiters_around_the_truth_do_not_count():
    assert canonical(r"\[ x^2 \]") == canonical("$x^{2}$") == canonical("x^2")


def test_what_does_not_parse_is_compared_token_by_token():
    assert canonical(r"\frac{a}") == [r"\frac", "{", "a", "}"]


def test_calibration_error_is_the_gap_between_belief_and_truth():
    honest = [score(True, 0.75), score(True, 0.75), score(True, 0.75), score(False, 0.75)]
    assert calibration_error(honest) == pytest.approx(0.0)
    assert calibration_error([score(False, 0.95)] * 4) == pytest.approx(0.95)


def test_the_table_keeps_kinds_apart():
    text = table({"set": [score(True, 0.9), score(False, 0.1, tags=("matrix",)), score(False, 0.1, flags=("pre",))]})
    one, many, flagged = text.splitlines()[2:]
    assert "| 1 | 100.0 |" in one
    assert "| 1 | 0.0 |" in many
    assert "flagged" in flagged


def test_formulas_count_for_every_kind_they_have():
    sample = Sample("a.png", Image(np.zeros((2, 2, 3), np.uint8)), r"\int \frac{\hat{x}}{2}")
    lines = kinds_table({"set": [Score(sample, "", False, 0.5, 0.1, 10.0), score(True, 0.9)]}).splitlines()[2:]
    assert [line.split(" | ")[0] for line in lines] == ["| fractions, binomials", "| integrals", "| accents"]
    assert all("| 1 | 0.0 | 0.500 |" in line for line in lines)


def test_pages_are_equal_wherever_they_lie_on_the_paper():
    fonts = {0: Font("cmr10", 10)}
    page = Page(1, [(0, 65, 5, 7), (0, 66, 15, 7)], [(5, 3, 10, 1)])
    moved = Page(2, [(0, 65, 8, 6), (0, 66, 18, 6)], [(8, 2, 10, 1)])
    other = Page(3, [(0, 65, 8, 6), (0, 66, 19, 6)], [(8, 2, 10, 1)])
    assert placed(fonts, page) == placed(fonts, moved) != placed(fonts, other)
    assert placed(fonts, Page(4)) == ([], [])
