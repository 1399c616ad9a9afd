from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from scipix.datatypes import Origin
from scipix.errors import InvalidLatex
from scipix.gui.convert import to_image
from scipix.gui.painting import MARGIN, paint, render_image, to_png
from scipix.notation.drawing import Drawing, Matrix, Pen, Shape
from scipix.notation.mathjax import MathJax
from scipix.notation.svg import parse_svg
from tests.notation.formulas import FORMULAS

BLACK, WHITE = QColor("black"), QColor("white")


@pytest.fixture(scope="module")
def mathjax() -> Iterator[MathJax]:
    mathjax = MathJax()
    yield mathjax
    mathjax.close()


@pytest.fixture(autouse=True)
def _application(qtbot: QtBot) -> None:
    """Text needs a QGuiApplication."""


def ink(image: QImage) -> np.ndarray:
    """float (H, W): 0 paper .. 1 ink, for black on white."""
    return 1 - to_image(image, Origin.FILE).pixels.mean(axis=2) / 255


def drawn(mathjax: MathJax, latex: str, px_per_em: float = 40) -> np.ndarray:
    return ink(render_image(parse_svg(mathjax.svg(latex)), px_per_em, color=BLACK, background=WHITE))


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_leaves_ink_inside_the_picture(mathjax: MathJax, name: str) -> None:
    picture = drawn(mathjax, FORMULAS[name], 24)
    assert 0.01 < picture.mean() < 0.6
    border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    assert border.max() < 0.5, "something is cut off"


def test_a_stretched_brace_has_no_gap(mathjax: MathJax) -> None:
    picture = drawn(mathjax, r"\left\{\begin{matrix} a \\ b \\ c \\ d \\ e \end{matrix}\right.")
    brace = picture[MARGIN + 4 : -MARGIN - 4, : round(0.9 * 40)]
    assert (brace.max(axis=1) > 0.5).all()


def test_brackets_bars_and_arrows_stretch(mathjax: MathJax) -> None:
    bars = drawn(mathjax, r"\begin{vmatrix} a \\ b \\ c \\ d \\ e \end{vmatrix}")
    assert (bars[8:-8, :20].max(axis=1) > 0.4).all()
    short, long = drawn(mathjax, r"\xrightarrow{a}"), drawn(mathjax, r"\xrightarrow{abcdefghij}")
    shaft = long[long.sum(axis=1).argmax()]
    assert (shaft > 0.3).mean() > 0.9
    assert long.shape[1] > 2 * short.shape[1]
    brace = drawn(mathjax, r"\overbrace{abcdefghijklm}")
    assert (brace[: round(0.45 * 40), 10:-10].max(axis=0) > 0.4).all()


def test_the_bar_of_a_root_and_of_a_fraction_run_through(mathjax: MathJax) -> None:
    root = drawn(mathjax, r"\sqrt{\phantom{abcdefgh}}")
    top = root[: MARGIN + 5].max(axis=0)
    assert (top[round(1.1 * 40) : -MARGIN - 3] > 0.4).all()
    fraction = drawn(mathjax, r"\frac{\phantom{abcdef}}{x}")
    assert ((fraction > 0.3).mean(axis=1)).max() > 0.85


def test_rules_of_an_array_and_a_box_are_drawn(mathjax: MathJax) -> None:
    ruled = drawn(mathjax, r"\begin{array}{|c|} \hline \phantom{abcdef} \\ \hline \end{array}")
    assert (ruled[MARGIN + 1] > 0.3).mean() > 0.9
    assert (ruled[:, MARGIN + 1] > 0.3).mean() > 0.9
    boxed = drawn(mathjax, r"\boxed{\phantom{abc}}")
    assert (boxed > 0.3).mean(axis=1).max() > 0.9
    dashed = drawn(mathjax, r"\begin{array}{c} \phantom{abcdef} \\ \hdashline \phantom{a} \end{array}")
    assert 0.3 < (dashed > 0.3).mean(axis=1).max() < 0.8


def test_a_tag_is_shown_beside_its_equation(mathjax: MathJax) -> None:
    plain, tagged = drawn(mathjax, "E = mc^2"), drawn(mathjax, r"E = mc^2 \tag{1}")
    assert tagged.sum() > plain.sum() * 1.2
    assert tagged.shape[1] > plain.shape[1] + 2 * 40


def test_colors_of_the_formula_and_of_the_theme(mathjax: MathJax) -> None:
    drawing = parse_svg(mathjax.svg(r"\rule{1em}{1em}\color{#ff0000}\rule{1em}{1em}"))
    image = render_image(drawing, 20, color=QColor("#00ff00"), background=QColor("#000040"))
    assert image.pixelColor(MARGIN + 10, MARGIN + 10) == QColor("#00ff00")
    assert image.pixelColor(MARGIN + 30, MARGIN + 10) == QColor("#ff0000")
    assert image.pixelColor(0, 0) == QColor("#000040")


def test_a_color_that_qt_does_not_know_is_that_of_the_text(mathjax: MathJax) -> None:
    image = render_image(parse_svg(mathjax.svg(r"\color{nosuch}\rule{1em}{1em}")), 20, color=QColor("#123456"))
    assert image.pixelColor(MARGIN + 10, MARGIN + 10) == QColor("#123456")
    assert image.pixelColor(0, 0).alpha() == 0


def test_sharp_at_any_device_pixel_ratio(mathjax: MathJax) -> None:
    drawing = parse_svg(mathjax.svg(FORMULAS["quadratic"]))
    once = render_image(drawing, 20, color=BLACK, background=WHITE)
    twice = render_image(drawing, 20, dpr=2, color=BLACK, background=WHITE)
    assert twice.devicePixelRatio() == 2
    assert abs(twice.width() - 2 * once.width()) <= 2 * MARGIN + 1
    assert np.array_equal(ink(twice), ink(render_image(drawing, 40, color=BLACK, background=WHITE)))


def test_stroke_width_zero_draws_nothing() -> None:
    line = Shape((("M", 0, 0.5), ("L", 1, 0.5)), Matrix(), None, Pen("red", 0.0))
    image = render_image(Drawing(1, 1, 0, (line,)), 20, color=BLACK, background=WHITE)
    assert ink(image).max() == 0


def test_the_painter_is_left_as_it_was(mathjax: MathJax) -> None:
    image = QImage(100, 100, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.translate(7, 8)
    before = painter.transform()
    paint(parse_svg(mathjax.svg(FORMULAS["bmatrix"])), painter, BLACK, 10)
    assert painter.transform() == before
    assert not painter.hasClipping()
    painter.end()


def test_png_is_a_file_of_the_right_resolution(mathjax: MathJax) -> None:
    drawing = parse_svg(mathjax.svg("x + y"))
    data = to_png(drawing, 50)
    assert data.startswith(b"\x89PNG")
    image = QImage.fromData(data)
    assert image.width() == pytest.approx(drawing.width * 50 + 2 * MARGIN, abs=1)
    assert image.dotsPerMeterX() == pytest.approx(50 / 12 * 72 / 0.0254, abs=1)
    assert image.pixelColor(0, 0).alpha() == 0
    assert QImage.fromData(to_png(drawing, 50, WHITE)).pixelColor(0, 0) == WHITE


def test_a_picture_too_large_is_refused(mathjax: MathJax) -> None:
    drawing = parse_svg(mathjax.svg(r"\hspace{1500em} \rule{1em}{1500em}"))
    with pytest.raises(InvalidLatex, match="too large"):
        to_png(drawing, 48)
