"""A picture of several lines: read as a whole, or line by line, whichever is likelier to be right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

import numpy as np

from scipix.datatypes import Alternative, Reading, Symbol
from scipix.notation.tokens import detokenize, tokenize
from scipix.recognize.branches import places
from scipix.recognize.cells import Line, count_columns, count_rows, in_columns, plain, row_places
from scipix.recognize.choice import Choice
from scipix.recognize.coverage import TRUST, ink_spans, skips_line, unread
from scipix.recognize.joining import join, room_for
from scipix.recognize.look import Look, Looks
from scipix.recognize.preprocess import Lines, Prepared
from scipix.recognize.second_look import CLOSE, closely, expecting, is_doubtful, larger, likelier

_SURE = 0.9  # a whole reading with this probability stays
_CLEAR = 0.8  # typical heights; narrower gaps may stand within a line
# How probable the lines are where the whole reading has other ones: (clear gaps, narrower ones).
_OTHER_LINES = (0.9, 0.5)
_NO_LINES = (0.6, 0.2)
_SKIPPED = (
    0.97  # the same where no token of the whole reading was seen in one of the lines, or it has fewer and lacks letters
)
_NO_ROOM = 0.95  # the same where the whole reading has more columns than there are gaps for
_HIGHEST = 320  # network pixels; what is higher was not trained on
_HOPELESS = 1e-6  # where lines and whole are less probable, nothing makes them right that is tried at one place or line
_LOST = 1e-9  # lines that are less probable at first looks are not looked at again, whatever the whole is
_NUMBER = ("\\tag",)


def read_lines(prepared: Prepared, lines: Lines, look: Looks, alternatives: int, threshold: float) -> Reading:
    """The whole reading or the joined one, the other one among its alternatives.

    Both give the probability that every token is right, so they can be compared; where they have other lines, only one of
    them can be right at all, and how probable the gaps between lines are counts as well. What first looks show to be far
    less probable is left at that, and the whole is looked at again only where it is likelier. look: takes a first look.
    """
    tried = places(alternatives)
    fits = lines.fits and prepared.ink.shape[0] <= _HIGHEST
    whole = look(replace(prepared, least=_HOPELESS)) if fits else None
    if whole is not None and whole.confidence >= _SURE:
        return whole.others(tried)
    trust = _trust(lines, whole and whole.reading)
    parts = _parts(lines, look, trust, whole, alternatives)
    if whole is None:
        joined = _joined(parts, lines, None, alternatives, threshold)
        return joined or closely(prepared, look(prepared), look, alternatives)
    chance, reading = trust * _product(parts), whole.reading
    near = whole.confidence >= CLOSE * chance
    if near:
        reading = whole.others(tried if max(whole.confidence, chance) >= _HOPELESS else 0)
    trust, joined = _trust(lines, reading), None
    if trust * _product(parts) > reading.confidence:
        joined = _joined(parts, lines, reading, alternatives, threshold)
    if joined is not None:
        return likelier(reading, joined, alternatives, trust) if reading.confidence > 0 else joined
    if whole.confidence <= 0:  # it was given up, for the lines
        return closely(prepared, look(prepared), look, alternatives)
    return closely(prepared, Look(reading, lambda tried: reading) if near else whole, look, alternatives)


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
    missed = [unread(part, line) for part, line in zip(parts, lines.each, strict=True)]
    others_chance = float(np.prod([symbol.confidence for symbol in rest]))
    confidence = new.confidence * others_chance * TRUST ** sum(map(bool, missed[:place] + missed[place + 1 :]))
    others = _others({place: new}, made, lines.unit, hint, confidence)
    latex = _latex(symbols)
    return replace(
        new,
        latex=latex,
        symbols=tuple(symbols),
        confidence=confidence,
        alternatives=tuple(others),
        readable=new.readable and not any(missed),
        unread=tuple(box for boxes in missed for box in boxes),
    )


def _trust(lines: Lines, whole: Reading | None) -> float:
    """What the joined reading's probability counts against the whole one's."""
    rows = 0 if whole is None else count_rows(whole.symbols)
    if whole is None:
        return 1.0
    if not room_for(count_columns(whole.symbols), [ink_spans(line) for line in lines.each], lines.unit):
        return _NO_ROOM / (1 - _NO_ROOM)
    if skips_line(whole.symbols, lines.each) or (whole.unread and rows < len(lines.each)):
        return _SKIPPED / (1 - _SKIPPED)
    if rows == len(lines.each):
        return 1.0
    probable = (_OTHER_LINES if rows > 1 else _NO_LINES)[int(lines.gap < _CLEAR)]
    return probable / (1 - probable)


def _parts(lines: Lines, look: Looks, trust: float, whole: Look | None, alternatives: int) -> list[Reading]:
    """Each line read; none as soon as all together cannot be likelier than the whole reading."""
    firsts: list[Look] = []
    left = trust  # of what is not looked at again
    for line, closer in zip(lines.each, lines.closer, strict=True):
        firsts.append(look(line))
        left *= 1.0 if _looks_again(firsts[-1], line, closer) else firsts[-1].confidence
        if whole is not None and left <= whole.confidence:
            return []
    lines, firsts = _unnumbered(lines, firsts, look)
    least = 0.0 if whole is None else whole.confidence
    chance = trust * _product(first.reading for first in firsts)
    if whole is not None and (max(least, chance) < _HOPELESS or chance < _LOST):
        return [first.reading for first in firsts]
    each = [
        _line_looks(first, line, closer, look)
        for first, line, closer in zip(firsts, lines.each, lines.closer, strict=True)
    ]
    best = trust * _product(looks[0].reading for looks in each)
    return _with_others(each, places(alternatives) if best >= CLOSE * least else 0, alternatives)


def _unnumbered(lines: Lines, firsts: list[Look], look: Looks) -> tuple[Lines, list[Look]]:
    """The lines and first looks at them, where what was taken for a number is in a column: looked at again, for no number.

    What looks like a number has often swallowed a sign of the cell before it."""
    places = in_columns(
        [Line(first.reading.symbols, ink_spans(line)) for first, line in zip(firsts, lines.each, strict=True)]
    )
    each, closer, made = list(lines.each), list(lines.closer), list(firsts)
    for place in places:
        line, other = replace(each[place], barred=_NUMBER), closer[place]
        again = look(line)
        if again.confidence >= CLOSE * made[place].confidence:  # else the number alone is what stands in that column
            each[place], made[place] = line, again
            closer[place] = None if other is None else replace(other, barred=_NUMBER)
    return replace(lines, each=tuple(each), closer=tuple(closer)), made


def _looks_again(first: Look, line: Prepared, closer: Prepared | None) -> bool:
    return is_doubtful(first.reading, line) if closer is None else first.confidence < _SURE


def _line_looks(first: Look, line: Prepared, closer: Prepared | None, look: Looks) -> list[Look]:
    """All that are worth their time, the likeliest first."""
    found = [first]
    if _looks_again(first, line, closer):
        second = look(expecting(larger(line) if closer is None else closer, first))
        found.append(second)
        promising = second.confidence >= CLOSE * first.confidence
        if closer is not None and promising and is_doubtful(second.reading, closer):
            found.append(look(expecting(larger(closer), second, first)))
    return sorted(found, key=lambda each: -each.confidence)


def _with_others(each: Sequence[Sequence[Look]], tried: int, alternatives: int) -> list[Reading]:
    """Each line's likeliest reading, the others beside it. tried: doubtful tokens, the most doubtful ones of all lines."""
    ranked = sorted(((share, place) for place, looks in enumerate(each) for share in _doubts(looks[0])), reverse=True)
    counts = Counter(place for _, place in ranked[:tried])
    parts = []
    for place, (best, *others) in enumerate(each):
        reading = best.others(counts[place])
        for other in others:
            reading = likelier(reading, other.reading, alternatives)
        parts.append(reading)
    return parts


