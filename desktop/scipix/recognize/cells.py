"""The tokens of one line: what belongs to the line itself, and how it is cut into cells."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import numpy as np

from scipix.datatypes import Symbol
from scipix.notation.symbols import INVISIBLE

UNFENCED = frozenset(
    f"\\begin{{{name}}}" for name in ("gathered", "aligned", "matrix", "array")
)  # no delimiter around them
_SPACES = INVISIBLE | {"\\quad", "\\qquad", "&", " "}
_ATTACHED = frozenset(["_", "^", "'", "}", "{", "]"])  # never first in a cell, but for an empty base


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """symbols: what was read. spans: float (n, 2), from where to where there is ink, left to right. cuts: where it was read
    as cut into columns, when it was."""

    symbols: tuple[Symbol, ...]
    spans: np.ndarray
    cuts: tuple[float, ...] = ()

    @property
    def left(self) -> float:
        return float(self.spans[:, 0].min())

    @property
    def right(self) -> float:
        return float(self.spans[:, 1].max())


def levels(symbols: Sequence[Symbol]) -> list[int]:
    """How deep in braces, environments and delimiters each token stands; what opens and closes counts as outside."""
    depth, found = 0, []
    for symbol in symbols:
        token = symbol.latex
        closes = token in ("}", "\\right") or token.startswith("\\end{")
        depth -= closes
        found.append(depth)
        depth += token in ("{", "\\left") or token.startswith("\\begin{")
    return found


def row_places(symbols: Sequence[Symbol], environments: AbstractSet[str] = UNFENCED) -> list[list[int]]:
    """Which tokens stand in each row of the environment that these are as a whole, `&` among them; [] when they are none.

    environments: those that count, `\\begin{...}`.
    """
    if not symbols or symbols[0].latex not in environments:
        return []
    depths = levels(symbols)
    if depths.count(0) != 2 or not symbols[-1].latex.startswith("\\end{"):
        return []
    start = depths.index(1, 2) + 1 if symbols[0].latex == "\\begin{array}" else 1
    rows: list[list[int]] = [[]]
    for place in range(start, len(symbols) - 1):
        if depths[place] == 1 and symbols[place].latex == "\\\\":
            rows.append([])
        else:
            rows[-1].append(place)
    return rows


def wrapped(line: Line) -> list[Line]:
    """The lines in the environment that the whole line is; the line itself when it is none."""
    rows = row_places(line.symbols)
    if not rows:
        return [line]
    parts = [plain(line.symbols, row) for row in rows]
    if len(parts) == 1:
        return [Line(parts[0], line.spans, _cuts(line.symbols, rows[0]))]
    return [Line(part, _spans(part, line)) for part in parts if part]


def _cuts(symbols: Sequence[Symbol], row: Sequence[int]) -> tuple[float, ...]:
    """The middles of the gaps that have an `&` of this row; none of a row of `aligned`, where it leaves no gap."""
    if symbols[0].latex == "\\begin{aligned}":
        return ()
    depths, made = levels(symbols), []
    for place in (place for place in row if symbols[place].latex == "&" and depths[place] == 1):
        before = [symbol.box.right for symbol in symbols[:place] if symbol.box]
        after = [symbol.box.left for symbol in symbols[place:] if symbol.box]
        if before and after:
            made.append((before[-1] + after[0]) / 2)
    return tuple(made)


def plain(symbols: Sequence[Symbol], row: Sequence[int]) -> tuple[Symbol, ...]:
    """The tokens of a row as they are read when it stands alone: with space between columns, and none where it is aligned."""
    depths, space = levels(symbols), symbols[0].latex != "\\begin{aligned}"
    made = []
    for place in row:
        cut = symbols[place].latex == "&" and depths[place] == 1
        if not cut or space:
            made.append(replace(symbols[place], latex="\\quad") if cut else symbols[place])
    return tuple(made)


def count_rows(symbols: tuple[Symbol, ...]) -> int:
    """Of the environment that the whole is, a number behind it left out; 1 when it is none."""
    return len(wrapped(without_tag(Line(symbols, np.zeros((1, 2))))[0]))


def count_columns(symbols: Sequence[Symbol]) -> int:
    """Of the longest row of the `matrix` or `array` that the whole is; 0 when it is none, or has rules across its columns."""
    if not symbols or symbols[0].latex not in ("\\begin{matrix}", "\\begin{array}"):
        return 0
    depths = levels(symbols)
    if any(symbol.latex == "\\hline" and depth == 1 for symbol, depth in zip(symbols, depths, strict=True)):
        return 0
    rows = [[symbols[at].latex for at in row if depths[at] == 1] for row in row_places(symbols)]
    return max((1 + row.count("&") for row in rows), default=0)


def _spans(symbols: Sequence[Symbol], line: Line) -> np.ndarray:
    """Where these have ink, as far as their boxes tell."""
    boxes = [(symbol.box.left, symbol.box.right) for symbol in symbols if symbol.box]
    return np.array(boxes) if boxes else line.spans


def bare(symbols: Sequence[Symbol]) -> bool:
    """Whether the line holds an environment of one row that no delimiter holds together: then it is a part of one of more
    rows. Or a rule of a table."""
    depths = levels(symbols)
    for index, symbol in enumerate(symbols):
        if symbol.latex == "\\hline":
            return True
        if symbol.latex in UNFENCED and not (index > 1 and symbols[index - 2].latex == "\\left"):
            end = depths.index(depths[index], index + 1)
            if "\\\\" not in [inner.latex for inner in symbols[index:end]]:
                return True
    return False


def without_tag(line: Line) -> tuple[Line, tuple[Symbol, ...]]:
    """The line less its number, and the number's tokens."""
    at, end = _tag(line.symbols)
    if at == end:
        return line, ()
    tag, rest = line.symbols[at:end], (*line.symbols[:at], *line.symbols[end:])
    edges = [symbol.box.left for symbol in tag if symbol.box]
    known = [symbol.box.right for symbol in rest if symbol.box]
    spans = line.spans
    if edges and known:
        kept = spans[spans[:, 0] < (min(edges) + max(known)) / 2]
        spans = kept if len(kept) else spans
    return replace(line, symbols=rest, spans=spans), tag


