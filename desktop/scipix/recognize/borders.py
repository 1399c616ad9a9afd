"""Lines along a picture's edges: a window's border caught in the snip, a box around the formula, or a sign of a formula that
was cut out tightly: a bracket, an absolute value, the rule of a root."""

from __future__ import annotations

import numpy as np

_LINE, _SOFT = 0.95, 0.5  # of the side: ink of a line along it, and of the line's soft edge
_DEEP = 0.1  # of the picture: how thick a line may be
_SMALLEST = 12  # pixels; smaller pictures have no border
_BOXED = 0.75  # of its height: how far a box's lines are at most from what is in it
_BESIDE = 0.5  # of the height: how far a bar is at most from what it bounds
_ENDS = 0.04  # of the side, and two pixels: how far from the ends of a sign's line the rest may end


def without_border(mask: np.ndarray) -> np.ndarray:
    """bool (H, W): the ink without lines that are no part of what is written; the mask itself where there are none.

    Lines along all four edges, near to what they go around, are a box around a formula and stay, and so does what may be
    a sign. mask: bool (H, W), where ink is.
    """
    widths = _widths(mask)
    if not any(widths) or min(mask.shape) <= _SMALLEST:
        return mask
    left, right, top, bottom = widths
    height, width = mask.shape
    clear = np.zeros_like(mask)
    inner = slice(top, height - bottom), slice(left, width - right)
    clear[inner] = mask[inner]
    kept = not clear.any() or _is_box(mask, clear) or _is_sign(mask, clear, widths)
    return mask if kept else clear


def _widths(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Of the lines along the left, right, top and bottom edge, in pixels; 0 where there is none."""
    found: list[int] = []
    for share in (mask.mean(0), mask.mean(1)):
        for ordered in (share, share[::-1]):
            most = int(_DEEP * len(ordered)) + 1
            found.append(int(np.append(ordered[:most] >= _SOFT, False).argmin()) if ordered[0] >= _LINE else 0)
    left, right, top, bottom = found
    return left, right, top, bottom


def _is_sign(mask: np.ndarray, clear: np.ndarray, widths: tuple[int, int, int, int]) -> bool:
    """Whether the lines, all upright or all level, may be parts of signs: something hangs on each of them, as on brackets and
    roots, or the rest is near and as long, or there is a pair of bars near to what is between. widths: see `_widths`."""
    sides, others = (widths[:2], widths[2:]) if any(widths[:2]) else (widths[2:], widths[:2])
    if any(others):
        return False
    level = not any(widths[:2])
    mask, clear = (mask.T, clear.T) if level else (mask, clear)
    length, across = mask.shape
    rows, columns = np.flatnonzero(clear.any(1)), np.flatnonzero(clear.any(0))
    far = _ENDS * length + 2
    reaches = rows[0] <= far, length - 1 - rows[-1] <= far
    # What is under a rule is as long as that; beside a bar, some other sign is as high or as deep.
    along = all(reaches) if level else any(reaches)
    limit = _BESIDE * (np.ptp(columns) + 1 if level else length)
    near = columns[0] - sides[0] <= limit, across - sides[1] - 1 - columns[-1] <= limit
    paired = not level and all(sides) and all(near)
    beside = mask[:, sides[0]].mean(), mask[:, across - 1 - sides[1]].mean()
    return all(
        paired or hanging > 0 or (close and along)
        for wide, hanging, close in zip(sides, beside, near, strict=True)
        if wide
    )


def _is_box(mask: np.ndarray, clear: np.ndarray) -> bool:
    """Whether the lines that clear lacks are a box around a formula: of one width on all sides, evenly far from it."""
    height, width = mask.shape
    left, top, right, bottom = bounds(clear)
    gone = mask & ~clear
    row, column = gone[(top + bottom) // 2], gone[:, (left + right) // 2]
    strokes = [row[:left].sum(), row[right:].sum(), column[:top].sum(), column[bottom:].sum()]
    gaps = [left - strokes[0], width - right - strokes[1], top - strokes[2], height - bottom - strokes[3]]
    even = max(strokes) <= 2 * min(strokes) + 1 and max(gaps) <= 2 * min(gaps) + 3
    return bool(min(strokes) > 0 and even and max(gaps) <= _BOXED * (bottom - top))


def bounds(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is True; there must be something."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
