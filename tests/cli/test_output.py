"""The formats, with the real MathJax."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

import pytest

from scipix.cli.output import FORMATS, Formatter, success
from scipix.datatypes import Alternative, Box, Kind, Mode, Reading, Symbol
from scipix.errors import InvalidLatex

LATEX = "\\begin{pmatrix}a&\\frac{1}{2}\\\\\nc&d\\end{pmatrix}"


@pytest.mark.parametrize("wanted", FORMATS)
def test_every_format_is_one_line(wanted: str) -> None:
    formatter = Formatter(wanted)
    text = formatter.text(LATEX)
    formatter.close()
    assert text
    assert "\n" not in text
    if wanted != "latex":
        assert ElementTree.fromstring(text).tag.endswith("math" if wanted == "mathml" else "svg")
    assert "currentColor" not in text, "other programs draw nothing, or in any color, where they do not know it"


def test_latex_that_cannot_be_typeset() -> None:
    assert Formatter("latex").text("\\frac{1") == "\\frac{1"
    formatter = Formatter("mathml")
    with pytest.raises(InvalidLatex):
        formatter.text("\\frac{1")
    formatter.close()


def test_symbols_tell_what_else_they_may_be_only_where_there_is_something() -> None:
    symbols = (Symbol("x", Box(1, 2, 3, 4), 0.6, (Alternative("\\times", 0.3123456789),)), Symbol("+", None, 1.0))
    line = json.loads(success("a.png", Mode.MATH, Reading(Kind.FORMULA, "x+", 0.6, symbols), "x+"))
    assert line["symbols"] == [
        {
            "latex": "x",
            "box": [1, 2, 3, 4],
            "confidence": 0.6,
            "others": [{"latex": "\\times", "confidence": 0.312346}],
        },
        {"latex": "+", "box": None, "confidence": 1.0},
    ]
