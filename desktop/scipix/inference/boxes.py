"""Where on the picture each token stands, from where the decoder looked when it chose it."""

from __future__ import annotations

import numpy as np

_SAME_GLYPH = 0.5  # overlap (intersection over union) from which two cells are taken to see the same glyph


def from_offsets(attention: np.ndarray, offsets: np.ndarray, columns: int, stride: int) -> np.ndarray:
    """Boxes that the decoder itself tells.

    attention: float32 (n, S) over the cells, row by row. offsets: float32 (n, 4), (left, top, right, bottom) in cells,
    relative to the center of what the token's attention covers. columns: cells in a row. stride: pixels of a cell.
    Returns float32 (n, 4) in pixels of the network's input.
    """
    place = np.arange(attention.shape[1])
    x = attention @ (place % columns + 0.5)
    y = attention @ (place // columns + 0.5)
    return ((offsets + np.stack([x, y, x, y], -1)) * stride).astype(np.float32)


def from_cells(attention: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Boxes from those that the encoder tells for each cell: float32 (n, S), (S, 4) -> (n, 4), NaN without attention.

    The box is that of the cell looked at most, averaged by attention with those of the cells that see the same glyph.
    """
    boxes = np.full((attention.shape[0], 4), np.nan, dtype=np.float32)
    for row, weights in enumerate(attention):
        if not weights.any():
            continue
        best = int(weights.argmax())
        near = weights * (overlap(cells[best], cells) >= _SAME_GLYPH)
        near[best] = weights[best]
        boxes[row] = near @ cells / near.sum()
    return boxes


def overlap(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union of one (l, t, r, b) with many: (4,), (N, 4) -> (N,)."""
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    shared = np.clip(sides, 0, None).prod(1)
    area = (box[2:] - box[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(1) - shared
    return shared / np.maximum(area, 1e-9)
