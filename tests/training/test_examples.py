"""Drawings for calibration."""

from pathlib import Path

import numpy as np
import pytest

from models.training.examples import draw_examples, padded


@pytest.mark.parametrize(("height", "width", "sides"), [(1, 1, (32, 32)), (32, 64, (32, 64)), (33, 65, (64, 96))])
def test_pictures_are_padded_with_paper(height: int, width: int, sides: tuple[int, int]) -> None:
    whole = padded(np.ones((height, width), np.float32))
    assert whole.shape == (1, 1, *sides)
    assert whole[0, 0, :height, :width].all()
    assert whole.sum() == height * width


def test_a_folder_without_packs_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no packs"):
        draw_examples(tmp_path, 1, 256, 100)
