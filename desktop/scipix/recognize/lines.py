"""A picture of several lines: read as a whole, or line by line, whichever is likelier to be right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from difflib import SequenceMatcher

import numpy as np

from scipix.datatypes import Alternative, Reading, Symbol, Timings
from scipix.notation.tokens import detokenize, tokenize
from scipix.recognize.cells import Line
from scipix.recognize.joining import join
from scipix.recognize.preprocess import Lines, Prepared

Read = Callable[[Prepared], Reading]

_INK = 0.4
_SURE = 0.9  # a whole reading with this probability stays
_CLEAR = 0.8  # typical heights; gaps from this on stand between lines only
_FAINT = 0.5  # how far the lines are trusted that narrower gaps make
_HIGHEST = 320  # network pixels; what is higher was not trained on


def read_lines(prepared: Prepared, lines: Lines, read: Read, alternatives: int, threshold: float) -> Reading:
    """The whole reading or the joined one, the other one among its alternatives.

    Both give the probability that every token is right, so they can be compared. That of the joined one counts less when the
    gaps are such as may stand within a line. read: reads one picture; raises what it raises.
    """
    if not lines.fits or prepared.ink.shape[0] > _HIGHEST:
        whole = None
    else:
        whole = read(prepared)
        if whole.confidence >= _SURE:
            return whole
    parts = _parts(lines, read, whole)
    joined = None if parts is None else _joined(parts, lines, whole, alternatives, threshold)
    if joined is None:
        return whole or read(prepared)
    return joined if whole is None else _better(whole, joined, _trust(lines), alternatives)


def _trust(lines: Lines) -> float:
    return 1.0 if lines.gap >= _CLEAR else _FAINT


def _parts(lines: Lines, read: Read, whole: Reading | None) -> list[Reading] | None:
    """Each line read; None as soon as all together cannot be likelier than the whole reading."""
    found: list[Reading] = []
    left = _trust(lines)
    for line in lines.each:
        found.append(read(line))
        left *= found[-1].confidence
        if whole is not None and left <= whole.confidence:
            return None
    return found


def _joined(
    parts: Sequence[Reading], lines: Lines, whole: Reading | None, alternatives: int, threshold: float
) -> Reading | None:
    hint = _environment(whole)
    made = [Line(part.symbols, ink_spans(line)) for part, line in zip(parts, lines.each, strict=True)]
    symbols = join(made, lines.unit, hint)
    if symbols is None:
        return None
    confidence = float(np.prod([part.confidence for part in parts]))
    others = _others(parts, made, lines.unit, hint, confidence)
    return replace(
        parts[0],
        latex=_latex(symbols),
        confidence=confidence,
        symbols=tuple(symbols),
        alternatives=tuple(others[:alternatives]),
        readable=all(part.symbols for part in parts) and confidence >= threshold and confidence > 0,
        timings=_sum([part.timings for part in parts]),
    )


def _latex(symbols: Sequence[Symbol]) -> str:
    return detokenize(symbol.latex for symbol in symbols)


def _better(whole: Reading, joined: Reading, trust: float, alternatives: int) -> Reading:
    """The likelier one; the other one and all others follow it."""
    first, second = (joined, whole) if trust * joined.confidence > whole.confidence else (whole, joined)
    others = {other.latex: other for other in (*second.alternatives, *first.alternatives)}
    others[second.latex] = Alternative(second.latex, second.confidence)
    others.pop(first.latex, None)
    kept = sorted(others.values(), key=lambda other: -other.confidence)[:alternatives]
    return replace(first, alternatives=tuple(kept), timings=_sum([whole.timings, joined.timings]))


def _others(
    parts: Sequence[Reading], lines: Sequence[Line], unit: float, hint: str, confidence: float
) -> list[Alternative]:
    """The other readings of each line among the first ones of the others, likeliest first."""
    found = []
    for place, part in enumerate(parts):
        for other in part.alternatives:
            changed = Line(_like(part.symbols, other.latex), lines[place].spans)
            symbols = join([*lines[:place], changed, *lines[place + 1 :]], unit, hint)
            if symbols is not None and part.confidence > 0:
                found.append(Alternative(_latex(symbols), confidence * other.confidence / part.confidence))
    return sorted(found, key=lambda other: -other.confidence)


def _like(symbols: Sequence[Symbol], latex: str) -> tuple[Symbol, ...]:
    """The tokens of another reading, where the first one has them."""
    tokens = tokenize(latex)
    made = [Symbol(token, None, 1.0) for token in tokens]
    matcher = SequenceMatcher(None, [symbol.latex for symbol in symbols], tokens, autojunk=False)
    for _, first, last, start, end in matcher.get_opcodes():
        if last - first == end - start:
            for offset in range(end - start):
                made[start + offset] = replace(made[start + offset], box=symbols[first + offset].box)
    return tuple(made)


def _environment(whole: Reading | None) -> str:
    first = whole.symbols[0].latex if whole is not None and whole.symbols else ""
    return first[len("\\begin{") : -1] if first.startswith("\\begin{") else ""


def ink_spans(line: Prepared) -> np.ndarray:
    """Float (n, 2): from where to where a line has ink, in pixels of the image."""
    inked = np.concatenate([[False], (line.ink > _INK).any(0), [False]]).astype(np.int8)
    steps = np.diff(inked)
    spans = np.stack([np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)], 1)
    return spans / line.scale + line.offset[0]


def _sum(times: Sequence[Timings]) -> Timings:
    return Timings(**{field.name: sum(getattr(each, field.name) for each in times) for field in fields(Timings)})
