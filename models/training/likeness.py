"""Whether two bitmaps show the same shape in strokes of different weight."""

from __future__ import annotations

import numpy as np

_INKED = 100  # of 255


def overlap(light: np.ndarray, heavy: np.ndarray) -> float:
    """Share of the light ink that lies within the heavy one, times the share of the heavy near the light: 0 .. 1."""
    height, width = (max(a, b) + 2 for a, b in zip(light.shape, heavy.shape, strict=True))
    a, b = (_centered(alpha, height, width) for alpha in (light, heavy))
    grown = b | np.roll(b, 1, 0) | np.roll(b, -1, 0) | np.roll(b, 1, 1) | np.roll(b, -1, 1)
    wide = a.copy()
    for _ in range(2):
        wide = wide | np.roll(wide, 1, 0) | np.roll(wide, -1, 0) | np.roll(wide, 1, 1) | np.roll(wide, -1, 1)
    return float((a & grown).sum() / max(a.sum(), 1) * (b & wide).sum() / max(b.sum(), 1))


def _centered(alpha: np.ndarray, height: int, width: int) -> np.ndarray:
    canvas = np.zeros((height, width), bool)
    top, left = (height - alpha.shape[0]) // 2, (width - alpha.shape[1]) // 2
    canvas[top : top + alpha.shape[0], left : left + alpha.shape[1]] = alpha > _INKED
    return canvas
