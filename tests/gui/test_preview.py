from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from scipix.gui.preview import BEST_SIZE, LEAST_SIZE, PreviewWidget
from scipix.notation.drawing import Drawing
from scipix.notation.mathjax import MathJax
from scipix.notation.svg import parse_svg
from tests.notation.formulas import FORMULAS

TEXT, PANEL, ERROR = QColor("#000000"), QColor("#ffffff"), QColor("#ff0000")


@pytest.fixture(scope="module")
def mathjax() -> Iterator[MathJax]:
    mathjax = MathJax()
    yield mathjax
    mathjax.close()


@pytest.fixture
def quadratic(mathjax: MathJax) -> Drawing:
    return parse_svg(mathjax.svg(FORMULAS["quadratic"]))


@pytest.fixture
def preview(qtbot: QtBot) -> PreviewWidget:
    preview = PreviewWidget()
    qtbot.addWidget(preview)
    preview.set_colors(TEXT, PANEL, ERROR)
    preview.resize(600, 300)
    preview.show()
    return preview


def darkest(preview: PreviewWidget) -> int:
    image = preview.grab().toImage()
    return min(image.pixelColor(x, y).green() for x in range(image.width()) for y in range(0, image.height(), 2))


def ink_box(preview: PreviewWidget) -> tuple[int, int, int, int]:
    image = preview.grab().toImage()
    dark = [
        (x, y) for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y).lightness() < 128
    ]
    xs, ys = [x for x, _ in dark], [y for _, y in dark]
    return min(xs), min(ys), max(xs), max(ys)


def test_empty_is_the_background_only(preview: PreviewWidget) -> None:
    assert darkest(preview) == 255


def test_a_formula_is_centered_at_the_best_size(preview: PreviewWidget, quadratic: Drawing) -> None:
    preview.set_drawing(quadratic)
    assert preview.px_per_em == BEST_SIZE
    left, top, right, bottom = ink_box(preview)
    assert left == pytest.approx(599 - right, abs=4)
    assert top == pytest.approx(299 - bottom, abs=4)


def test_a_wide_formula_is_scaled_down_to_fit(preview: PreviewWidget, quadratic: Drawing) -> None:
    preview.set_drawing(quadratic)
    preview.resize(200, 300)
    assert LEAST_SIZE < preview.px_per_em < BEST_SIZE
    assert preview.horizontalScrollBar().maximum() == 0
    left, _, right, _ = ink_box(preview)
    assert left > 5
    assert right < 195


def test_a_formula_too_wide_to_be_read_scrolls(preview: PreviewWidget, mathjax: MathJax) -> None:
    preview.set_drawing(parse_svg(mathjax.svg("+".join("x" * 80))))
    assert preview.px_per_em == LEAST_SIZE
    bar = preview.horizontalScrollBar()
    assert bar.maximum() > 0
    before = preview.grab().toImage()
    bar.setValue(bar.maximum())
    assert preview.grab().toImage() != before
    preview.set_drawing(parse_svg(mathjax.svg("x")))
    assert (bar.maximum(), bar.value()) == (0, 0)


def test_an_error_dims_the_last_good_formula_and_says_why(preview: PreviewWidget, quadratic: Drawing) -> None:
    preview.set_drawing(quadratic)
    assert darkest(preview) < 40
    preview.set_error(r"Undefined control sequence \foo")
    assert preview.error == r"Undefined control sequence \foo"
    assert preview.drawing is quadratic
    image = preview.grab().toImage()
    colors = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    assert any(color.red() > 200 and color.green() < 90 for color in colors), "the message"
    assert not any(color.red() < 100 for color in colors), "the formula is dimmed"
    preview.set_error(None)
    assert darkest(preview) < 40


def test_a_new_formula_clears_the_error(preview: PreviewWidget, quadratic: Drawing) -> None:
    preview.set_error("wrong")
    preview.set_drawing(quadratic)
    assert preview.error is None


def test_an_error_without_a_formula_is_shown(preview: PreviewWidget) -> None:
    preview.set_error("Missing close brace")
    assert darkest(preview) < 90


def test_theme_colors_take_effect_at_once(preview: PreviewWidget, quadratic: Drawing) -> None:
    preview.set_drawing(quadratic)
    preview.set_colors(QColor("#e0e0e0"), QColor("#202020"))
    image = preview.grab().toImage()
    assert image.pixelColor(2, 2) == QColor("#202020")
    assert max(image.pixelColor(x, y).lightness() for x in range(600) for y in range(100, 200)) > 200


def test_hints_follow_the_formula(preview: PreviewWidget, quadratic: Drawing, mathjax: MathJax) -> None:
    preview.set_drawing(quadratic)
    hint = preview.sizeHint()
    assert hint.width() > quadratic.width * BEST_SIZE
    assert hint.height() > quadratic.height * BEST_SIZE
    preview.set_drawing(parse_svg(mathjax.svg("+".join("x" * 80))))
    assert preview.sizeHint().width() == 900
    assert preview.minimumSizeHint() == QSize(120, 60)


def test_a_view_without_room_does_not_fail(preview: PreviewWidget, quadratic: Drawing) -> None:
    preview.set_drawing(quadratic)
    preview.set_error("wrong " * 40)
    preview.resize(1, 1)
    preview.grab()
    assert preview.px_per_em == LEAST_SIZE
