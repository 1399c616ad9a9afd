"""A line that is read in two halves where its whole reading leaves something out, or is doubtful and long: of terms that are
alike a long reading often passes one over, and what is long has had no second look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from scipix.datatypes import Alternative, Reading, Symbol
from scipix.notation.tokens import detokenize, tokenize
from scipix.recognize.cells import UNFENCED, cut, levels
from scipix.recognize.choice import Choice
from scipix.recognize.coverage import TRUST
from scipix.recognize.look import Looks
from scipix.recognize.matrices import by_rows, cropped
from scipix.recognize.preprocess import Prepared
from scipix.recognize.scale import TARGET_HEIGHT
from scipix.recognize.second_look import DOUBTFUL, LONGEST, closely, likelier

_INK = 0.25
_NARROWEST, _WIDEST = 0.3, 1.4  # typical heights; of the gaps around signs and between factors, not before numbers
_ENDS = 0.2  # of the width, at each side: no middle
_ENOUGH, _FAR = 0.8, 0.7  # typical heights: wider gaps are no better, and what a cut at an end would have to be wider
_EDGE = 0.5  # typical heights; how far the box of what stands next to a cut may end from it: a sign is wider, with its space
_DEPTH = 2  # how often halves are halved


@dataclass(frozen=True, slots=True, eq=False)
class _Half:
    """left, right: in network pixels. first: the left one, cut at its right. symbols: of the whole reading; () where that
    cannot be cut there, or never ended."""

    left: int
    right: int
    first: bool
    symbols: tuple[Symbol, ...]


def by_halves(
    prepared: Prepared, whole: Reading, look: Looks, alternatives: int, threshold: float, depth: int = _DEPTH
) -> Reading:
    """The whole reading, or the one with either half or both read alone, whichever is likelier. look: takes a first look."""
    long = whole.confidence < DOUBTFUL and len(whole.symbols) > LONGEST
    if not (whole.unread or long or not whole.confidence):
        return whole
    parts: list[Reading] = []
    chance = 1.0
    for half in _halves(prepared, whole):
        parts.append(_better(prepared, half, whole, look, alternatives, threshold, depth))
        chance *= parts[-1].confidence
        if chance <= whole.confidence or _has_lines(parts[-1].symbols):
            return whole
    if not parts:
        return whole
    made = _joined(whole, parts, chance >= threshold)
    return likelier(whole, made, alternatives)


def reread_half(
    prepared: Prepared, reading: Reading, choice: Choice, reread: Callable[[Prepared, Reading, Choice], Reading]
) -> Reading | None:
    """The half of a long reading that a choice is in read again, the other one as it was; None for a short reading and one
    that cannot be cut. reread: as in `reread_line`."""
    halves = _halves(prepared, replace(reading, unread=(), confidence=1.0))
    if len(reading.symbols) <= LONGEST or not halves:
        return None
    here = int(choice.position >= len(halves[0].symbols))
    before = here * len(halves[0].symbols)
    parts = [_of_whole(prepared, half, reading) for half in halves]
    new = reread(_alone(prepared, halves[here]), parts[here], replace(choice, position=choice.position - before))
    parts[here] = new
    return _joined(new, parts, new.readable)


def _joined(like: Reading, parts: Sequence[Reading], readable: bool) -> Reading:
    """The halves as one reading, in all else like that one."""
    chance = float(np.prod([part.confidence for part in parts]))
    symbols = tuple(symbol for part in parts for symbol in part.symbols)
    missed = tuple(box for part in parts for box in part.unread)
    return replace(
        like,
        latex=detokenize(symbol.latex for symbol in symbols),
        confidence=chance,
        symbols=symbols,
        alternatives=tuple(_others(parts, chance)),
        readable=readable and not missed,
        unread=missed,
    )


def _better(
    prepared: Prepared, half: _Half, whole: Reading, look: Looks, alternatives: int, threshold: float, depth: int
) -> Reading:
    """That half read alone, or what the whole reading has there, whichever is likelier."""
    part = replace(_alone(prepared, half), expected=tuple(symbol.latex for symbol in half.symbols))
    new = by_rows(part, closely(part, look(part), look, alternatives), look, alternatives, threshold)
    if depth > 1 and new.unread:
        new = by_halves(part, new, look, alternatives, threshold, depth - 1)
    if not _reaches(prepared, half, new.symbols):
        new = replace(new, confidence=0.0)
    old = _of_whole(prepared, half, whole)
    return new if not half.symbols or new.confidence > old.confidence else old


def _alone(prepared: Prepared, half: _Half) -> Prepared:
    """That half's ink for itself."""
    rows = np.flatnonzero((prepared.ink[:, half.left : half.right] > _INK).any(1))
    return cropped(prepared, half.left, int(rows[0]), half.right, int(rows[-1]) + 1)