def in_columns(lines: Sequence[Line]) -> list[int]:
    """Which lines have other ones beside or right of what was taken for their number: it is none, it is in a column."""
    found = []
    for index, line in enumerate(lines):
        boxes = [symbol.box for symbol in line.symbols[slice(*_tag(line.symbols))] if symbol.box]
        others = [without_tag(other)[0].right for place, other in enumerate(lines) if place != index]
        if boxes and others and max(others) > min(box.left for box in boxes):
            found.append(index)
    return found


def marginal(lines: Sequence[Line]) -> list[Line]:
    """The lines, those numbers that are in a column as what stands there."""
    made = list(lines)
    for index in in_columns(lines):
        line = lines[index]
        start, end = _tag(line.symbols)
        last = [symbol.box for symbol in line.symbols[start:end] if symbol.box][-1]
        # The last bracket has no box; with that of the sign before it, it stays in that sign's column.
        words = (replace(line.symbols[start + 1], latex="("), *line.symbols[start + 2 : end - 1],
                 replace(line.symbols[end - 1], latex=")", box=last))  # fmt: skip
        before = line.symbols[:start]
        rows = row_places(before)
        cells = plain(before, rows[0]) if len(rows) == 1 else before
        made[index] = Line((*cells, *words, *line.symbols[end:]), line.spans)
    return made


def _tag(symbols: Sequence[Symbol]) -> tuple[int, int]:
    """From where to where the tokens of its number stand; nowhere when it has none."""
    depths = levels(symbols)
    at = next((i for i, symbol in enumerate(symbols) if symbol.latex == "\\tag" and not depths[i]), None)
    if at is None:
        return 0, 0
    return at, next((i for i in range(at + 2, len(symbols)) if not depths[i]), len(symbols) - 1) + 1


def cut(symbols: Sequence[Symbol], places: Sequence[float]) -> list[tuple[Symbol, ...]] | None:
    """The tokens left of the first place, between it and the next ...; None when something reaches across a place.

    Tokens without a box belong to what follows them, and spaces at a cut are left out.
    """
    depths = levels(symbols)
    cells: list[list[Symbol]] = [[] for _ in range(len(places) + 1)]
    column = 0
    for index, symbol in enumerate(symbols):
        here = _column(symbols[index:], places, column)
        if here != column and depths[index] == 0 and not _attached(symbols, index):
            if here < column:
                return None
            column = here
        elif here != column and symbol.box is not None:
            return None
        cells[column].append(symbol)
    return [_stripped(cell) for cell in cells]


def _column(rest: Sequence[Symbol], places: Sequence[float], otherwise: int) -> int:
    """Where the first token of these stands that has a box."""
    box = next((symbol.box for symbol in rest if symbol.box), None)
    return otherwise if box is None else int(np.searchsorted(places, (box.left + box.right) / 2))


def _attached(symbols: Sequence[Symbol], index: int) -> bool:
    """Whether that token goes on or closes what is before it; a delimiter is one thing with its `\\left` or `\\right`."""
    token, before = symbols[index].latex, symbols[index - 1].latex if index else ""
    closes = token == "\\right" or token.startswith("\\end{") or before in ("\\left", "\\right")
    return closes or (token in _ATTACHED and not _empty_base(symbols, index))


def _empty_base(symbols: Sequence[Symbol], index: int) -> bool:
    return symbols[index].latex == "{" and index + 1 < len(symbols) and symbols[index + 1].latex == "}"


def _stripped(cell: list[Symbol]) -> tuple[Symbol, ...]:
    start, end = 0, len(cell)
    while start < end and cell[start].latex in _SPACES:
        start += 1
    while end > start and cell[end - 1].latex in _SPACES:
        end -= 1
    return tuple(cell[start:end])
