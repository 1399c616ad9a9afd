"""Which parts of a picture are lines of their own, one below the other, from its connected components alone.

A line ends where nothing is written over the whole width. Such gaps stand within one line, too: between a numerator and
its bar, a sum and its limits, a letter and its accent, a brace or an arrow and its label. These are told from gaps between
lines by what stands beside them. All lengths are in typical heights of a letter, see scale.py; of an em this is 0.45 (mostly
small letters) .. 0.7 (mostly capitals and parentheses). Distances are those of the TeXbook, appendix G, and of the
environments of amsmath: lines stand 1.2 em (arrays) or 1.5 em (aligned, gathered) apart, more where they would touch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_TOUCHING = 0.12  # nearer than this is one thing, apart in the pixels only
_SLIGHT = 0.5  # what has nothing higher than this is accents, dots, bars and braces: no line
_BAR, _LONG = 0.3, 0.6  # a bar is thinner, and longer
_FRACTION = 1.2  # nothing of a numerator or denominator is farther from the bar: num1 less the axis is 0.43 em
_FILLED = 0.6  # a bar is as long as the longer of both
_WIDE = 1.5  # so wide and flat: a brace, an arrow, a bar
_TALL = 1.6  # a sum, an integral
_LABEL = 0.85  # limits and labels are nearer: 0.17 em, up to 0.45 em where they are low
_BESIDE = 1.5  # that limits are wider than their sum, to each side
_SMALL = 0.82  # scripts have 0.7 of the size
_NARROW = 0.5  # of the ink beside it that a limit or an accent has, in width
_LOW = 0.45  # a gap to them: 0.3 em; to lines of small letters it is 0.5 em in arrays, 0.8 em elsewhere


@dataclass(frozen=True, slots=True)
class Band:
    """top, bottom: of what is written there. gap: to what is above; of the first, infinity."""

    top: float
    bottom: float
    gap: float


def find_bands(boxes: np.ndarray) -> list[Band]:
    """The lines, from top to bottom; one for a picture of one line.

    boxes: float (n, 4), left, top, right, bottom of each component, in typical heights.
    """
    runs = _runs(boxes)
    tops = [run[:, 1].min() for run in runs]
    bottoms = [run[:, 3].max() for run in runs]
    glued = [_one(runs, place) for place in range(1, len(runs))]
    found = [Band(tops[0], bottoms[0], np.inf)]
    for place in range(1, len(runs)):
        if glued[place - 1]:
            found[-1] = Band(found[-1].top, bottoms[place], found[-1].gap)
        else:
            found.append(Band(tops[place], bottoms[place], tops[place] - bottoms[place - 1]))
    return found


def _runs(boxes: np.ndarray) -> list[np.ndarray]:
    """The components between two gaps each."""
    boxes = boxes[np.argsort(boxes[:, 1], kind="stable")]
    reach = np.maximum.accumulate(boxes[:, 3])
    starts = np.flatnonzero(boxes[1:, 1] >= reach[:-1]) + 1
    return np.split(boxes, starts)


def _one(runs: list[np.ndarray], place: int) -> bool:
    """Whether what is above the gap before that run belongs to what is below."""
    above, below = runs[place - 1], runs[place]
    gap = below[:, 1].min() - above[:, 3].max()
    if gap < _TOUCHING or _in_fraction(np.concatenate(runs), above[:, 3].max(), below[:, 1].min()):
        return True
    if _hangs(above, below, gap) or _hangs(_turned(below), _turned(above), gap):
        return True
    if gap < _LOW and (_minor(above, below) or _minor(below, above)):
        return True
    return _slight(runs, place - 1, gap) or _slight(runs, place, gap)


def _minor(some: np.ndarray, beside: np.ndarray) -> bool:
    """Whether some are smaller and fewer than what is beside them, as limits, conditions and accents are."""
    letters = [boxes[(_heights(boxes) > _BAR) & ~_flat(boxes)] for boxes in (some, beside)]
    if not all(map(len, letters)):
        return not len(letters[0])
    sizes = [float(np.quantile(_heights(boxes), 0.75)) for boxes in letters]
    return sizes[0] < _SMALL * sizes[1] and _widths(some).sum() < _NARROW * _widths(beside).sum()


def _flat(boxes: np.ndarray) -> np.ndarray:
    return (_widths(boxes) > _WIDE) & (_widths(boxes) > 2 * _heights(boxes))


def _slight(runs: list[np.ndarray], place: int, gap: float) -> bool:
    """Whether a run is no line by itself, and that gap the smaller one beside it."""
    run = runs[place]
    if not (_flat(run) | (_heights(run) < _SLIGHT)).all():
        return False
    others = []
    if place:
        others.append(run[:, 1].min() - runs[place - 1][:, 3].max())
    if place + 1 < len(runs):
        others.append(runs[place + 1][:, 1].min() - run[:, 3].max())
    return gap <= min(others)


def _heights(boxes: np.ndarray) -> np.ndarray:
    return boxes[:, 3] - boxes[:, 1]


def _widths(boxes: np.ndarray) -> np.ndarray:
    return boxes[:, 2] - boxes[:, 0]


def _turned(boxes: np.ndarray) -> np.ndarray:
    """Upside down."""
    return np.stack([boxes[:, 0], -boxes[:, 3], boxes[:, 2], -boxes[:, 1]], 1)


def _in_fraction(boxes: np.ndarray, top: float, bottom: float) -> bool:
    """Whether that gap lies between the numerator and the denominator of some bar."""
    bars = boxes[(_heights(boxes) < _BAR) & (_widths(boxes) > _LONG)]
    for left, upper, right, lower in bars[(bars[:, 1] >= top - _FRACTION) & (bars[:, 3] <= bottom + _FRACTION)]:
        over = (boxes[:, 0] < right) & (boxes[:, 2] > left)
        high = boxes[over & (boxes[:, 3] <= upper) & (boxes[:, 3] > upper - _FRACTION)]
        low = boxes[over & (boxes[:, 1] >= lower) & (boxes[:, 1] < lower + _FRACTION)]
        if len(high) and len(low) and _within(high, left, right) and _within(low, left, right):
            first, last = high[:, 1].min(), low[:, 3].max()
            inner = max(high[:, 2].max(), low[:, 2].max()) - min(high[:, 0].min(), low[:, 0].min())
            if first < top and last > bottom and inner > _FILLED * (right - left):
                return True
    return False


def _within(boxes: np.ndarray, left: float, right: float) -> bool:
    return bool((boxes[:, 0] > left - _BAR).all() and (boxes[:, 2] < right + _BAR).all())


def _hangs(above: np.ndarray, below: np.ndarray, gap: float) -> bool:
    """Whether all that is below are limits or labels of what is above."""
    if gap > _LABEL:
        return False
    near = above[above[:, 3] > above[:, 3].max() - _LABEL]
    wide = _flat(near)
    tall = (_heights(near) > _TALL) & (_widths(near) > 0.3 * _heights(near))
    reach = np.where(tall, _BESIDE, 0.0)[wide | tall]
    holders = near[wide | tall]
    if not len(holders):
        return False
    middles = (below[:, 0] + below[:, 2]) / 2
    held = (middles[:, None] > holders[:, 0] - reach) & (middles[:, None] < holders[:, 2] + reach)
    return bool(held.any(1).all())
