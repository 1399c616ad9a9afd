"""Lines that were read one by one -> one formula: which environment they stand in, and where its columns are cut.

Everything is told from where things stand. Signs of relation one below the other: `aligned`. Gaps that go through all
lines: columns, but for those that each line, read as cut elsewhere, has as a space. Left edges one below the other: `array`
of a column l, right ones r; middles: `gathered` or `matrix`, which look alike but for the distance of their lines; where
that says nothing, a hint decides.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from scipix.datatypes import Symbol
from scipix.recognize.cells import Line, bare, cut, levels, marginal, without_tag, wrapped
from scipix.recognize.leading import is_tight

T = TypeVar("T")

_COLUMN = 1.2  # typical heights; columns are an em apart, a thick space is 0.28 em
_NARROWEST = 0.6
_LINE = 10.0  # what is wider is no entry of a matrix
_EDGE = 0.3  # edges of signs that stand one below the other; their ink begins beside where TeX puts them
RELATIONS = frozenset(
    "= < > : \\leq \\geq \\neq \\equiv \\approx \\sim \\simeq \\cong \\in \\ni \\notin \\subset \\supset \\subseteq \\supseteq "
    "\\subsetneq \\rightarrow \\Rightarrow \\leftarrow \\Leftarrow \\leftrightarrow \\Leftrightarrow \\mapsto \\propto \\ll \\gg "
    "\\longrightarrow \\Longrightarrow \\Longleftarrow \\longleftarrow \\Longleftrightarrow \\longmapsto \\hookrightarrow \\prec "
    "\\succ \\preceq \\succeq \\leqslant \\geqslant \\lesssim \\gtrsim \\doteq \\coloneqq \\triangleq \\asymp \\parallel \\perp "
    "\\models \\vdash \\dashv \\rightharpoonup \\rightleftharpoons \\rightsquigarrow \\therefore".split()
)


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one column of a line. left, right: of its ink, NaN of none."""

    symbols: tuple[Symbol, ...]
    left: float = float("nan")
    right: float = float("nan")


def join(lines: Sequence[Line], unit: float, hint: str = "") -> list[Symbol] | None:
    """The tokens of all lines in one environment; None when they do not make one.

    Numbers of several lines are left out: one environment has room for one. unit: pixels of a typical height of a letter.
    hint: the environment that was read when the lines were read together.
    """
    flat = marginal([part for line in lines for part in wrapped(line)])
    if len(flat) < 2 or any(bare(line.symbols) for line in flat):
        return None
    tags = [without_tag(line) for line in flat]
    flat = [line for line, _ in tags]
    numbers = [symbols for _, symbols in tags if symbols]
    tag = numbers[0] if len(numbers) == 1 else ()
    if not all(line.symbols for line in flat):
        return None
    rows = _table(flat, unit) or [[Cell(line.symbols, line.left, line.right)] for line in flat]
    aligned = _aligned(rows, unit)
    if aligned is not None and (hint not in ("matrix", "array") or len(rows[0]) == 1):
        return [*_emit("aligned", "", aligned), *tag]
    name, columns = _environment(rows, unit, _spaced(flat, hint))
    return [*_emit(name, columns, [[cell.symbols for cell in row] for row in rows]), *tag]


def in_columns(
    cells: Sequence[Sequence[tuple[Symbol, ...]]], lines: Sequence[Line], places: Sequence[float], unit: float
) -> list[Symbol]:
    """`join` where the columns are known. cells: of each line; places: where the lines are cut; unit: as there."""
    rows = [
        [Cell(cell, *_extent(line, places, column)) for column, cell in enumerate(row)]
        for row, line in zip(cells, lines, strict=True)
    ]
    name, columns = _environment(rows, unit, "")
    return _emit(name, columns, cells)


def room_for(columns: int, spans: Sequence[np.ndarray], unit: float) -> bool:
    """Whether there are gaps through all lines for so many columns; they are an em apart, hardly ever less than half of it.

    spans: float (n, 2) for each line, from where to where it has ink. unit: pixels of a typical height of a letter.
    """
    gaps = _gaps([Line((), each) for each in spans])
    return columns <= 1 + sum(right - left > _NARROWEST * unit for left, right in gaps)