def _doubts(look: Look) -> list[float]:
    """What each other token would leave of the reading's probability, as a share."""
    symbols = look.reading.symbols if look.confidence > 0 else ()
    return [other.confidence / symbol.confidence for symbol in symbols for other in symbol.others]


def _product(parts: Iterable[Reading]) -> float:
    """The probability of all together; 0 of none."""
    chances = [part.confidence for part in parts]
    return float(np.prod(chances)) if chances else 0.0


def _joined(
    parts: Sequence[Reading], lines: Lines, whole: Reading | None, alternatives: int, threshold: float
) -> Reading | None:
    hint = _environment(whole)
    made = [Line(part.symbols, ink_spans(line)) for part, line in zip(parts, lines.each, strict=True)]
    symbols = join(made, lines.unit, hint)
    if symbols is None:
        return None
    confidence = _product(parts)
    others = _others(dict(enumerate(parts)), made, lines.unit, hint, confidence)
    missed = tuple(box for part in parts for box in part.unread)
    return replace(
        parts[0],
        latex=_latex(symbols),
        confidence=confidence,
        symbols=tuple(symbols),
        alternatives=tuple(others[:alternatives]),
        unread=missed,
        readable=all(part.symbols for part in parts) and not missed and confidence >= threshold and confidence > 0,
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
