"""Matrices and cases read row by row where the whole reading of them is doubtful: of rows that are alike, it often passes
one over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from scipix.datatypes import Reading, Symbol
from scipix.notation.tokens import detokenize
from scipix.recognize.cells import Line, row_places
from scipix.recognize.choice import Choice
from scipix.recognize.components import components
from scipix.recognize.coverage import ink_spans
from scipix.recognize.joining import join
from scipix.recognize.lines import reread_line
from scipix.recognize.look import Looks
from scipix.recognize.preprocess import MARGIN, MULTIPLE, Lines, Prepared
from scipix.recognize.rows import find_bands
from scipix.recognize.scale import TARGET_HEIGHT
from scipix.recognize.second_look import likelier

_SURE = 0.9  # a whole reading with this probability and as many rows stays
_OTHER_ROWS = 0.97  # how probable the gaps between the fences are where the whole reading has fewer rows
_INK = 0.4
_TALL, _NARROW = 2.2, 0.4  # a fence, in typical heights and of its height
_SLIM, _FULL = 0.3, 0.8  # a bar, in typical heights, and how much of its box it fills
_BARS = frozenset(["\\begin{vmatrix}", "\\begin{Vmatrix}"])  # with bars as fences
_FENCED = frozenset(f"\\begin{{{kind}}}" for kind in ("pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "cases"))


def by_rows(prepared: Prepared, whole: Reading, look: Looks, alternatives: int, threshold: float) -> Reading:
    """The whole reading, or the one with its matrix read row by row, whichever is likelier. look: takes a first look."""
    place = _matrix(whole.symbols)
    if place is None:
        return whole
    start, end = place
    rows = rows_between_fences(prepared, whole.symbols[start].latex)
    fewer = len(row_places(whole.symbols[start : end + 1], _FENCED)) < len(rows)  # more may touch
    spans = [ink_spans(row) for row in rows]
    stairs = whole.symbols[start].latex != "\\begin{cases}" and _are_stairs(spans)
    fewer |= stairs and "&" not in [symbol.latex for symbol in whole.symbols[start:end]]  # columns
    sure = whole.confidence >= _SURE and not whole.unread
    if len(rows) < 2 or (sure and not fewer):  # of equal rows it is sure, too, and cannot count them
        return whole
    trust = _OTHER_ROWS / (1 - _OTHER_ROWS) if fewer else 1.0
    outside = (*whole.symbols[: start + 1], *whole.symbols[end:])
    parts, chance = [], float(np.prod([symbol.confidence for symbol in outside]))
    for row in rows:
        parts.append(look(replace(row, least=whole.confidence / (trust * chance) if chance else 0.0)).reading)
        chance *= parts[-1].confidence
        if trust * chance <= whole.confidence:
            return whole
    lines = [Line(part.symbols, span) for part, span in zip(parts, spans, strict=True)]
    inner = join(lines, TARGET_HEIGHT / prepared.scale, "matrix")
    if inner is None:
        return whole
    body = _diagonal(parts) if stairs else _body(inner)
    symbols = (*whole.symbols[: start + 1], *body, *whole.symbols[end:])
    missed = tuple(box for part in parts for box in part.unread)
    made = replace(
        whole,
        latex=detokenize(symbol.latex for symbol in symbols),
        confidence=chance,
        symbols=symbols,
        readable=chance >= threshold and not missed,
        unread=missed,
    )
    return likelier(whole, made, alternatives, trust)


def reread_row(
    prepared: Prepared, reading: Reading, choice: Choice, reread: Callable[[Prepared, Reading, Choice], Reading]
) -> Reading | None:
    """The row that a choice is in read again, all else as it was; None when it is in none, or on a diagonal, where rows say
    nothing of columns. reread: as in `reread_line`."""
    place = _matrix(reading.symbols)
    if place is None or not place[0] < choice.position < place[1]:
        return None
    start, end = place
    rows = rows_between_fences(prepared, reading.symbols[start].latex)
    if _are_stairs([ink_spans(row) for row in rows]):
        return None
    inside = (replace(reading.symbols[start], latex="\\begin{matrix}"), *reading.symbols[start + 1 : end],
              replace(reading.symbols[end], latex="\\end{matrix}"))  # fmt: skip
    lines = Lines(tuple(rows), (None,) * len(rows), 1.0, TARGET_HEIGHT / prepared.scale, True)
    inner = replace(reading, symbols=inside, latex=detokenize(symbol.latex for symbol in inside))
    made = reread_line(inner, replace(choice, position=choice.position - start), lines, reread)
    if made is None:
        return None
    outside = (*reading.symbols[: start + 1], *reading.symbols[end:])
    symbols = (*reading.symbols[: start + 1], *_body(made.symbols), *reading.symbols[end:])
    confidence = made.confidence * float(np.prod([symbol.confidence for symbol in outside]))
    latex = detokenize(symbol.latex for symbol in symbols)
    return replace(made, latex=latex, symbols=symbols, confidence=confidence, alternatives=())


def rows_between_fences(part: Prepared, begin: str = "\\begin{pmatrix}") -> list[Prepared]:
    """The rows between the two fences that stand farthest apart, each as a part of its own; [] without such fences.

    begin: of which matrix; the rows of cases are all that is right of the first fence. A bar is no bracket: it may be a rule
    between two columns.
    """
    closed = begin != "\\begin{cases}"
    boxes, areas = np.split(components(part.ink > _INK), [4], axis=1)
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    bars = (wide <= _SLIM * TARGET_HEIGHT) & (areas[:, 0] >= _FULL * wide * high)
    fences = boxes[(high >= _TALL * TARGET_HEIGHT) & (wide <= _NARROW * high) & ~(bars & (begin not in _BARS))]
    if len(fences) < 1 + closed:
        return []
    fences = fences[np.argsort(fences[:, 0])]
    first = int((fences[1:, 0] - fences[:-1, 2]).argmax()) if closed else 0
    left, right = int(fences[first, 2]), int(fences[first + 1, 0]) if closed else part.ink.shape[1]
    inside = boxes[(boxes[:, 0] >= left) & (boxes[:, 2] <= right)]
    if not len(inside):
        return []
    rows = []
    for band in find_bands(inside / TARGET_HEIGHT):
        top, bottom = round(band.top * TARGET_HEIGHT), round(band.bottom * TARGET_HEIGHT)
        own = inside[(inside[:, 1] >= top) & (inside[:, 3] <= bottom)]
        rows.append(cropped(part, int(own[:, 0].min()), top, int(own[:, 2].max()), bottom))
    return rows


def cropped(part: Prepared, left: int, top: int, right: int, bottom: int) -> Prepared:
    """A part of a part, all of its ink for itself; the soft edges of its letters are left on."""
    margin = round(MARGIN)
    height, width = (-(-(side + 2 * margin) // MULTIPLE) * MULTIPLE for side in (bottom - top, right - left))
    canvas = np.zeros((height, width), np.float32)
    left, top, right, bottom = max(left - 1, 0), max(top - 1, 0), right + 1, bottom + 1
    piece = part.ink[top:bottom, left:right]
    canvas[margin - 1 : margin - 1 + piece.shape[0], margin - 1 : margin - 1 + piece.shape[1]] = piece
    x, y = ((edge + 1 - margin) / part.scale for edge in (left, top))
    return Prepared(canvas, part.scale, (part.offset[0] + x, part.offset[1] + y))


def _matrix(symbols: Sequence[Symbol]) -> tuple[int, int] | None:
    """Where the only environment begins and ends, when it is a matrix with fences; None otherwise."""
    begins = [i for i, symbol in enumerate(symbols) if symbol.latex.startswith("\\begin{")]
    if len(begins) != 1 or symbols[begins[0]].latex not in _FENCED:
        return None
    ends = [i for i, symbol in enumerate(symbols) if symbol.latex.startswith("\\end{")]
    if len(ends) != 1 or (
        symbols[ends[0]].latex == "\\end{cases}" and any(symbol.box for symbol in symbols[ends[0] :])
    ):
        return None  # what follows cases would be taken for theirs
    return begins[0], ends[0]


def _are_stairs(spans: Sequence[np.ndarray]) -> bool:
    """Whether each row stands right of the one above it, as on a diagonal. spans: of their ink, see `ink_spans`."""
    return all(below[:, 0].min() >= above[:, 1].max() for above, below in pairwise(spans))


def _diagonal(parts: Sequence[Reading]) -> list[Symbol]:
    """Each row in a column of its own."""
    made: list[Symbol] = []
    for place, part in enumerate(parts):
        made += [Symbol("\\\\", None, 1.0)] if place else []
        made += [Symbol("&", None, 1.0)] * place
        made += part.symbols
        made += [Symbol("&", None, 1.0)] * (len(parts) - 1 - place)
    return made


def _body(symbols: Sequence[Symbol]) -> list[Symbol]:
    """What stands in the environment that these are."""
    rows = row_places(symbols)
    return list(symbols[rows[0][0] if rows[0] else 1 : len(symbols) - 1])