def _table(lines: Sequence[Line], unit: float) -> list[list[Cell]] | None:
    """The lines cut where a gap goes through all of them; None when there is none that lines stand on both sides of."""
    places = []
    for left, right in _told(_gaps(lines), lines):
        crossed = [line for line in lines if line.left < left and line.right > right]
        if right - left > _COLUMN * unit and len(crossed) >= max(2, len(lines) / 2):
            place = (left + right) / 2
            if not all(_at_relation(line, place) for line in crossed):
                places.append(place)
    if not places:
        return None
    rows = []
    for line in lines:
        parts = cut(line.symbols, places)
        if parts is None:
            return None
        rows.append([Cell(part, *_extent(line, places, column)) for column, part in enumerate(parts)])
    kept = [column for column in range(len(places) + 1) if any(row[column].symbols for row in rows)]
    return (
        [_trimmed([row[column] for column in kept], lambda cell: cell.symbols) for row in rows]
        if len(kept) > 1
        else None
    )


def _told(gaps: list[tuple[float, float]], lines: Sequence[Line]) -> list[tuple[float, float]]:
    """The gaps that were read as gaps between columns in some line, when all lines were read as cut; else all: a gap that is
    read as a space within a cell in each of them is one."""
    cuts = [place for line in lines for place in line.cuts]
    told = [(left, right) for left, right in gaps if any(left < place < right for place in cuts)]
    return told if told and all(line.cuts for line in lines) else gaps


def _at_relation(line: Line, place: float) -> bool:
    """Whether a relation stands next to that place: what is around it is its space, in any width."""
    placed = sorted(
        (symbol for symbol in line.symbols if symbol.box), key=lambda symbol: symbol.box.left if symbol.box else 0
    )
    before = [symbol for symbol in placed if symbol.box and symbol.box.left < place]
    after = [symbol for symbol in placed if symbol.box and symbol.box.left >= place]
    return any(symbol.latex in RELATIONS for symbol in (*before[-1:], *after[:1]))


def _gaps(lines: Sequence[Line]) -> list[tuple[float, float]]:
    spans = np.concatenate([line.spans for line in lines])
    spans = spans[np.argsort(spans[:, 0])]
    reach = np.maximum.accumulate(spans[:, 1])
    after = np.flatnonzero(spans[1:, 0] > reach[:-1])
    return [(float(reach[i]), float(spans[i + 1, 0])) for i in after]


def _extent(line: Line, places: Sequence[float], column: int) -> tuple[float, float]:
    edges = [-np.inf, *places, np.inf]
    inside = (line.spans[:, 0] >= edges[column]) & (line.spans[:, 1] <= edges[column + 1])
    spans = line.spans[inside]
    return (float(spans[:, 0].min()), float(spans[:, 1].max())) if len(spans) else (float("nan"), float("nan"))


def _aligned(rows: Sequence[Sequence[Cell]], unit: float) -> list[list[tuple[Symbol, ...]]] | None:
    """The cells cut before the relation that stands at the same place in all of a column; None when a column has none."""
    made: list[list[tuple[Symbol, ...]]] = [[] for _ in rows]
    for column in range(max(map(len, rows))):
        cells = [row[column] if column < len(row) else Cell(()) for row in rows]
        place = _relation([cell for cell in cells if cell.symbols], unit)
        if place is None:
            return None
        for out, cell in zip(made, cells, strict=True):
            at = next((i for i in relations(cell.symbols) if _same(cell.symbols[i], place, unit)), 0)
            out += [cell.symbols[:at], cell.symbols[at:]] if cell.symbols else [(), ()]
    return [_trimmed(row, len) for row in made]


def _trimmed(row: list[T], filled: Callable[[T], object]) -> list[T]:
    """Without what is not filled at its end."""
    while row and not filled(row[-1]):
        row = row[:-1]
    return row


