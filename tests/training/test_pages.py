"""Pictures of formulas as TeX sets them."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from models.training.evaluate import canonical
from models.training.pages import draw, refused, source

PAPERS = Path(__file__).parents[2] / "models/training/papers.txt"


def test_each_formula_has_a_line_of_its_own_and_errors_are_told_by_it() -> None:
    text = source("", ["a", "b", "c"])
    line = next(i for i, each in enumerate(text.split("\n"), 1) if each.startswith("$\\displaystyle b$"))
    assert refused(f"! Undefined control sequence.\nl.{line} $\\displaystyle b\n", text) == {1}
    assert refused("", text) == set()


def test_each_formula_of_the_file_can_be_normalized_and_is_another_one() -> None:
    formulas = PAPERS.read_text(encoding="utf-8").split("\n")[:-1]
    assert len({tuple(canonical(formula)) for formula in formulas}) == len(formulas) > 250


@pytest.mark.skipif(not (shutil.which("latex") and shutil.which("dvipng")), reason="needs TeX")
def test_pictures_are_cut_tightly_and_what_tex_refuses_is_left_out(tmp_path: Path) -> None:
    made = draw("", ["[x,y]", "\\nosuchcommand", "z"], 150, tmp_path, "cm")
    assert [formula for _, formula in made] == ["[x,y]", "z"]
    for file, _ in made:
        dark = np.asarray(Pillow.open(tmp_path / file).convert("L")) < 128
        rows, columns = np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))
        assert max(rows[0], dark.shape[0] - 1 - rows[-1], columns[0], dark.shape[1] - 1 - columns[-1]) <= 2
