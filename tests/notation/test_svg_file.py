from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from scipix.notation.mathjax import MathJax
from scipix.notation.svg_file import standalone

NAMESPACE = "{http://www.w3.org/2000/svg}"
TALL = r"\left\{\begin{matrix} a \\ b \\ c \\ d \\ e \end{matrix}\right. \text{ж}"


@pytest.fixture(scope="module")
def svg() -> Iterator[str]:
    mathjax = MathJax()
    yield mathjax.svg(TALL)
    mathjax.close()


def test_the_file_stands_alone(svg: str) -> None:
    text = standalone(svg, title=r"a < b & \frac{1}{2}")
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg"')
    root = ElementTree.fromstring(text.encode())
    assert root.find(f"{NAMESPACE}title").text == r"a < b & \frac{1}{2}"  # pyright: ignore
    assert "currentColor" not in text
    assert "data-" not in text
    assert "ex" not in root.get("width", "")
    assert len(list(root.iter(f"{NAMESPACE}svg"))) == 3, "the stretched parts stay"
    assert len(list(root.iter(f"{NAMESPACE}path"))) == svg.count("<path")


def test_one_em_is_as_many_points_as_asked(svg: str) -> None:
    root = ElementTree.fromstring(standalone(svg, points=10).encode())
    width_em = float(root.get("viewBox", "").split()[2]) / 1000
    assert float(root.get("width", "").removesuffix("pt")) == pytest.approx(10 * width_em, rel=0.01)


def test_the_color_is_the_one_asked_for(svg: str) -> None:
    assert 'fill="#336699"' in standalone(svg, color="#336699")
    with pytest.raises(ValueError, match="color"):
        standalone(svg, color='"/><script>')
    with pytest.raises(ValueError, match="<svg>"):
        standalone("no svg")
