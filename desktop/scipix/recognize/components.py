"""Connected components of a binary picture, by their runs."""

from __future__ import annotations

import numpy as np


def component_boxes(mask: np.ndarray) -> np.ndarray:
    """int64 (n, 4): left, top, right, bottom of each 8-connected component of mask (bool (H, W))."""
    return components(mask)[:, :4]


def components(mask: np.ndarray) -> np.ndarray:
    """int64 (n, 5): left, top, right, bottom, pixels of each 8-connected component of mask (bool (H, W)).

    Runs of each row are joined where they touch runs of the next row; labels then spread by pointer jumping, in whole
    arrays (Hirschberg, Chandra and Sarwate, 1979), because a loop over pixels would be too slow in Python.
    """
    height, width = mask.shape
    padded = np.zeros((height, width + 2), np.int8)
    padded[:, 1:-1] = mask
    steps = np.diff(padded, axis=1)
    rows, starts = np.nonzero(steps == 1)
    _, ends = np.nonzero(steps == -1)
    if not len(rows):
        return np.zeros((0, 5), np.int64)
    labels = _joined(rows, starts, ends, width)
    _, labels = np.unique(labels, return_inverse=True)
    count = int(labels.max()) + 1
    boxes = np.empty((count, 5), np.int64)
    boxes[:, :2], boxes[:, 2:] = max(height, width) + 1, 0
    np.minimum.at(boxes[:, 0], labels, starts)
    np.minimum.at(boxes[:, 1], labels, rows)
    np.maximum.at(boxes[:, 2], labels, ends)
    np.maximum.at(boxes[:, 3], labels, rows + 1)
    boxes[:, 4] = np.bincount(labels, ends - starts, count)
    return boxes


def _joined(rows: np.ndarray, starts: np.ndarray, ends: np.ndarray, width: int) -> np.ndarray:
    """The label of each run: the lowest index of a run of its component."""
    stride = width + 3
    below = (rows + 1) * stride
    first = np.searchsorted(rows * stride + ends, below + starts, "left")  # runs of the next row that end at or after
    last = np.searchsorted(rows * stride + starts, below + ends, "right")  # ... and start at or before this one's end
    counts = np.maximum(last - first, 0)
    upper = np.repeat(np.arange(len(rows)), counts)
    lower = np.repeat(first - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts) + np.arange(counts.sum())
    labels = np.arange(len(rows))
    while True:
        low = np.minimum(labels[upper], labels[lower])
        spread = labels.copy()
        np.minimum.at(spread, labels[upper], low)
        np.minimum.at(spread, labels[lower], low)
        spread = spread[spread]
        while not np.array_equal(jumped := spread[spread], spread):
            spread = jumped
        if np.array_equal(spread, labels):
            return labels
        labels = spread
