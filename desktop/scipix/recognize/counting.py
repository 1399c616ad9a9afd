"""How often a sign stands in a row of equal ones (0.3333, 100000, )))): a decoder that meets the same sign again and again
cannot count, but their shapes can be counted in the picture.

In what is printed, the same sign looks the same: its picture is slid along the line, and where it fits as well as upon
itself (normalized correlation; Lewis, Fast Normalized Cross-Correlation, 1995) there is another one, if they are evenly
spaced. In five families of fonts at three sizes the same digits correlate by 0.975 and more, others by less than 0.92.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from string import ascii_letters

import numpy as np
from PIL import Image as Pillow

from scipix.datatypes import Alternative, Box, Reading, Symbol
from scipix.notation.tokens import detokenize, tokenize
from scipix.recognize.components import components
from scipix.recognize.coverage import TRUST
from scipix.recognize.preprocess import Prepared
from scipix.recognize.scale import TARGET_HEIGHT

_DIGITS = frozenset("0123456789")
_LETTERS = frozenset(ascii_letters) | frozenset(
    "\\alpha \\beta \\gamma \\delta \\epsilon \\varepsilon \\zeta \\eta \\theta \\iota \\kappa \\lambda \\mu \\nu \\xi \\pi "
    "\\rho \\sigma \\tau \\upsilon \\phi \\varphi \\chi \\psi \\omega".split()
)
_SIGNS = _DIGITS | frozenset("()[]!'*") | {"\\nabla", "\\partial"}
_NEVER = 1 << 30
_LONELY = frozenset("!")  # counted also where one was read: of the two in n!! one is mostly passed over
_INK = 0.4
_FINE = 4  # parts of a pixel from left to right: equal signs fall otherwise on the pixels
# Correlation of two pictures of one sign; above the second one it may be the same: what is between the others, or beyond
# them and not read as another one. What is thin differs more, and nothing else looks like it.
_ALIKE, _UNSURE = 0.95, 0.8
_ALIKE_THIN, _UNSURE_THIN = 0.85, 0.7
_LEAST, _MOST = 0.3, 2.5  # typical heights, that a sign is high
_BROAD, _SLIM = 0.95, 0.6  # of the height, in width: what is broader is two that touch; a part of the first one
_APART = 0.6  # of the width; nearer ones are one
_FAR = 2.0  # typical heights; nothing of one row is farther apart
_CLOSE = 0.8  # typical heights; what was read once is no farther from the other one
# By how much distances differ: share of them, network pixels (and a pixel of the image at least).
_PITCH, _SLACK = 0.12, 1.5
_NEXT = 1.6  # distances; what looks alike and is nearer to a row may belong to it, however uneven: 10 000 000
_OFF = 0.7  # of the distance, that the box of a token may be off
_BELOW = 0.3  # of their height, that the middle of a point or a comma among them is said to be below them
_AROUND = 4  # typical heights; how far beyond what was read a row may go, less than half of what was read
_TRIED = 4  # signs whose picture is slid along
# Of 900 pictures of numbers (five families of fonts at three sizes) 56 of the surely read ones (confidence above 0.6) had so
# many equal signs that could not be counted: 35 of them were wrong, and 20 of the 462 in which there was nothing to count or
# all could be counted.
_MANY = 4


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """Equal shapes side by side, in network pixels. lefts: of each. width, top, bottom: of all. unsure: the middles of what
    follows or goes before them and may be one of them, too. part: of the picture, in which they are."""

    part: Prepared
    lefts: tuple[float, ...]
    width: int
    top: int
    bottom: int
    unsure: tuple[float, ...]

    @property
    def pitch(self) -> float:
        return (self.lefts[-1] - self.lefts[0]) / (len(self.lefts) - 1)

    @property
    def boxes(self) -> list[Box]:
        """Of each, in pixels of the image."""
        scale, (x, y) = self.part.scale, self.part.offset
        top, bottom = self.top / scale + y, self.bottom / scale + y
        return [Box(left / scale + x, top, (left + self.width) / scale + x, bottom) for left in self.lefts]

    def off(self, x: float) -> float:
        """How far that place lies outside, in distances between two; less than 0 inside."""
        first, last = (left + self.width / 2 for left in (self.lefts[0], self.lefts[-1]))
        return max(first - x, x - last) / self.pitch


def counted(prepared: Prepared, reading: Reading, threshold: float) -> Reading:
    """The reading, with as many equal signs side by side as the picture has, and so its alternatives. What a person chose
    stays. Where many cannot be counted, little of the confidence is left. prepared: the picture. threshold: of the
    confidence of a reading that is readable."""
    symbols = list(reading.symbols)
    runs = _runs([symbol.latex for symbol in symbols])
    parts = (prepared,) if prepared.lines is None else prepared.lines.each
    counter, counts, unsure = _Counter(parts), [], False
    for start, end in reversed(runs):
        run = symbols[start:end]
        counts.append(end - start)
        if any(symbol.chosen for symbol in run):
            continue
        if row := counter.row(symbols, start, end):
            counts[-1] = len(row.boxes)
            if len(row.boxes) != end - start:
                symbols[start:end] = _placed(run, row.boxes)
        elif end - start >= _MANY:
            symbols[end - 1] = replace(run[-1], confidence=min(TRUST, run[-1].confidence))
            unsure = True
    if symbols == list(reading.symbols):
        return reading
    latex = detokenize(symbol.latex for symbol in symbols)
    confidence = reading.confidence * (TRUST if unsure else 1.0)
    others = _recounted(reading, runs, counts[::-1], latex)
    readable = reading.readable and confidence >= threshold
    made = replace(reading, symbols=tuple(symbols), latex=latex, alternatives=others)
    return replace(made, confidence=confidence, readable=readable)


def _runs(tokens: Sequence[str]) -> list[tuple[int, int]]:
    """From where to where the same sign stands twice or more often; once, where even that is to be counted."""
    made, start = [], 0
    for place in range(1, len(tokens) + 1):
        if place == len(tokens) or tokens[place] != tokens[start]:
            if place - start >= _least(tokens[start]):
                made.append((start, place))
            start = place
    return made


def _least(token: str) -> int:
    """How often a sign was read side by side, if it is to be counted. Doubled letters stand in words, and are read right there;
    what looks like them (i, j; n, h) might stand beside them."""
    return 1 if token in _LONELY else 2 if token in _SIGNS else 3 if token in _LETTERS else _NEVER


def _center(part: Prepared, symbol: Symbol) -> tuple[float, float]:
    """In network pixels, of a symbol that has a box."""
    box = symbol.box or Box(0.0, 0.0, 0.0, 0.0)
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return (x - part.offset[0]) * part.scale, (y - part.offset[1]) * part.scale


class _Counter:
    """Counts in the parts of a picture."""

    def __init__(self, parts: Sequence[Prepared]) -> None:
        self._parts = parts
        self._found: dict[int, np.ndarray] = {}  # the components of each

    def row(self, symbols: Sequence[Symbol], start: int, end: int) -> _Row | None:
        """The longest row of equal shapes where this run was read; None where it cannot be told."""
        if not all(symbol.box for symbol in symbols[start:end]):
            return None
        for index, part in enumerate(self._parts):
            x, y = _center(part, symbols[start])
            if 0 <= x < part.ink.shape[1] and 0 <= y < part.ink.shape[0]:
                if index not in self._found:
                    self._found[index] = components(part.ink > _INK)[:, :4]
                return _row(part, self._found[index], symbols, start, end)
        return None


def _row(part: Prepared, found: np.ndarray, symbols: Sequence[Symbol], start: int, end: int) -> _Row | None:
    """The longest row of equal shapes where this run was read. found: the components, see `component_boxes`."""
    centers = np.array([_center(part, symbol) for symbol in symbols[start:end]])
    rest = [_center(part, symbol) for i, symbol in enumerate(symbols) if symbol.box and not start <= i < end]
    (left, _), (right, _) = centers.min(0), centers.max(0)
    middle, unit = (left + right) / 2, TARGET_HEIGHT
    x, y = (found[:, 0] + found[:, 2]) / 2, (found[:, 1] + found[:, 3]) / 2
    high = found[:, 3] - found[:, 1]
    near = (x > left - unit) & (x < right + unit) & (np.abs(y - np.median(centers[:, 1])) < unit / 2)
    near &= (high >= _LEAST * unit) & (high <= _MOST * unit)
    reach = _AROUND * unit + (right - left) / 2
    columns = max(0, int(left - reach)), int(right + reach)
    bounds = (_ALIKE, _UNSURE) if symbols[start].latex in _DIGITS else (_ALIKE_THIN, _UNSURE_THIN)
    tried = found[near][np.argsort(np.abs(x[near] - middle), kind="stable")][:_TRIED]
    for wide in (False, True):
        rows = [_repeated(part, box, columns, bounds, wide) for box in tried]
        kept = [
            row
            for row in rows
            if row
            and all(row.off(at) < _OFF for at in centers[:, 0])
            and _alone(row, rest, wide)
            and (end - start > 1 or row.pitch <= _CLOSE * unit)
        ]
        if kept:
            return max(kept, key=lambda row: len(row.lefts))
    return None


def _alone(row: _Row, places: Sequence[tuple[float, float]], wide: bool) -> bool:
    """Whether nothing else was read amid the row, such as a point in a gap of a wide one, and something where it may go on."""
    depth = _BELOW * (row.bottom - row.top)
    beside = [x for x, y in places if row.top < y < row.bottom + depth]
    known = all(any(abs(x - place) < _OFF * row.pitch for x in beside) for place in row.unsure)
    return known and not any(row.off(x) < -_OFF / (1 + wide) for x in beside)


def _repeated(
    part: Prepared, box: np.ndarray, columns: tuple[int, int], bounds: tuple[float, float], wide: bool
) -> _Row | None:
    """That component and those beside it that look the same, each as far from the next; None where there is none. columns:
    from where to where to look. bounds: of the correlation, see _ALIKE. wide: some may be a little farther."""
    (start, end), (sure, unsure) = columns, bounds
    left, top, right, bottom = (int(side) for side in box)
    width = right - left if right - left <= _BROAD * (bottom - top) else round(_SLIM * (bottom - top))
    band = _finer(part.ink[max(top - 1, 0) : bottom + 1, start:end])
    here = max(left - 1 - start, 0) * _FINE
    alike = _correlation(band, band[:, here : here + (width + 2) * _FINE])
    peaks = _peaks(alike, unsure, round(_APART * width * _FINE))
    place = int(np.searchsorted(peaks, here - 1))
    if place == len(peaks) or abs(peaks[place] - here) > 1 or len(peaks) < 2:
        return None
    steps = np.diff(peaks)
    pitch = int(steps[max(place - 1, 0) : place + 1].min())
    slack = max(max(_SLACK, part.scale) * _FINE, _PITCH * pitch)
    uneven = (steps < pitch - slack) | (steps > (_NEXT * pitch if wide else pitch + slack))
    first = int(np.flatnonzero(np.concatenate([[True], uneven[:place]]))[-1])
    last = place + int(np.flatnonzero(np.concatenate([uneven[place:], [True]]))[0])
    same = alike[peaks[first : last + 1]] >= sure
    kept = np.flatnonzero(same)
    if pitch > _FAR * TARGET_HEIGHT * _FINE or len(kept) < 2 or not same[kept[0] : kept[-1] + 1].all():
        return None
    lefts = peaks / _FINE + start + 1
    row = lefts[first + kept]
    others = lefts[(lefts < row[0]) & (lefts > row[0] - _NEXT * pitch / _FINE)
                   | (lefts > row[-1]) & (lefts < row[-1] + _NEXT * pitch / _FINE)]  # fmt: skip
    return _Row(part, tuple(row.tolist()), width, top, bottom, tuple((others + width / 2).tolist()))


def _finer(band: np.ndarray) -> np.ndarray:
    """float32 (H, 4 W)."""
    size = band.shape[1] * _FINE, band.shape[0]
    return np.asarray(Pillow.fromarray(band).resize(size, Pillow.Resampling.BICUBIC), np.float32)


def _correlation(band: np.ndarray, piece: np.ndarray) -> np.ndarray:
    """float32 (W - w + 1,): of the piece (h, w) with what the band (h, W) has at each place; -1 .. 1."""
    wanted = piece - piece.mean()
    windows = np.lib.stride_tricks.sliding_window_view(band, piece.shape[1], axis=1)
    products = np.einsum("hnw,hw->n", windows, wanted, optimize=True)
    sums, squares = (np.concatenate([[0.0], np.cumsum(each.sum(0, dtype=np.float64))]) for each in (band, band * band))
    count, total, power = piece.size, *(each[piece.shape[1] :] - each[: -piece.shape[1]] for each in (sums, squares))
    size = np.sqrt(np.maximum(power - total**2 / count, 0.0) * (wanted**2).sum())
    return (products / np.maximum(size, 1e-6)).astype(np.float32)


def _peaks(alike: np.ndarray, least: float, apart: int) -> np.ndarray:
    """int64: where it fits that well, the best places at least so far apart, from left to right."""
    places = np.flatnonzero(alike >= least)
    kept: list[int] = []
    for place in places[np.argsort(-alike[places], kind="stable")].tolist():
        if all(abs(place - other) >= apart for other in kept):
            kept.append(place)
    return np.array(sorted(kept), np.int64)


def _placed(run: Sequence[Symbol], boxes: Sequence[Box]) -> list[Symbol]:
    """One symbol for each box; as sure as the least sure one that was read."""
    least = min(run, key=lambda symbol: symbol.confidence)
    return [replace(least, box=box) for box in boxes]


def _recounted(
    reading: Reading, runs: Sequence[tuple[int, int]], counts: Sequence[int], latex: str
) -> tuple[Alternative, ...]:
    """The other readings, each once, with as many signs as were counted where they have the same ones side by side."""
    signs = [reading.symbols[start].latex for start, _ in runs]
    made = {latex: Alternative(latex, reading.confidence)}
    for other in reading.alternatives:
        tokens = tokenize(other.latex)
        own = _runs(tokens)
        if [tokens[start] for start, _ in own] == signs:
            for (start, end), count in reversed(list(zip(own, counts, strict=True))):
                tokens[start:end] = [tokens[start]] * count
        text = detokenize(tokens)
        made.setdefault(text, replace(other, latex=text))
    return tuple(made.values())[1:]
