"""Pages of formulas, and the pictures that are cut out of what a browser shows of them."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from models.training.webpages import CELLS, HEIGHT, WIDTH, cut, page, shoot


def test_formulas_stand_in_the_page_as_text(tmp_path: Path) -> None:
    made = page([r"a < b & c", "x"], tmp_path)
    assert "a &lt; b &amp; c" in made
    assert made.count("class=cell") == 2
    assert (tmp_path / "katex.min.js").resolve().as_uri() in made


@pytest.mark.parametrize("zoom", [1.0, 1.5, 2.0])
def test_each_cell_gives_its_formula_with_a_margin(zoom: float) -> None:
    shot = np.full((round(HEIGHT * CELLS * zoom), round(WIDTH * zoom)), 255, np.uint8)
    top = round((3 * HEIGHT + 100) * zoom)
    shot[top : top + 30, 40:90] = 0
    pictures = list(cut(shot, zoom))
    assert len(pictures) == CELLS
    assert [place for place, picture in enumerate(pictures) if picture is not None] == [3]
    margin = round(6 * zoom)
    assert pictures[3] is not None
    assert abs(pictures[3].shape[0] - (30 + 2 * margin)) <= 1
    assert abs(pictures[3].shape[1] - (50 + 2 * margin)) <= 1


def test_what_does_not_fit_into_its_cell_is_left_out() -> None:
    shot = np.full((HEIGHT * CELLS, WIDTH), 255, np.uint8)
    shot[50:80, 20:] = 0  # too wide
    shot[2 * HEIGHT - 40 : 2 * HEIGHT + 10, 20:80] = 0  # over the edge of two cells
    assert all(picture is None for picture in cut(shot, 1.0))


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium")
def test_a_browser_shows_what_stands_in_the_page() -> None:
    source = "<!doctype html><body style='margin:0;background:#fff'><div style='width:50px;height:20px;background:#000'></div>"
    shot = shoot(source, "chromium", 1.0)
    assert shot.shape[1] == WIDTH
    assert shot[10, 10] == 0
    assert shot[10, 60] == 255
