"""Drawings of packed formulas, on a pack made by hand: six letters of 30 x 40 pixels side by side."""

from pathlib import Path

import numpy as np
import pytest

from models.training.render import Pack, compose, draw
from scipix.recognize.scale import TARGET_HEIGHT, typical_height


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    letters = np.array([(0, 36 * i, 0, 1) for i in range(6)], np.int32)
    np.savez(
        tmp_path / "six.npz", shapes=np.array([(40, 30, 0, 0)], np.int32), pixels=np.full(1200, 255, np.uint8),
        sizes=np.array([(6, 0, 6)], np.int32), glyphs=letters, rules=np.zeros((0, 4), np.int16),
        tokens=np.arange(3, 9, dtype=np.int16), boxes=np.zeros((6, 4), np.int16),
    )  # fmt: skip
    return Pack(tmp_path / "six.npz")


def heights(boxes: np.ndarray) -> float:
    widths, heights = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    return typical_height(widths, heights, widths * heights)


def test_letters_come_out_at_the_height_the_app_scales_to(pack):
    rng = np.random.default_rng(1)
    drawn = [heights(draw(pack, 0, rng, degraded=False).glyph_boxes) for _ in range(40)]
    assert np.median(drawn) == pytest.approx(TARGET_HEIGHT, rel=0.03)


def test_nothing_is_drawn_larger_than_its_room(pack):
    rng = np.random.default_rng(1)
    free = [draw(pack, 0, rng).ink.shape for _ in range(60)]
    room = (32, 100)
    assert any(height > room[0] or width > room[1] for height, width in free)
    for _ in range(60):
        drawing = draw(pack, 0, rng, room=room)
        assert drawing.ink.shape[0] <= room[0] + 1
        assert drawing.ink.shape[1] <= room[1] + 1
        assert drawing.glyph_boxes[:, 2].max() <= room[1]
        assert drawing.glyph_boxes[:, 3].max() <= room[0]


def test_areas_are_those_of_the_bitmaps(tmp_path):
    shapes = np.array([(2, 3, 0, 0), (0, 0, 0, 0), (1, 4, 0, 0), (0, 0, 0, 0)], np.int32)
    pixels = np.array([255, 0, 255, 20, 255, 0, 0, 0, 90, 255], np.uint8)
    np.savez(
        tmp_path / "odd.npz", shapes=shapes, pixels=pixels, sizes=np.zeros((0, 3), np.int32),
        glyphs=np.zeros((0, 4), np.int32), rules=np.zeros((0, 4), np.int16), tokens=np.zeros(0, np.int16),
        boxes=np.zeros((0, 4), np.int16),
    )  # fmt: skip
    assert Pack(tmp_path / "odd.npz").areas.tolist() == [3, 0, 2, 0]


def test_shades_lighten_single_glyphs(pack):
    shades = np.array([1.0, 0.5, 1.0, 0.4, 1.0, 1.0], np.float32)
    canvas, boxes, _ = compose(pack, pack.item(0), shades)
    inside = [canvas[top:bottom, left:right].max() for left, top, right, bottom in boxes]
    assert inside == [255, 127, 255, 102, 255, 255]
