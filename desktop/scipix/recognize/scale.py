"""How large the writing in a picture is, from its connected components alone."""

from __future__ import annotations

import numpy as np

TARGET_HEIGHT = 17.0  # network pixels of a typical component; models/training/render.py draws to the same measure
_FLAT = 4.0  # wider than this for its height: a rule, a dash, an arrow
_THIN = 6.0  # higher than this for its width: a bar
_SOLID = 0.7  # of its box that a dot fills; a disc fills 0.79
_SAME = 0.15  # dots differ less than this
_ABOVE = 2.5  # times as high as a dot: a letter
_SMALL = 0.4  # lower than this share of the middle height: a dot, a comma, an accent


def typical_height(widths: np.ndarray, heights: np.ndarray, areas: np.ndarray) -> float:
    """The middle height of what looks like a letter among components of these sizes (1-d arrays, any unit; areas: of the ink).

    Dots, rules and bars do not count; splinters of broken strokes hardly do, because the first guess weighs each component
    by its width, which also keeps the tall delimiters of a small matrix from being taken for its letters. Delimiters and
    integrals count as any other, which the middle forgives. Where most components are dots of one size (`\\cdots + \\cdots`),
    the others are measured.
    """
    flat = widths > _FLAT * heights
    if flat.all():
        return float(np.max(widths)) * 0.75  # only rules: a minus sign is about as wide as 4/3 of a letter's height
    thin = heights > _THIN * np.maximum(widths, 1)
    real = ~flat if (flat | thin).all() else ~(flat | thin)
    real = real & ~_dots(real, widths, heights, areas)
    order = np.argsort(heights[real])
    letters, mass = heights[real][order], np.cumsum(widths[real][order])
    middle = letters[np.searchsorted(mass, mass[-1] / 2)]
    return float(np.median(letters[letters >= _SMALL * middle]))


def _dots(real: np.ndarray, widths: np.ndarray, heights: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """Which are dots, if they are at least half of the real ones and something is much higher; else none."""
    round_ = real & (np.abs(widths - heights) <= _SAME * heights + 1) & (areas >= _SOLID * widths * heights)
    if 2 * round_.sum() < real.sum():
        return np.zeros(len(real), bool)
    size = np.median(heights[round_])
    dots = round_ & (np.abs(heights - size) <= _SAME * size + 1)
    higher = real & (heights > _ABOVE * size)
    return dots if higher.any() and 2 * dots.sum() >= real.sum() else np.zeros(len(real), bool)
