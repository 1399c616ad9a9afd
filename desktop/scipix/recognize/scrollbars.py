"""Scroll bars that were caught in a snip: pages put one under a display that is wider than they are."""

from __future__ import annotations

import numpy as np

_SHARE = 0.4  # of the picture's side
_LONG = 6.0  # typical heights of a letter, as what follows; signs are shorter
_THICK = 0.6
_NEAR = 1.5  # to the picture's lower or right edge
_AWAY = 1.5  # from all that is written


def find_scrollbars(parts: np.ndarray, size: tuple[int, int], unit: float) -> list[tuple[int, int, int, int]]:
    """(left, top, right, bottom) of the strips of scroll bars, their arrows in them.

    A rule of the formula is as long only where something stands close to it. parts: int64 (n, 4 or more), left, top,
    right, bottom of what is connected. size: (width, height) of the picture. unit: typical height of a letter, all in pixels.
    """
    found: list[tuple[int, int, int, int]] = []
    for axis in (0, 1):  # along which it lies
        start, end = parts[:, 1 - axis], parts[:, 3 - axis]
        length = parts[:, 2 + axis] - parts[:, axis]
        bar = (length >= max(_SHARE * size[axis], _LONG * unit)) & (end - start <= _THICK * unit)
        likely = bar & (size[1 - axis] - end <= _NEAR * unit)
        for place in np.flatnonzero(likely):
            margin = (end[place] - start[place]) // 2 + 1
            low, high = int(start[place] - margin), int(end[place] + margin)
            beside = (start >= low) & (end <= high)
            apart = (end <= low - _AWAY * unit) | (start >= high + _AWAY * unit)
            if (beside | apart).all() and apart.any():
                low = max(low, 0)
                found.append((0, low, size[0], high) if axis == 0 else (low, 0, high, size[1]))
    return found
