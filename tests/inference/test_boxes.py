"""Boxes from attention."""

from __future__ import annotations

import numpy as np

from scipix.inference.boxes import from_cells, from_offsets, overlap

CELLS = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [40, 0, 50, 10]], dtype=np.float32)


def test_cells_of_one_glyph_are_averaged_and_others_ignored() -> None:
    boxes = from_cells(np.array([[0.5, 0.25, 0.25]], dtype=np.float32), CELLS)
    np.testing.assert_allclose(boxes, [[1 / 3, 0, 31 / 3, 10]], rtol=1e-6)


def test_no_attention_no_box() -> None:
    assert np.isnan(from_cells(np.zeros((2, 3), dtype=np.float32), CELLS)).all()


def test_offsets_are_from_the_center_of_attention() -> None:
    attention = np.zeros((2, 12), dtype=np.float32)  # 3 rows of 4 cells
    attention[0, 5] = 1  # row 1, column 1: center (1.5, 1.5)
    attention[1, [1, 2]] = 0.5  # between two cells of row 0: center (2, 0.5)
    offsets = np.array([[-1, -1, 1, 1], [0, 0, 0.5, 0.25]], dtype=np.float32)
    boxes = from_offsets(attention, offsets, 4, 8)
    np.testing.assert_allclose(boxes, [[4, 4, 20, 20], [16, 4, 20, 6]])


def test_overlap() -> None:
    np.testing.assert_allclose(overlap(CELLS[0], CELLS), [1, 90 / 110, 0])
    assert overlap(np.zeros(4), np.zeros((1, 4)))[0] == 0
