"""How far apart lines stand, in ems of their own letters: rows of arrays 1.2, those of displays 1.5 (amsmath adds \\jot).

An em is told from letters whose size is about the same in all fonts: digits, capitals, parentheses.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase, digits

import numpy as np

from scipix.datatypes import Symbol
from scipix.recognize.cells import Line, levels

_CAPITAL = 0.67  # ems: digits and capitals are so high
_BRACKET = 1.0  # with a quarter of it below the base line
_BELOW = 0.25
_UPRIGHT = frozenset(digits + ascii_uppercase) - {"Q", "J"}
_BRACKETS = frozenset("()[]|")
_FLAT = frozenset("acemnorsuvwxzbdhikl")  # these, too, stand on the base line
_TIGHT = 1.36  # between both


def is_tight(lines: Sequence[Line]) -> bool | None:
    """Whether lines stand as near as rows of an array; None where that cannot be told."""
    ems = [em for line in lines if (em := _em(line.symbols)) is not None]
    bases = [_base(line.symbols) for line in lines]
    if not ems or any(base is None for base in bases):
        return None
    pitches = np.diff(np.array(bases, float)) / max(ems)
    if pitches.min() < _TIGHT:
        return True
    return False if max(map(_height, lines)) < _TIGHT * max(ems) else None


def _drawn(symbols: Sequence[Symbol]) -> list[Symbol]:
    """What stands on the line itself."""
    return [symbol for symbol, level in zip(symbols, levels(symbols), strict=True) if symbol.box and not level]


def _em(symbols: Sequence[Symbol]) -> float | None:
    """Pixels of an em."""
    found = []
    for symbol in _drawn(symbols):
        height = symbol.box.bottom - symbol.box.top if symbol.box else 0
        if symbol.latex in _UPRIGHT:
            found.append(height / _CAPITAL)
        elif symbol.latex in _BRACKETS:
            found.append(height / _BRACKET)
    return float(np.median(found)) if len(found) > 1 else None


def _base(symbols: Sequence[Symbol]) -> float | None:
    """Where the base line is, in pixels of the picture."""
    found = []
    for symbol in _drawn(symbols):
        if symbol.box and symbol.latex in _UPRIGHT | _FLAT:
            found.append(float(symbol.box.bottom))
        elif symbol.box and symbol.latex in _BRACKETS:
            found.append(symbol.box.bottom - _BELOW * (symbol.box.bottom - symbol.box.top))
    return float(np.median(found)) if found else None


def _height(line: Line) -> float:
    edges = [(symbol.box.top, symbol.box.bottom) for symbol in line.symbols if symbol.box]
    return max(bottom for _, bottom in edges) - min(top for top, _ in edges)
