"""A second look at a picture whose reading is doubtful: a little larger, so that every stroke falls otherwise on the
network's grid. What was misread by a hair is then often read right, and the likelier of both readings is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
from PIL import Image as Pillow

from scipix.datatypes import Alternative, Reading, Timings
from scipix.recognize.branches import places
from scipix.recognize.look import Look, Looks
from scipix.recognize.preprocess import LARGEST, MARGIN, MULTIPLE, Prepared

_LARGER = 1.15
DOUBTFUL = 0.6  # probability below which a second reading is worth its time
LONGEST = 60  # tokens; a longer reading would take too long twice
# Of the likelier reading's probability: what is less probable does not come first whatever else is tried. With the fifth
# model, none of 1,196 real and made pictures (675 in fonts kept out of training) that was read exactly with all looks and
# other readings, whatever the first looks gave, was read otherwise with this bound.
CLOSE = 0.1


def is_doubtful(reading: Reading, prepared: Prepared) -> bool:
    """Whether to look again at what was read; not at ink that would then be larger than any that is read."""
    room = all(side * _LARGER <= most for side, most in zip(prepared.ink.shape, LARGEST, strict=True))
    return room and reading.confidence < DOUBTFUL and len(reading.symbols) <= LONGEST


def closely(prepared: Prepared, first: Look, look: Looks, alternatives: int) -> Reading:
    """The likeliest reading of that picture: of a first look, or of a second one where that is doubtful; only the likelier
    look's other readings are tried, half as many after two looks. look: takes another look."""
    tried = places(alternatives)
    if not is_doubtful(first.reading, prepared):
        return first.others(tried)
    second = look(expecting(larger(prepared), first))
    best, other = (second, first) if second.confidence > first.confidence else (first, second)
    return likelier(best.others(tried // 2), other.reading, alternatives)


def expecting(prepared: Prepared, *earlier: Look) -> Prepared:
    """The picture, with what the first of these looks read of its ink at another size; a reading that becomes far less
    probable than one of them is given up."""
    tokens = tuple(symbol.latex for symbol in earlier[0].reading.symbols)
    return replace(prepared, expected=tokens, least=CLOSE * max(look.confidence for look in earlier))


def larger(prepared: Prepared, factor: float = _LARGER) -> Prepared:
    """The same ink at 1.15 times the size, or another, without lines of its own."""
    rows, columns = (np.flatnonzero(prepared.ink.any(axis)) for axis in (1, 0))
    if not len(rows):
        return replace(prepared, lines=None)
    margin = round(MARGIN)
    height = min(prepared.ink.shape[0], int(rows[-1]) + 1 + margin)
    width = min(prepared.ink.shape[1], int(columns[-1]) + 1 + margin)
    size = max(8, round(width * factor)), max(8, round(height * factor))
    resized = Pillow.fromarray(prepared.ink[:height, :width]).resize(size, Pillow.Resampling.BICUBIC)
    canvas = np.zeros((-(-size[1] // MULTIPLE) * MULTIPLE, -(-size[0] // MULTIPLE) * MULTIPLE), np.float32)
    canvas[: size[1], : size[0]] = np.clip(np.asarray(resized, np.float32), 0.0, 1.0)
    return replace(prepared, ink=canvas, scale=prepared.scale * factor, lines=None)


def likelier(first: Reading, second: Reading, alternatives: int, trust: float = 1.0) -> Reading:
    """The likelier of two readings of one picture; the other one and all others follow it.

    trust: what the second one's probability counts against the first one's.
    """
    best, rest = (second, first) if trust * second.confidence > first.confidence else (first, second)
    others = {other.latex: other for other in (*rest.alternatives, *best.alternatives)}
    if rest.confidence > 0:  # else it has no end
        others[rest.latex] = Alternative(rest.latex, rest.confidence)
    others.pop(best.latex, None)
    kept = sorted((other for other in others.values() if other.latex), key=lambda other: -other.confidence)
    return replace(best, alternatives=tuple(kept[:alternatives]))


def added(times: Sequence[Timings]) -> Timings:
    """The sums of each stage."""
    return Timings(**{field.name: sum(getattr(each, field.name) for each in times) for field in fields(Timings)})
