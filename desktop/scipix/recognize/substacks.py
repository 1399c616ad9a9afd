"""Conditions that stand one below the other under an operator (`\\substack`): readings leave out all but the first, or give the
others a line of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scipix.datatypes import Box, Reading, Symbol
from scipix.notation.symbols import BIG_OPERATORS, LIMIT_FUNCTIONS
from scipix.notation.tokens import detokenize
from scipix.recognize.cells import row_places
from scipix.recognize.components import components
from scipix.recognize.coverage import TRUST
from scipix.recognize.look import Looks
from scipix.recognize.matrices import cropped
from scipix.recognize.preprocess import Prepared
from scipix.recognize.scale import TARGET_HEIGHT, typical_height
from scipix.recognize.second_look import expecting, larger

_OPERATORS = BIG_OPERATORS | LIMIT_FUNCTIONS
_INK = 0.25
# Typical heights of a letter: how far below the condition before it one may stand (boxes may be off), and how far aside.
_BELOW, _ASIDE = (0.6, 2.2), 1.5
# Typical heights: what is below an operator is smaller than letters, and nearer than another line; boxes of both may reach over.
_SMALLER, _NEAR, _TOUCH = 0.9, 0.9, 0.5
_GAP = 1.0  # typical heights; what is farther from the letters of a condition does not belong to it
_ABOUT = 0.2  # typical heights that a box may be off
# Of the letters of one condition against those of another: a line may be one of full size, of what is left out some are high.
_SIZES, _LEFT_OUT = (0.7, 1.4), (0.6, 1.7)
_LARGEST = 1.6  # how much the letters of a condition are drawn larger


@dataclass(frozen=True, slots=True)
class _Limit:
    """start, end: the tokens of what stands below an operator, less its braces."""

    start: int
    end: int


def completed(prepared: Prepared, reading: Reading, look: Looks, threshold: float) -> Reading:
    """The reading, with what it leaves out read alone where that is one more condition. look: takes a first look."""
    if not reading.unread:
        return reading
    unit = TARGET_HEIGHT / prepared.scale
    limit = _limit_above(reading.symbols, reading.unread, unit, _LEFT_OUT)
    part = _condition(prepared, reading) if limit else None
    if limit is None or part is None:
        return reading
    first = look(part)
    more = max(first, look(expecting(larger(part), first)), key=lambda each: each.confidence).reading
    lines = any(symbol.latex.startswith("\\begin") for symbol in more.symbols)
    if more.confidence <= TRUST or more.unread or lines or not _covers(more.symbols, reading.unread, unit):
        return reading
    symbols = _stacked(reading.symbols, limit, more.symbols)
    confidence = reading.confidence / TRUST * more.confidence
    return replace(
        reading,
        latex=detokenize(symbol.latex for symbol in symbols),
        symbols=symbols,
        confidence=confidence,
        readable=confidence >= threshold,
        unread=(),
    )


def gathered(reading: Reading, unit: float) -> Reading:
    """The reading, its lines that are limits or conditions of the one above put below its operator.

    unit: pixels of a typical height of a letter.
    """
    rows = row_places(reading.symbols)
    made: list[tuple[Symbol, ...]] = []
    for row in rows:
        symbols = tuple(reading.symbols[place] for place in row)
        boxes = [symbol.box for symbol in symbols if symbol.box]
        alone = made and boxes and not any(symbol.latex in ("&", "\\tag") for symbol in symbols)
        limit = _limit_above(made[-1], boxes, unit, _SIZES) if alone else None
        operator = _operator_above(made[-1], boxes, unit) if alone else None
        if limit:
            made[-1] = _stacked(made[-1], limit, symbols)
        elif operator is not None:
            marks = [Symbol(token, None, 1.0) for token in "_{}"]
            made[-1] = (*made[-1][: operator + 1], *marks[:2], *symbols, marks[2], *made[-1][operator + 1 :])
        else:
            made.append(symbols)
    if len(made) == len(rows):
        return reading
    joined = made[0] if len(made) == 1 else _lines(reading.symbols, rows, made)
    return replace(reading, symbols=joined, latex=detokenize(symbol.latex for symbol in joined))


def _lines(
    symbols: Sequence[Symbol], rows: Sequence[Sequence[int]], made: Sequence[Sequence[Symbol]]
) -> tuple[Symbol, ...]:
    """The environment with other rows."""
    body: list[Symbol] = []
    for index, row in enumerate(made):
        body += [Symbol("\\\\", None, 1.0)] if index else []
        body += row
    return (*symbols[: rows[0][0]], *body, symbols[-1])


def _limit_above(
    symbols: Sequence[Symbol], boxes: Sequence[Box], unit: float, sizes: tuple[float, float]
) -> _Limit | None:
    """What stands below an operator and right above these boxes, in letters of about their size."""
    below, found = _around(boxes), []
    for limit in _limits(symbols):
        own = [symbol.box for symbol in symbols[limit.start : limit.end] if symbol.box]
        box = _around(own)
        aside = abs(box.left + box.right - below.left - below.right) / 2
        down = _middle(boxes) - _middle(own)
        alike = sizes[0] * _height(own) <= _height(boxes) <= sizes[1] * _height(own)
        near = _BELOW[0] * unit <= down <= _BELOW[1] * unit
        if near and alike and aside <= max(_ASIDE * unit, (box.right - box.left) / 2):
            found.append((aside, limit))
    return min(found, key=lambda each: each[0])[1] if found else None


def _operator_above(symbols: Sequence[Symbol], boxes: Sequence[Box], unit: float) -> int | None:
    """Which of these operators has nothing below it but these boxes, in smaller letters."""
    below = _around(boxes)
    middle, small = (below.left + below.right) / 2, _height(boxes) <= _SMALLER * unit
    for at, symbol in enumerate(symbols):
        box, after = symbol.box, symbols[at + 1].latex if at + 1 < len(symbols) else ""
        if symbol.latex not in _OPERATORS or "int" in symbol.latex or box is None or after == "_" or not small:
            continue
        if box.left <= middle <= box.right and -_TOUCH * unit <= below.top - box.bottom <= _NEAR * unit:
            return at
    return None


def _limits(symbols: Sequence[Symbol]) -> list[_Limit]:
    """What stands below each operator."""
    found = []
    for at in range(1, len(symbols) - 1):
        if symbols[at].latex != "_" or symbols[at - 1].latex not in _OPERATORS or symbols[at + 1].latex != "{":
            continue
        end, depth = at + 2, 1
        while end < len(symbols):
            depth += (symbols[end].latex == "{") - (symbols[end].latex == "}")
            if not depth:
                break
            end += 1
        if not depth and any(symbol.box for symbol in symbols[at + 2 : end]):
            found.append(_Limit(at + 2, end))
    return found


def _stacked(symbols: Sequence[Symbol], limit: _Limit, more: Sequence[Symbol]) -> tuple[Symbol, ...]:
    """The tokens, with one more condition in that place."""
    inside = list(symbols[limit.start : limit.end])
    if inside[0].latex == "\\substack":
        inside = inside[2:-1]
    marks = [Symbol(token, None, 1.0) for token in ("\\substack", "{", "\\\\", "}")]
    inside = [*marks[:2], *inside, marks[2], *more, marks[3]]
    return (*symbols[: limit.start], *inside, *symbols[limit.end :])


def _condition(prepared: Prepared, reading: Reading) -> Prepared | None:
    """The ink of what is left out and of what stands beside it in no symbol's box, as large as letters are read best."""
    shift = np.tile(prepared.offset, 2)
    left_out = (_array(reading.unread) - shift) * prepared.scale
    known = (_array([symbol.box for symbol in reading.symbols if symbol.box]) - shift) * prepared.scale
    found = components(prepared.ink > _INK)
    x, y = ((found[:, side] + found[:, side + 2]) / 2 for side in (0, 1))
    taken = [
        ((known[:, 0] <= a) & (a <= known[:, 2]) & (known[:, 1] <= b) & (b <= known[:, 3])).any()
        for a, b in zip(x, y, strict=True)
    ]
    top, bottom = left_out[:, 1].min(), left_out[:, 3].max()
    own = found[(y >= top) & (y <= bottom) & ~np.array(taken, bool)]
    start, end = left_out[:, 0].min(), left_out[:, 2].max()
    for _ in own:
        near = (own[:, 0] <= end + _GAP * TARGET_HEIGHT) & (own[:, 2] >= start - _GAP * TARGET_HEIGHT)
        if not near.any():
            return None
        start, end = min(start, own[near, 0].min()), max(end, own[near, 2].max())
    own = own[(own[:, 0] >= start) & (own[:, 2] <= end)]
    if not len(own):
        return None
    low, high = own[:, :2].min(0), own[:, 2:4].max(0)
    part = cropped(prepared, int(low[0]), int(low[1]), int(high[0]), int(high[1]))
    height = typical_height(own[:, 2] - own[:, 0], own[:, 3] - own[:, 1], own[:, 4])
    return larger(part, min(max(TARGET_HEIGHT / height, 1.0), _LARGEST))


def _covers(symbols: Sequence[Symbol], boxes: Sequence[Box], unit: float) -> bool:
    """Whether each of these boxes has a symbol in its middle, or near it."""
    known = [symbol.box for symbol in symbols if symbol.box]
    aside = _ABOUT * unit
    return all(
        any(
            own.left - aside <= (box.left + box.right) / 2 <= own.right + aside
            and own.top - aside <= (box.top + box.bottom) / 2 <= own.bottom + aside
            for own in known
        )
        for box in boxes
    )


def _array(boxes: Sequence[Box]) -> np.ndarray:
    """float (n, 4)."""
    return np.array([(box.left, box.top, box.right, box.bottom) for box in boxes]).reshape(-1, 4)


def _around(boxes: Sequence[Box]) -> Box:
    sides = _array(boxes)
    return Box(*map(float, (*sides[:, :2].min(0), *sides[:, 2:].max(0))))


def _middle(boxes: Sequence[Box]) -> float:
    """The height at which the middle one of these stands."""
    return float(np.median([(box.top + box.bottom) / 2 for box in boxes]))


def _height(boxes: Sequence[Box]) -> float:
    """The middle height of these."""
    return float(np.median([box.bottom - box.top for box in boxes]))
