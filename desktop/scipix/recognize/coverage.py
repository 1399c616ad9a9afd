"""Where lines have ink, and whether a reading of several of them saw something in each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scipix.datatypes import Symbol
from scipix.recognize.preprocess import Prepared

_INK = 0.4


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


def _inked(line: Prepared, axis: int) -> np.ndarray:
    """bool: which columns (axis 0) or rows (axis 1) have ink. Fine lines fade where they are scaled down."""
    darkest = line.ink.max(axis)
    return darkest > min(_INK, darkest.max() / 2)