def relations(symbols: Sequence[Symbol]) -> list[int]:
    """Where signs of relation stand that belong to the line itself."""
    depths = levels(symbols)
    signs = [i for i, symbol in enumerate(symbols) if symbol.latex in RELATIONS and symbol.box and not depths[i]]
    return [i - 1 if i and symbols[i - 1].latex == ":" and symbols[i - 1].box else i for i in signs]  # := is one


def _same(symbol: Symbol, place: float, unit: float) -> bool:
    return symbol.box is not None and abs(symbol.box.left - place) <= _EDGE * unit


def _relation(cells: Sequence[Cell], unit: float) -> float | None:
    """Where the relation of each of these cells stands. A line that goes on an earlier one may begin right of it."""
    for first in cells:
        for index in relations(first.symbols):
            box = first.symbols[index].box
            place = box.left if box else 0.0
            have = [any(_same(cell.symbols[i], place, unit) for i in relations(cell.symbols)) for cell in cells]
            go_on = [cell.left > place - _EDGE * unit for cell in cells]
            if sum(have) >= 2 and not all(go_on) and all(map(operator.or_, have, go_on)):
                return place
    return None


def _spaced(lines: Sequence[Line], hint: str) -> str:
    """The hint, or what the distance of the lines says: rows of arrays stand nearer than those of displays."""
    tight = is_tight(lines)
    return hint if tight is None else "array" if tight else "gathered"


def _environment(rows: Sequence[Sequence[Cell]], unit: float, hint: str) -> tuple[str, str]:
    """Its name, and for `array` its columns."""
    columns = max(map(len, rows))
    sides = [_sides([row[i] for row in rows if i < len(row) and row[i].symbols], unit) for i in range(columns)]
    if columns == 1:
        if hint != "gathered" and "l" in sides[0] and _wide(rows, unit):
            return "array", "l"  # as lines are set; a matrix of them is hardly ever written
        if "c" in sides[0] and (hint in ("matrix", "gathered") or "l" not in sides[0]):
            return ("matrix" if hint in ("matrix", "array") else "gathered"), ""
        return ("array", sides[0][0]) if sides[0] else ("gathered", "")
    if all("c" in side or not side for side in sides):
        return "matrix", ""
    signs = [all(_is_relation(row[i]) for row in rows if i < len(row)) for i in range(columns)]
    return "array", "".join("c" if sign else (side or "l")[0] for side, sign in zip(sides, signs, strict=True))


def _is_relation(cell: Cell) -> bool:
    """Whether the cell has one sign of relation, or nothing."""
    return not cell.symbols or (len(cell.symbols) == 1 and cell.symbols[0].latex in RELATIONS)


def _wide(rows: Sequence[Sequence[Cell]], unit: float) -> bool:
    """Whether all rows of one column are lines rather than entries."""
    return all(row[0].right - row[0].left > _LINE * unit for row in rows if row)


def _sides(cells: Sequence[Cell], unit: float) -> str:
    """Which of l, c, r stand one below the other, likeliest first."""
    left, right = np.array([cell.left for cell in cells]), np.array([cell.right for cell in cells])
    spread = {"l": np.ptp(left), "c": np.ptp((left + right) / 2), "r": np.ptp(right)}
    return "".join(side for side, width in sorted(spread.items(), key=lambda item: item[1]) if width <= _EDGE * unit)


def _emit(name: str, columns: str, rows: Sequence[Sequence[tuple[Symbol, ...]]]) -> list[Symbol]:
    made = [_mark(f"\\begin{{{name}}}")]
    if name == "array":
        made += [_mark("{"), *map(_mark, columns), _mark("}")]
    for index, row in enumerate(rows):
        made += [_mark("\\\\")] if index else []
        for column, cell in enumerate(row):
            made += [_mark("&")] if column else []
            made += cell
    return [*made, _mark(f"\\end{{{name}}}")]


def _mark(token: str) -> Symbol:
    """A token that draws nothing; where the lines stand says it for sure."""
    return Symbol(token, None, 1.0)