def _reaches(prepared: Prepared, half: _Half, symbols: Sequence[Symbol]) -> bool:
    """Whether these stand up to the cut: a sign next to it that is in neither half would be missed by nobody."""
    boxes = [symbol.box for symbol in symbols if symbol.box]
    if not boxes:
        return False
    end = max(box.right for box in boxes) if half.first else min(box.left for box in boxes)
    side = prepared.offset[0] + (half.right if half.first else half.left) / prepared.scale
    return abs(end - side) <= _EDGE * TARGET_HEIGHT / prepared.scale


def _of_whole(prepared: Prepared, half: _Half, whole: Reading) -> Reading:
    """What the whole reading has there, and leaves out there."""
    left, right = (prepared.offset[0] + x / prepared.scale for x in (half.left, half.right))
    missed = tuple(box for box in whole.unread if left <= (box.left + box.right) / 2 <= right)
    chances = [symbol.confidence for symbol in half.symbols if not symbol.chosen]
    return replace(
        whole,
        latex=detokenize(symbol.latex for symbol in half.symbols),
        symbols=half.symbols,
        confidence=float(np.prod(chances)) * TRUST ** bool(missed),
        unread=missed,
        alternatives=(),
    )


def _halves(prepared: Prepared, whole: Reading) -> list[_Half]:
    """Cut at a gap near the middle where the whole reading can be cut, too; at any if it leaves something out or never ended,
    unless it has rows, which a cut might go through. [] where there is no such gap."""
    inked = np.flatnonzero((prepared.ink > _INK).any(0))
    if not len(inked):
        return []
    start, end = int(inked[0]), int(inked[-1]) + 1
    steps = np.flatnonzero(np.diff(inked) > 1)
    gaps = sorted(zip((inked[steps] + 1).tolist(), inked[steps + 1].tolist(), strict=True), key=_worth(start, end))
    fitting = [gap for gap in gaps if _fits(gap, start, end)]
    for left, right in fitting:
        place = prepared.offset[0] + (left + right) / 2 / prepared.scale
        cells = cut(whole.symbols, [place])
        kept = cells is not None and sum(map(len, cells)) == len(whole.symbols)  # no space stands there
        if whole.confidence and cells is not None and kept:
            halves = [_Half(start, left, True, cells[0]), _Half(right, end, False, cells[1])]
            if all(_reaches(prepared, half, half.symbols) for half in halves):
                return halves
    environments = any(symbol.latex.startswith("\\begin{") for symbol in whole.symbols)
    if not fitting or environments or not (whole.unread or not whole.confidence):
        return []
    left, right = fitting[0]
    return [_Half(start, left, True, ()), _Half(right, end, False, ())]


def _fits(gap: tuple[int, int], start: int, end: int) -> bool:
    share = ((gap[0] + gap[1]) / 2 - start) / (end - start)
    return _ENDS <= share <= 1 - _ENDS and _NARROWEST <= (gap[1] - gap[0]) / TARGET_HEIGHT <= _WIDEST


def _worth(start: int, end: int) -> Callable[[tuple[int, int]], float]:
    """How little a gap is worth: wide ones near the middle come first."""

    def key(gap: tuple[int, int]) -> float:
        width = min((gap[1] - gap[0]) / TARGET_HEIGHT, _ENOUGH)
        return _FAR * abs(gap[0] + gap[1] - start - end) / (end - start) / 2 - width

    return key


def _has_lines(symbols: Sequence[Symbol]) -> bool:
    """Whether there are lines or columns that no fence holds together: a cut would go through all of them."""
    return any(symbol.latex in UNFENCED and not level for symbol, level in zip(symbols, levels(symbols), strict=True))


def _others(parts: Sequence[Reading], chance: float) -> list[Alternative]:
    """The other readings of each half beside the likeliest one of the other half."""
    found = []
    for place, part in enumerate(parts):
        for other in part.alternatives if part.confidence > 0 else ():
            tokens = [
                tokenize(other.latex) if i == place else [s.latex for s in each.symbols] for i, each in enumerate(parts)
            ]
            made = detokenize(token for each in tokens for token in each)
            found.append(Alternative(made, chance * other.confidence / part.confidence))
    return sorted(found, key=lambda other: -other.confidence)
