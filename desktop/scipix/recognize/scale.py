"""How large the writing in a picture is, from its connected components alone."""

from __future__ import annotations

import numpy as np

TARGET_HEIGHT = 17.0  # network pixels of a typical component; models/training/render.py draws to the same measure
_FLAT = 4.0  # wider than this for its height: a rule, a dash, an arrow
_JOINED = (0.4, 0.8)  # of its box that a row of letters fills that touch one another; rules fill more, arrows less
_THIN = 6.0  # higher than this for its width: a bar
_SOLID = 0.7  # of its box that a dot fills; a disc fills 0.79
_SAME = 0.15  # dots differ less than this
_ABOVE = 2.5  # times as high as a dot: a letter
_LEAST = 0.15  # of the middle height; what is lower is no letter beside a large sign
_FEW, _LONE = 3, 4.0  # so many letters, and so many for each large sign, are what is written
_DENSE = 3.0  # so many times what its ink takes in width when pushed together: the width of a letter at most
_SMALL = 0.4  # lower than this share of the middle height: a dot, a comma, an accent


def typical_height(widths: np.ndarray, heights: np.ndarray, areas: np.ndarray) -> float:
    """The middle height of what looks like a letter among components of these sizes (1-d arrays, any unit; areas: of the ink).

    Dots, rules and bars do not count; splinters of broken strokes hardly do, because the first guess weighs each component
    by its width (roots and boxes, which are nearly all paper, by less), which also keeps the tall delimiters of a small
    matrix from being taken for its letters. Delimiters and integrals count as any other, which the middle forgives. Where
    most components are dots of one size (`\\cdots + \\cdots`), the others are measured; so are the letters around a lone
    sum or integral. A row of bold or blurred letters that all touch is as high as they are.
    """
    flat = widths > _FLAT * heights
    if flat.all():
        filled = areas / (widths * heights)
        joined = (filled > _JOINED[0]) & (filled < _JOINED[1])
        if joined.any():
            return float(np.median(heights[joined]))
        return float(np.max(widths)) * 0.75  # only rules: a minus sign is about as wide as 4/3 of a letter's height
    thin = heights > _THIN * np.maximum(widths, 1)
    real = ~flat if (flat | thin).all() else ~(flat | thin)
    solid = (np.abs(widths - heights) <= _SAME * heights + 1) & (areas >= _SOLID * widths * heights)
    real = real & ~_dots(real & solid, real, heights)
    weights = np.minimum(widths, _DENSE * areas / heights)
    middle = _middle(weights[real], heights[real])
    smaller = real & (heights < _SMALL * middle) & (heights >= _LEAST * middle) & ~solid
    if smaller.sum() >= max(_FEW, _LONE * (real & (heights >= _SMALL * middle)).sum()):
        real = smaller  # a sum or an integral is the widest thing there
        middle = _middle(weights[real], heights[real])
    letters = heights[real]
    return float(np.median(letters[letters >= _SMALL * middle]))


def _middle(weights: np.ndarray, heights: np.ndarray) -> float:
    """The height above and below which components have the same weight in all."""
    order = np.argsort(heights)
    mass = np.cumsum(weights[order])
    return float(heights[order][np.searchsorted(mass, mass[-1] / 2)])


def _dots(solid: np.ndarray, real: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """Which are dots of one size, if they are at least half of the real ones and something is much higher; else none."""
    none = np.zeros(len(real), bool)
    if 2 * solid.sum() < real.sum():
        return none
    size = np.median(heights[solid])
    dots = solid & (np.abs(heights - size) <= _SAME * size + 1)
    higher = real & (heights > _ABOVE * size)
    return dots if higher.any() and 2 * dots.sum() >= real.sum() else none
