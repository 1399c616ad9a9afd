"""Tokens of a reading as symbols: which of them draw something, and where."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from scipix.datatypes import Alternative, Box, Symbol
from scipix.notation.symbols import FONTS, INVISIBLE, TEXT_FONTS

_STRUCTURE = frozenset(["{", "}", "^", "_", "&", "\\\\", " ", "\\left", "\\right", "\\middle"])
_LAYOUT = frozenset(["\\overset", "\\underset", "\\stackrel", "\\substack", "\\operatorname", "\\operatorname*"])


def draws(token: str) -> bool:
    """Whether a token puts ink on the page itself (a fraction's bar does, braces, scripts, fonts and spaces do not)."""
    if token.startswith(("\\begin{", "\\end{")):
        return False
    return not any(token in names for names in (_STRUCTURE, _LAYOUT, INVISIBLE, FONTS, TEXT_FONTS))


def make_symbols(
    tokens: Sequence[str],
    probabilities: Sequence[float],
    boxes: np.ndarray,
    scale: float,
    offset: tuple[float, float],
    size: tuple[int, int],
    others: Sequence[tuple[Alternative, ...]] = (),
    chosen: frozenset[int] = frozenset(),
) -> tuple[Symbol, ...]:
    """One symbol for each token.

    boxes: float32 (n, 4), pixels of the network's input, NaN when not known. scale: network pixels per image pixel.
    offset: (x, y) of the network's input in the image. size: (width, height) of the image; boxes are cut to it.
    others: what else may stand at each place, () for nothing anywhere. chosen: places where a person chose the token.
    """
    symbols = []
    before = ""
    rows = zip(tokens, probabilities, boxes.tolist(), others or [()] * len(tokens), strict=True)
    for index, (token, probability, box, instead) in enumerate(rows):
        empty = token == "." and before in ("\\left", "\\right", "\\middle")
        placed = _in_image(box, scale, offset, size) if draws(token) and not empty else None
        symbols.append(Symbol(token, placed, probability, instead, index in chosen))
        before = token
    return tuple(symbols)


def _in_image(box: list[float], scale: float, offset: tuple[float, float], size: tuple[int, int]) -> Box | None:
    if any(math.isnan(side) for side in box):
        return None
    left, right = (min(max(box[i] / scale + offset[0], 0.0), float(size[0])) for i in (0, 2))
    top, bottom = (min(max(box[i] / scale + offset[1], 0.0), float(size[1])) for i in (1, 3))
    return Box(left, top, right, bottom) if left < right and top < bottom else None
