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
_EVEN = 0.6  # lower edges of one line differ less, but for what lies over others
_STROKE = 0.3  # the strokes of a relation are nearer, and of one width
_UNEVEN = 0.6  # a numerator is about as far from its bar as the denominator
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
    starts = [0]
    for place in range(1, len(runs)):
        if not _one(runs, starts[-1], place):
            starts.append(place)
    found: list[Band] = []
    for start, end in zip(starts, [*starts[1:], len(runs)], strict=True):
        top, bottom = float(runs[start][:, 1].min()), float(runs[end - 1][:, 3].max())
        found.append(Band(top, bottom, top - found[-1].bottom if found else np.inf))
    return found


def _runs(boxes: np.ndarray) -> list[np.ndarray]:
    """The components between two gaps each."""
    boxes = boxes[np.argsort(boxes[:, 1], kind="stable")]
    reach = np.maximum.accumulate(boxes[:, 3])
    starts = np.flatnonzero(boxes[1:, 1] >= reach[:-1]) + 1
    return np.split(boxes, starts)


def _one(runs: list[np.ndarray], start: int, place: int) -> bool:
    """Whether that run belongs to what is above it. start: the first run of the line above."""
    above, below = runs[place - 1], runs[place]
    gap = below[:, 1].min() - above[:, 3].max()
    if gap < _TOUCHING or _in_fraction(np.concatenate(runs), above[:, 3].max(), below[:, 1].min()):
        return True
    if _hangs(above, below, gap) or _hangs(_turned(below), _turned(above), gap):
        return True
    if gap < _LOW and (_minor(above, below) or _minor(below, np.concatenate(runs[start:place]))):
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
    """Whether that gap lies between some bar and its numerator or denominator."""
    bars = boxes[(_heights(boxes) < _BAR) & (_widths(boxes) > _LONG)]
    for left, upper, right, lower in bars[(bars[:, 1] >= top - _FRACTION) & (bars[:, 3] <= bottom + _FRACTION)]:
        over = boxes[(boxes[:, 0] < right) & (boxes[:, 2] > left)]
        high, low = _nearest(over, upper), _turned(_nearest(_turned(over), -lower))
        if not len(high) or not len(low) or not _within(np.concatenate([high, low]), left, right):
            continue
        if len(high) == 1 and upper - high[0, 3] < _STROKE and np.abs(high[0, [0, 2]] - [left, right]).max() < _STROKE:
            continue
        between = high[:, 3].max() <= top + _TOUCHING and bottom <= lower
        beneath = low[:, 1].min() >= bottom - _TOUCHING and top >= upper
        inner = max(high[:, 2].max(), low[:, 2].max()) - min(high[:, 0].min(), low[:, 0].min())
        uneven = abs((upper - high[:, 3].max()) - (low[:, 1].min() - lower))
        if (between or beneath) and uneven < _UNEVEN and inner > _FILLED * (right - left):
            return True
    return False


def _nearest(boxes: np.ndarray, place: float) -> np.ndarray:
    """Those that stand directly above that place: less than a line lies between their lower edges."""
    above = boxes[(boxes[:, 3] <= place) & (boxes[:, 3] > place - _FRACTION)]
    return above[above[:, 3] > above[:, 3].max() - _EVEN] if len(above) else above


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
