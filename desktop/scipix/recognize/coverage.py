"""Where ink is, and whether a reading has a symbol for it: a decoder that meets the same again may pass some of it over."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scipix.datatypes import Box, Symbol
from scipix.recognize.components import components
from scipix.recognize.preprocess import Prepared
from scipix.recognize.scale import TARGET_HEIGHT

_INK = 0.4
_FAINT = 0.3  # thin strokes of small letters, drawn larger
# Of what may be a letter, in typical heights of one: smaller are dots and accents, larger are signs of many pieces.
_SMALLEST, _HIGHEST, _WIDEST, _FLATTEST = 0.35, 2.2, 2.5, 4.0
_LEAST_INK = 0.12  # of the square of a typical height
_AROUND = 0.25  # typical heights that a box may be off
# A box or two is often off by more. Of 724 real and made pictures that the seventh model read as one line, 67 had so many
# letters in no box: 9 of them were read exactly, none of the 9 with a confidence above 0.6; with none, 418 of 565.
_LEFT_OUT = 3
# Typical heights; what is farther than that from the rectangle of all boxes is left out, be it a single letter; two letters
# are where they are half as far. Of 2,102 pictures none that was read exactly has such, but for logos, whose boxes end early.
_OUTSIDE = (0.8, 0.5)
# Two letters so far from every box are left out, amid the others too: the second condition below a limit, beside a fraction that
# reaches lower. Of 1,753 pictures of one line 5 have such and no logo: one of them was read exactly, with 0.43.
_APART = 0.55
_LOGOS = frozenset(["\\KaTeX", "\\LaTeX", "\\TeX"])
TRUST = 0.3  # what is left of a confidence then


def ink_spans(line: Prepared) -> np.ndarray:
    """Float (n, 2): from where to where a line has ink, in pixels of the image."""
    inked = np.concatenate([[False], _inked(line, 0), [False]]).astype(np.int8)
    steps = np.diff(inked)
    spans = np.stack([np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)], 1)
    return spans / line.scale + line.offset[0]


def skips_line(symbols: Sequence[Symbol], lines: Sequence[Prepared]) -> bool:
    """Whether no token's middle lies in some line. False where nothing is known of where the tokens stand."""
    middles = np.array([(symbol.box.top + symbol.box.bottom) / 2 for symbol in symbols if symbol.box])
    if not len(middles):
        return False
    for line in lines:
        rows = np.flatnonzero(_inked(line, 1))
        top, bottom = (
            np.array([rows[0], rows[-1] + 1] if len(rows) else [0, len(line.ink)]) / line.scale + line.offset[1]
        )
        if not ((middles >= top) & (middles <= bottom)).any():
            return True
    return False


def unread(symbols: Sequence[Symbol], part: Prepared) -> tuple[Box, ...]:
    """The letters of a part of the picture that lie in no symbol's box, in pixels of the image; () for one or two of them
    amid the others."""
    letters = _letters(part)
    found = np.array([(s.box.left, s.box.top, s.box.right, s.box.bottom) for s in symbols if s.box])
    if not len(letters) or not len(found):
        return ()
    shift = np.tile(part.offset, 2)
    spaced = _AROUND * TARGET_HEIGHT * np.array([-1, -1, 1, 1])
    boxes = (found - shift) * part.scale + spaced
    x, y = ((letters[:, :1] + letters[:, 2:3]) / 2, (letters[:, 1:2] + letters[:, 3:4]) / 2)
    each = _off(x, y, boxes).min(1)
    missed = each > 0
    if missed.sum() < _LEFT_OUT:
        off = _off(x, y, np.concatenate([boxes[:, :2].min(0), boxes[:, 2:].max(0)])[None])[:, 0]
        far = [(off > (least - _AROUND) * TARGET_HEIGHT).sum() > number for number, least in enumerate(_OUTSIDE)]
        far += [(each > (_APART - _AROUND) * TARGET_HEIGHT).sum() > 1]
        if not any(far) or any(s.latex in _LOGOS for s in symbols):
            return ()
    return tuple(Box(*map(float, row)) for row in letters[missed] / part.scale + shift)


def _off(x: np.ndarray, y: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """float (n, m): how far n points lie outside of m boxes, along the axis where that is farther. x, y: (n, 1)."""
    return np.maximum(np.maximum(boxes[:, 0] - x, x - boxes[:, 2]), np.maximum(boxes[:, 1] - y, y - boxes[:, 3]))


def _letters(part: Prepared) -> np.ndarray:
    """int64 (n, 4): left, top, right, bottom of what may be a letter, in network pixels."""
    found = components(part.ink > _FAINT)
    wide, high = found[:, 2] - found[:, 0], found[:, 3] - found[:, 1]
    unit = TARGET_HEIGHT
    large = (np.maximum(wide, high) >= _SMALLEST * unit) & (found[:, 4] >= _LEAST_INK * unit**2)
    small = (high <= _HIGHEST * unit) & (wide <= np.minimum(_WIDEST * unit, _FLATTEST * high))
    return found[large & small, :4]


def _inked(line: Prepared, axis: int) -> np.ndarray:
    """bool: which columns (axis 0) or rows (axis 1) have ink. Fine lines fade where they are scaled down."""
    darkest = line.ink.max(axis)
    return darkest > min(_INK, darkest.max() / 2)
