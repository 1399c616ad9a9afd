"""A picture of several lines: read as a whole, or line by line, whichever is likelier to be right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

import numpy as np

from scipix.datatypes import Alternative, Reading, Symbol
from scipix.notation.tokens import detokenize, tokenize
from scipix.recognize.cells import Line, count_rows, plain, row_places
from scipix.recognize.choice import Choice
from scipix.recognize.joining import join
from scipix.recognize.preprocess import Lines, Prepared
from scipix.recognize.second_look import added, likelier

Read = Callable[[Prepared], Reading]

_INK = 0.4
_SURE = 0.9  # a whole reading with this probability stays
_CLEAR = 0.8  # typical heights; narrower gaps may stand within a line
# How probable the lines are where the whole reading has other ones: (clear gaps, narrower ones).
_OTHER_LINES = (0.9, 0.5)
_NO_LINES = (0.6, 0.2)
_HIGHEST = 320  # network pixels; what is higher was not trained on


def read_lines(prepared: Prepared, lines: Lines, read: Read, alternatives: int, threshold: float) -> Reading:
    """The whole reading or the joined one, the other one among its alternatives.

    Both give the probability that every token is right, so they can be compared; where they have other lines, only one of
    them can be right at all, and how probable the gaps between lines are counts as well. read: reads one picture.
    """
    if not lines.fits or prepared.ink.shape[0] > _HIGHEST:
        whole = None
    else:
        whole = read(prepared)
        if whole.confidence >= _SURE:
            return whole
    trust = _trust(lines, whole)
    parts = _parts(lines, read, trust, whole, alternatives)
    joined = None if parts is None else _joined(parts, lines, whole, alternatives, threshold)
    if joined is None:
        return whole or read(prepared)
    return joined if whole is None else likelier(whole, joined, alternatives, trust)


def reread_line(
    reading: Reading, choice: Choice, lines: Lines, reread: Callable[[Prepared, Reading, Choice], Reading]
) -> Reading | None:
    """The line that a choice is in read again, the others as they were; None when the reading has other lines.

    reread: reads one line again, given the picture, what was read of it, and the choice there; raises what it raises.
    """
    rows = row_places(reading.symbols)
    place = next((i for i, row in enumerate(rows) if choice.position in row), None)
    if place is None or len(rows) != len(lines.each) or reading.symbols[choice.position].latex == "&":
        return None
    parts = [plain(reading.symbols, row) for row in rows]
    before = plain(reading.symbols, [at for at in rows[place] if at < choice.position])
    old = replace(reading, symbols=parts[place], latex=_latex(parts[place]))
    new = reread(lines.each[place], old, replace(choice, position=len(before)))
    parts[place] = new.symbols
    made = [Line(part, ink_spans(line)) for part, line in zip(parts, lines.each, strict=True)]
    hint = _environment(reading)
    symbols = join(made, lines.unit, hint)
    if symbols is None:
        return None
    rest = [symbol for i, part in enumerate(parts) if i != place for symbol in part if not symbol.chosen]
    confidence = new.confidence * float(np.prod([symbol.confidence for symbol in rest]))
    others = _others({place: new}, made, lines.unit, hint, confidence)
    latex = _latex(symbols)
    return replace(new, latex=latex, symbols=tuple(symbols), confidence=confidence, alternatives=tuple(others))


def _trust(lines: Lines, whole: Reading | None) -> float:
    """What the joined reading's probability counts against the whole one's."""
    rows = 0 if whole is None else count_rows(whole.symbols)
    if whole is None or rows == len(lines.each):
        return 1.0
    probable = (_OTHER_LINES if rows > 1 else _NO_LINES)[int(lines.gap < _CLEAR)]
    return probable / (1 - probable)


def _parts(lines: Lines, read: Read, trust: float, whole: Reading | None, alternatives: int) -> list[Reading] | None:
    """Each line read; None as soon as all together cannot be likelier than the whole reading."""
    found: list[Reading] = []
    left = trust
    for line, closer in zip(lines.each, lines.closer, strict=True):
        reading = read(line)
        if closer is not None and reading.confidence < _SURE:
            reading = likelier(reading, read(closer), alternatives)
        found.append(reading)
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
    others = _others(dict(enumerate(parts)), made, lines.unit, hint, confidence)
    return replace(
        parts[0],
        latex=_latex(symbols),
        confidence=confidence,
        symbols=tuple(symbols),
        alternatives=tuple(others[:alternatives]),
        readable=all(part.symbols for part in parts) and confidence >= threshold and confidence > 0,
        timings=added([part.timings for part in parts]),
    )


def _latex(symbols: Sequence[Symbol]) -> str:
    return detokenize(symbol.latex for symbol in symbols)


def _others(
    parts: Mapping[int, Reading], lines: Sequence[Line], unit: float, hint: str, confidence: float
) -> list[Alternative]:
    """The other readings of each line among the first ones of the others, likeliest first."""
    found = []
    for place, part in parts.items():
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
