"""How large the writing in a picture is, from its connected components alone."""

from __future__ import annotations

import numpy as np

TARGET_HEIGHT = 12.5  # network pixels of a typical component; models/training/render.py draws to the same measure
_FLAT = 4.0  # wider than this for its height: a rule, a dash, an arrow
_SMALL = 0.4  # lower than this share of the middle height: a dot, a comma, an accent


def typical_height(widths: np.ndarray, heights: np.ndarray) -> float:
    """The middle height of what looks like a letter among components of these sizes (1-d arrays, any unit).

    Dots and rules do not count; delimiters and integrals count as any other, which the middle forgives.
    """
    letters = heights[widths <= _FLAT * heights]
    if not len(letters):
        return float(np.max(widths)) * 0.75  # only rules: a minus sign is about as wide as 4/3 of a letter's height
    middle = np.median(letters)
    return float(np.median(letters[letters >= _SMALL * middle]))
