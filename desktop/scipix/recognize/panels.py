"""Colored boxes behind writing: highlighted terms, badges, cells of tables. What is written on one is ink, the box is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

_LEAST = 14  # pixels of a side; what is smaller is a sign
_SHARE = 0.08  # of a group of boxes that one of them takes
_FULL = 0.5  # of a box that has its color; the rest is written on it
_ALIKE = 32  # levels of a channel; shadows and lossy pictures change a color a little
_RIM = 0.7  # of each side that has its color: rounded corners are not missed
_WRITTEN = 0.015  # less than this has another color: the box is a sign itself, a square or a bar


def find_panels(pixels: np.ndarray, parts: np.ndarray) -> list[tuple[int, int, int, int]]:
    """Boxes (left, top, right, bottom) of one color with something written on them.

    pixels: uint8 (H, W, 3). parts: int (n, 5), the components of what is not paper: their boxes and areas.
    """
    sides = parts[:, 2:4] - parts[:, :2]
    solid = (sides >= _LEAST).all(1) & (parts[:, 4] > _FULL * sides.prod(1))
    found: list[tuple[int, int, int, int]] = []
    for left, top, right, bottom in parts[solid, :4].tolist():
        found += _colored(pixels[top:bottom, left:right], (left, top))
    return found


def clear_panels(
    ink: np.ndarray,
    pixels: np.ndarray,
    panels: list[tuple[int, int, int, int]],
    ink_of: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """ink (float32 (H, W)) with each panel taken for paper: `ink_of` its own pixels."""
    cleared = ink.copy()
    for left, top, right, bottom in panels:
        cleared[top:bottom, left:right] = ink_of(pixels[top:bottom, left:right])
        for edge in _edges(cleared, left, top, right, bottom):
            level = ink[(top + bottom) // 2, left:right].max()
            if edge.size and edge.mean() < 0.9 * level:  # a blurred edge; a frame would be as dark as anything
                edge[...] = 0.0
    return cleared


def _colored(part: np.ndarray, corner: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    """The panels in one component; boxes that touch have colors of their own."""
    keys = (part >> 4).astype(np.int32) @ np.array([256, 16, 1])
    colors, counts = np.unique(keys, return_counts=True)
    found: list[tuple[int, int, int, int]] = []
    for color in colors[counts > _SHARE * keys.size]:
        center = np.median(part[keys == color], axis=0).astype(np.int16)
        same = np.abs(part.astype(np.int16) - center).max(-1) < _ALIKE
        rows, columns = np.flatnonzero(same.mean(1) > 0.2), np.flatnonzero(same.mean(0) > 0.2)
        if len(rows) < _LEAST or len(columns) < _LEAST:
            continue
        top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
        panel = same[top:bottom, left:right]
        rim = (panel[0], panel[-1], panel[:, 0], panel[:, -1])
        if _FULL < panel.mean() < 1 - _WRITTEN and min(line.mean() for line in rim) > _RIM:
            found.append((int(left + corner[0]), int(top + corner[1]), int(right + corner[0]), int(bottom + corner[1])))
    return found


def _edges(ink: np.ndarray, left: int, top: int, right: int, bottom: int) -> Iterator[np.ndarray]:
    """The line of pixels outside each side."""
    height, width = ink.shape
    yield ink[max(top - 1, 0) : top, left:right]
    yield ink[bottom : min(bottom + 1, height), left:right]
    yield ink[max(top - 1, 0) : bottom + 1, max(left - 1, 0) : left]
    yield ink[max(top - 1, 0) : bottom + 1, right : min(right + 1, width)]
