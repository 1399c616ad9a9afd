"""Whether a reading of several lines passed over one of them: none of its tokens was seen there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scipix.datatypes import Symbol
from scipix.recognize.preprocess import Prepared

_INK = 0.4


def skips_line(symbols: Sequence[Symbol], lines: Sequence[Prepared]) -> bool:
    """Whether no token's middle lies in some line. False where nothing is known of where the tokens stand."""
    middles = np.array([(symbol.box.top + symbol.box.bottom) / 2 for symbol in symbols if symbol.box])
    if not len(middles):
        return False
    return any(not ((middles >= top) & (middles <= bottom)).any() for top, bottom in map(_extent, lines))


def _extent(line: Prepared) -> tuple[float, float]:
    """From where to where a line has ink, in pixels of the image."""
    darkest = line.ink.max(1)
    rows = np.flatnonzero(darkest > min(_INK, darkest.max() / 2))
    top, bottom = (float(rows[0]), float(rows[-1] + 1)) if len(rows) else (0.0, float(len(darkest)))
    return top / line.scale + line.offset[1], bottom / line.scale + line.offset[1]
