"""Formulas as browsers lay them out: the page, and packs of what is read from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("freetype")
pytest.importorskip("matplotlib")

from models.training import browsed, glyphs, placing
from models.training.placing import Sources, WebPacker
from models.training.shapes import Shapes
from scipix.notation.tokens import tokenize

ARROW = {"at": 0, "rect": [0, 0, 400, 100], "clip": [0, 0, 400, 100], "view": "0 0 4000 1000", "path": "M0 0h4000v1000h-4000z",
         "ratio": "none", "line": None, "stroke": 0}  # fmt: skip


def test_the_page_holds_the_formulas_and_a_katex_that_tells_places(tmp_path: Path) -> None:
    (tmp_path / "katex.js").write_text("\n".join(old for old, _ in browsed._PATCHES))
    made = browsed.page(["a < b", "x"], tmp_path)
    assert made.count("class=cell>") == 2
    assert "a &lt; b" in made
    assert all(new in made for _, new in browsed._PATCHES)


def test_a_katex_that_is_not_known_is_refused(tmp_path: Path) -> None:
    (tmp_path / "katex.js").write_text("another version")
    with pytest.raises(ValueError, match="not known"):
        browsed.page(["x"], tmp_path)


def test_places_of_tokens_in_sources_that_are_spelled_otherwise() -> None:
    sources = Sources("\\displaystyle \\dfrac{a}{b}\\,\\le c", tokenize("\\frac{a}{b}\\leq c"))
    found = {place: sources.tokens[at] for place, at in sources.of_place.items()}
    assert found[14] == "\\frac"
    assert found[21] == "a"
    assert found[28] == "\\leq"
    assert sources.token(0, False) is None


def test_each_delimiter_of_a_pair_is_the_one_on_its_side() -> None:
    tokens = tokenize("\\left( \\left[ a \\right] \\right) \\begin{pmatrix} b \\end{pmatrix}")
    source = "\\left(\\left[a\\right]\\right)\\begin{pmatrix}b\\end{pmatrix}"
    sources = Sources(source, tokens)
    assert [tokens[sources.token(0, side) or 0] for side in (False, True)] == ["(", ")"]
    assert [tokens[sources.token(6, side) or 0] for side in (False, True)] == ["[", "]"]
    assert [tokens[sources.token(source.index("\\begin"), side) or 0] for side in (False, True)] == [
        "\\begin{pmatrix}",
        "\\end{pmatrix}",
    ]


def test_shapes_fill_their_rectangle_or_are_cut() -> None:
    shapes = Shapes(0.1)
    whole = shapes.draw(shapes.number(ARROW))
    assert whole.alpha.shape == (10, 40)
    assert whole.alpha.min() == 255
    cut = shapes.draw(shapes.number(ARROW | {"clip": [0, 0, 100, 100]}))
    assert cut.alpha.shape == (10, 10)
    sliced = shapes.draw(shapes.number(ARROW | {"ratio": "xMinYMin slice", "path": "M0 0h1000v500h-1000z"}))
    assert sliced.alpha.shape == (5, 10)
    far = shapes.draw(
        shapes.number(ARROW | {"ratio": "xMaxYMin meet", "view": "0 0 1000 1000", "path": "M0 0h1000v1000h-1000z"})
    )
    assert (far.left, far.alpha.shape) == (30, (10, 10))
    assert shapes.number(ARROW) == 0


def test_strokes_and_what_draws_nothing() -> None:
    shapes = Shapes(0.1)
    stroke = shapes.draw(shapes.number(ARROW | {"path": None, "line": [0, 50, 400, 50], "stroke": 20}))
    assert stroke.alpha.shape == (2, 40)
    with pytest.raises(ValueError, match="blank"):
        shapes.draw(shapes.number(ARROW | {"path": "M0 0"}))


@pytest.fixture
def packer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> WebPacker:
    """With fonts whose every letter is a square of 10 pixels that stands on its line."""
    for name in ("Main-Regular", "Math-Italic", "Size1-Regular"):
        (tmp_path / f"KaTeX_{name}.ttf").touch()
    square = glyphs.Glyph(np.full((10, 10), 255, np.uint8), 0, -10)
    monkeypatch.setattr(placing.plots, "draw", lambda font, code: square)
    monkeypatch.setattr(placing, "_glyph", lambda path, character: ord(character))
    monkeypatch.setattr(placing, "_ascent", lambda path: 1.0)
    monkeypatch.setattr(placing, "_visible", lambda font, number: True)
    names = ["\\frac", "{", "}", "a", "b", "\\sqrt", "\\left", "\\right", "(", ")", "\\mathrm", "s"]
    classes = {"background": 0, "a": 1, "b": 2, "(": 3, "\\mathrm:s": 4, "s": 5}
    return WebPacker(classes, {name: number for number, name in enumerate(names)}, tmp_path)


def char(at: int, character: str, left: float, top: float, family: str = "Math") -> list[Any]:
    return [at, character, f"KaTeX_{family}, math", False, family == "Math", 420, left, top]


def test_a_fraction_is_packed_with_what_each_token_drew(packer: WebPacker) -> None:
    items = {"chars": [char(6, "a", 0, 0), char(9, "b", 0, 800), char(6, "\u200b", 0, 0)],
             "rules": [[0, 0.0, 600.0, 500.0, 620.0], [0, 0.0, 0.0, 0.0, 5.0]], "paths": []}  # fmt: skip
    tokens = tokenize("\\frac{a}{b}")
    assert packer.put(items, "\\frac{a}{b}", tokens)
    assert packer.sizes == [(2, 1, len(tokens))]
    assert packer.rows["glyphs"][0][:, 3].tolist() == [1, 2]
    boxes = packer.rows["boxes"][0]
    bar = packer.rows["rules"][0][0]
    assert boxes[0].tolist() == [bar[0], bar[1], bar[0] + bar[2], bar[1] + bar[3]]
    a, b = boxes[tokens.index("a")], boxes[tokens.index("b")]
    assert a[3] <= bar[1] < bar[1] + bar[3] <= b[3]
    assert (boxes[:, 2] > boxes[:, 0]).sum() == 3


def test_delimiters_letters_of_names_and_fonts_of_others(packer: WebPacker) -> None:
    tokens = tokenize("\\left( \\mathrm{s} \\right)")
    items = {"chars": [char(0, "(", 0, 0, "Size1"), char(14, "s", 400, 0, "Main"), char(0, ")", 800, 0, "Size1")],
             "rules": [], "paths": []}  # fmt: skip
    assert packer.put(items, "\\left(\\mathrm{s}\\right)", tokens)
    boxes = packer.rows["boxes"][0]
    assert boxes[tokens.index("(")][0] < boxes[tokens.index("s")][0] < boxes[tokens.index(")")][0]
    assert packer.rows["glyphs"][0][1, 3] == 4
    assert not packer.put(items | {"chars": [[0, "?", "serif", False, False, 420, 0, 0]]}, "s", ["s"])


def test_the_sign_of_a_root_is_told_without_its_bar(packer: WebPacker) -> None:
    shape = ARROW | {"rect": [0, 0, 4000, 400], "clip": [0, 0, 4000, 400], "at": 0}
    items = {"chars": [char(6, "a", 500, 0)], "rules": [], "paths": [shape]}
    tokens = tokenize("\\sqrt{a}")
    assert packer.put(items, "\\sqrt{a}", tokens)
    sign = packer.rows["boxes"][0][0]
    drawn = packer.atlas.bitmaps[packer.rows["glyphs"][0][1, 0]]
    assert drawn is not None
    assert 0 < sign[2] - sign[0] < drawn.alpha.shape[1] / 5
