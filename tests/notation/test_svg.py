from __future__ import annotations

from collections.abc import Iterator

import pytest

from scipix.errors import InvalidLatex
from scipix.notation.drawing import CURRENT, Label, Rect, Shape
from scipix.notation.mathjax import MathJax
from scipix.notation.svg import parse_svg
from tests.notation.formulas import FORMULAS


@pytest.fixture(scope="module")
def mathjax() -> Iterator[MathJax]:
    mathjax = MathJax()
    yield mathjax
    mathjax.close()


def svg(body: str, box: str = "0 -1000 2000 1500") -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{body}</svg>'


def only(body: str) -> Shape:
    (item,) = parse_svg(svg(body)).items
    assert isinstance(item, Shape)
    return item


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_parses_to_something_of_a_size(mathjax: MathJax, name: str) -> None:
    drawing = parse_svg(mathjax.svg(FORMULAS[name]))
    assert drawing.items
    assert 0.3 < drawing.width < 40
    assert 0.3 < drawing.height < 12
    assert 0 <= drawing.depth < drawing.height


def test_sizes_are_in_em_with_the_depth_below_the_baseline() -> None:
    drawing = parse_svg(svg("<g/>"))
    assert (drawing.width, drawing.height, drawing.depth) == (2.0, 1.5, 0.5)
    assert drawing.items == ()


def test_a_fraction_is_as_large_as_in_tex(mathjax: MathJax) -> None:
    drawing = parse_svg(mathjax.svg("x"))
    assert drawing.width == pytest.approx(0.572)  # the width of x in Computer Modern
    assert drawing.height == pytest.approx(0.453)


def test_transforms_apply_from_the_outside_in() -> None:
    shape = only('<g transform="translate(100,0) scale(2)"><path transform="translate(50)" d="M0 0L1 0"/></g>')
    assert shape.matrix.point(0, 0) == pytest.approx((0.2, 1.0))
    assert only('<path transform="matrix(1 0 0 -1 0 500)" d="M0 0L1 0"/>').matrix.point(0, 0) == pytest.approx((0, 1.5))
    turned = only('<path transform="rotate(90 100 100)" d="M0 0L1 0"/>').matrix.point(200, 100)
    assert turned == pytest.approx((0.1, 1.2))


def test_paint_is_inherited_and_none_paints_nothing() -> None:
    shape = only('<g fill="red" stroke="#00f" stroke-width="5"><g><rect width="10" height="10"/></g></g>')
    assert (shape.fill, shape.pen.paint, shape.pen.width) == ("red", "#00f", 5.0)
    assert only('<path d="M0 0L1 1"/>').fill == CURRENT
    assert parse_svg(svg('<rect width="9" height="9" fill="none" stroke="none"/>')).items == ()


def test_lines_and_frames_keep_their_dashes() -> None:
    shape = only('<line x1="0" y1="5" x2="9" y2="5" stroke="red" stroke-width="7" stroke-dasharray="1,2,3"/>')
    assert shape.segments == (("M", 0, 5), ("L", 9, 5))
    assert shape.pen.dashes == (1, 2, 3, 1, 2, 3)  # an odd list counts twice
    assert only('<path d="M0 0L1 0" stroke-linecap="round"/>').pen.round_ends


def test_a_nested_svg_maps_its_view_box_and_cuts_off() -> None:
    shape = only('<svg x="100" y="-900" width="400" height="200" viewBox="0 0 100 50"><path d="M0 0L1 1"/></svg>')
    assert shape.matrix.point(0, 0) == pytest.approx((0.1, 0.1))
    assert shape.matrix.point(100, 50) == pytest.approx((0.5, 0.3))
    assert shape.clip is not None
    assert (shape.clip.left, shape.clip.top, shape.clip.right, shape.clip.bottom) == pytest.approx((0.1, 0.1, 0.5, 0.3))


@pytest.mark.parametrize(
    ("aspect", "origin", "unit"),
    [
        ("xMidYMid", (100, 0), 2),
        ("xMinYMin meet", (0, 0), 2),
        ("xMaxYMid", (200, 0), 2),
        ("xMidYMin slice", (0, 0), 4),
        ("none", (0, 0), None),
    ],
)
def test_preserve_aspect_ratio(aspect: str, origin: tuple[float, float], unit: float | None) -> None:
    shape = only(
        f'<svg width="400" height="200" viewBox="0 0 100 100" preserveAspectRatio="{aspect}"><path d="M0 0H1"/></svg>'
    )
    x, y = shape.matrix.point(0, 0)
    assert (x * 1000, y * 1000 - 1000) == pytest.approx(origin)
    scales = (shape.matrix.a * 1000, shape.matrix.d * 1000)
    assert scales == pytest.approx((4, 2) if unit is None else (unit, unit))


def test_clips_of_nested_views_meet() -> None:
    inner = '<svg width="100" height="100"><svg x="50" width="100" height="100"><path d="M0 0H1"/></svg></svg>'
    clip = only(inner).clip
    assert clip is not None
    assert (clip.left, clip.right) == pytest.approx((0.05, 0.1))
    assert isinstance(clip, Rect)


def test_stretched_brackets_come_with_their_extenders(mathjax: MathJax) -> None:
    tall = r"\left\{\begin{matrix} a \\ b \\ c \\ d \\ e \end{matrix}\right."
    clipped = [item for item in parse_svg(mathjax.svg(tall)).items if item.clip is not None]
    assert len(clipped) == 2  # QtSvg shows none of these


def test_text_keeps_its_font(mathjax: MathJax) -> None:
    labels = [item for item in parse_svg(mathjax.svg(r"\textbf{ж}")).items if isinstance(item, Label)]
    assert [(label.text, label.bold, label.size) for label in labels] == [("ж", True, 884.0)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<svg",
        "<html/>",
        "<svg/>",
        '<svg viewBox="0 0 1"/>',
        '<svg viewBox="0 0 -5 5"/>',
        svg("", box="0 0 99999999 10"),
        svg("<image/>"),
        svg('<path d="M0"/>'),
        svg('<g transform="skewX(3)"/>'),
        svg('<rect width="wide"/>'),
        svg('<polygon points="1 2 3"/>'),
        '<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + svg("&a;"),
    ],
)
def test_what_cannot_be_drawn_is_refused(text: str) -> None:
    with pytest.raises(InvalidLatex, match="cannot be drawn"):
        parse_svg(text)


def test_deep_nesting_needs_no_recursion() -> None:
    assert len(parse_svg(svg("<g>" * 5000 + '<path d="M0 0H1"/>' + "</g>" * 5000)).items) == 1


@pytest.mark.parametrize("latex", [r"\hspace{99999em} x", r"\kern-99999em x", r"\rule{1em}{-99999em}"])
def test_a_formula_too_large_to_draw_is_refused(mathjax: MathJax, latex: str) -> None:
    with pytest.raises(InvalidLatex, match="too large"):
        parse_svg(mathjax.svg(latex))


def test_labels_that_stick_out_are_inside(mathjax: MathJax) -> None:
    drawing = parse_svg(mathjax.svg(r"a \llap{bcdefgh}"))
    assert drawing.width > 2, "MathJax's own width is that of the a"
    assert min(item.matrix.point(0, 0)[0] for item in drawing.items) > -0.1
