"""The formats, with the real MathJax."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from scipix.cli.output import FORMATS, Formatter
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


def test_latex_that_cannot_be_typeset() -> None:
    assert Formatter("latex").text("\\frac{1") == "\\frac{1"
    formatter = Formatter("mathml")
    with pytest.raises(InvalidLatex):
        formatter.text("\\frac{1")
    formatter.close()
