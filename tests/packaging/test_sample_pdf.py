"""The PDF that ships is the one that its script makes."""

from __future__ import annotations

import re
import zlib

import pytest

import sample_pdf
from scipix.notation.drawing import Drawing, Label, Matrix, Pen, Shape
from scipix.sources.pdf import Pdf


def operators(data: bytes) -> str:
    found = re.search(rb"stream\n(.*)\nendstream", data, re.DOTALL)
    assert found is not None
    return zlib.decompress(found[1]).decode("ascii")


def test_what_ships_is_what_the_script_draws() -> None:
    assert operators(sample_pdf.TARGET.read_bytes()) == sample_pdf.content(sample_pdf.typeset())
    assert sample_pdf.TARGET.stat().st_size < 8000


def test_every_kind_of_outline_is_written() -> None:
    segments = (("M", 0, 0), ("L", 3, 0), ("Q", 3, 3, 0, 3), ("C", 0, 2, 0, 1, 0, 0), ("Z",))
    shape = Shape(segments, Matrix.scale(0.5, 0.5), "currentColor", Pen())
    text = sample_pdf.content(Drawing(1.0, 1.0, 0.0, (shape, shape)))
    drawn = ["110 70 m", "140 70 l", "140 50 130 40 110 40 c", "110 50 110 60 110 70 c", "h", "f"]
    assert text.splitlines() == ["0 g", *drawn, *drawn]
    with Pdf(sample_pdf.document(text)) as document:
        assert document.size(0) == (240, 120)
        assert document.render(0, dpi=72).pixels[60, 115].tolist() == [0, 0, 0]


def test_a_letter_without_an_outline_is_refused() -> None:
    label = Label("x", 1.0, "", False, False, Matrix(), None)
    with pytest.raises(SystemExit, match="missing"):
        sample_pdf.content(Drawing(1.0, 1.0, 0.0, (label,)))
