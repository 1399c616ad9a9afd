"""Joins steps of a decoder whose lengths differ: pictures of any size, and texts of any length so far.

A graph with masks stands beside the decoder (models/training/joined.py makes it of the decoder's own weights). It takes what
the decoder takes, padded at the end, and how much of each row is real:

    past_length   int64 (B,)   positions of `past_*` (B, heads, L, width) that count; the new tokens go right behind them,
                               so L is at least the longest with its new tokens, and `present_*` is as long
    cross_length  int64 (B,)   cells of `cross_*` (B, heads, S, width) that count

What lies behind gets the weight 0, exactly, and sums with zeros at their end are the same bits: each row gets what it would
get alone. Only steps of equally many tokens are joined, for each more of them costs half a step.

Keys and values of a picture are megabytes that never change, so they stay where they were put for the step before; and
the past of readings that go on together is what the step before left, as it is.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence

import numpy as np

from scipix.errors import BackendUnavailable
from scipix.inference.batching import Arrays, Batchable, Request
from scipix.inference.cancel import Cancel

_FEWEST_CELLS = 128  # room for cells is this times a power of 2
# Larger pictures are read alone. On a processor, a step of 4 rows takes 49, 54 and 91 % of what they take one after another
# at 96, 256 and 768 cells: what rows share, the weights and the nodes' overheads, is little beside each one's own cells.
MOST_CELLS, MOST_ON_A_DEVICE = 512, 4096
_POSITIONS = 16  # room for positions is a multiple of this
_KEPT = 4  # slabs


class Ragged:
    """Joins requests for a decoder, see batching.Joins. Thread-safe, as far as runs of the graph are."""

    settles = True

    def __init__(self, graph: Batchable, most: int = MOST_CELLS) -> None:
        """graph: the one with masks. most: cells of a picture that is joined."""
        self._graph, self._most = graph, most
        self._lock = threading.Lock()
        self._slabs: list[Slab] = []  # that nobody uses now; the latest last

    def key(self, request: Request) -> Hashable:
        """Tokens of a step, room for the picture, outputs; of its own for what is never joined: large pictures, and
        readings that are many rows already."""
        rows, tokens = request.feeds["tokens"].shape
        cells = room_for(_cells(request))
        return tokens, cells, request.outputs, 0 if rows == 1 and cells <= self._most else id(request)

    def kind(self, key: Hashable) -> Hashable:
        """Whether it is one token, and the room for the picture."""
        assert isinstance(key, tuple)
        tokens, room, _, alone = key
        return None if alone else (tokens > 1, room)

    def joined(self, cells: int) -> Hashable:
        """The key of steps of one token for pictures of so many cells; None when those are never joined."""
        room = room_for(cells)
        return (1, room, None, 0) if room <= self._most else None

    def run(self, requests: Sequence[Request], stop: Cancel) -> list[Arrays]:
        """See batching.Joins."""
        slab = self._take(requests)
        try:
            places = slab.put(requests)
            rows = [requests[place] for place in places]
            feeds = {"tokens": np.concatenate([row.feeds["tokens"] for row in rows]), **slab.first(len(rows))}
            feeds["past_length"] = np.array([_positions(row) for row in rows], dtype=np.int64)
            feeds["cross_length"] = np.array([_cells(row) for row in rows], dtype=np.int64)
            out = self._graph.attempt(feeds | _pasts(rows), stop, requests[0].outputs)
        finally:
            self._give(slab)
        if any(value.shape[:1] != (len(rows),) for value in out.values()):
            raise BackendUnavailable("an output has not one row for each of the input")
        found: list[Arrays] = [{}] * len(rows)
        for row, (place, request) in enumerate(zip(places, rows, strict=True)):
            found[place] = _row(out, row, request)
        return found

    def clear(self) -> None:
        """Let go of the slabs."""
        with self._lock:
            self._slabs.clear()

    def _take(self, requests: Sequence[Request]) -> Slab:
        """The slab that holds most of these pictures already; for this thread alone until it is given back."""
        shapes = _shapes(requests[0])
        with self._lock:
            fitting = [slab for slab in self._slabs if slab.shapes == shapes]
            if not fitting:
                return Slab(shapes)
            best = max(fitting, key=lambda slab: slab.known(requests))
            self._slabs.remove(best)
            return best

    def _give(self, slab: Slab) -> None:
        with self._lock:
            self._slabs.append(slab)
            del self._slabs[:-_KEPT]


class Slab:
    """Room for the keys and values of some pictures, one in each row. shapes: of a row of each input, by name."""

    def __init__(self, shapes: dict[str, tuple[int, ...]]) -> None:
        self.shapes = shapes
        self._arrays: Arrays = {}
        self._held: list[np.ndarray | None] = []  # the first input of each row's picture, by which it is known

    def known(self, requests: Sequence[Request]) -> int:
        """How many of the pictures need not be copied."""
        held = {id(one) for one in self._held[: len(requests)] if one is not None}
        return sum(id(_first(request)) in held for request in requests)

    def put(self, requests: Sequence[Request]) -> list[int]:
        """Have the first rows hold these pictures: for each row which request it is of."""
        count = len(requests)
        if count > len(self._held):
            size = 1 << (count - 1).bit_length()
            self._arrays = {name: np.zeros((size, *shape), dtype=np.float32) for name, shape in self.shapes.items()}
            self._held = [None] * size
        held = {id(one): row for row, one in enumerate(self._held[:count]) if one is not None}
        places, others = [-1] * count, []
        for place, request in enumerate(requests):
            row = held.pop(id(_first(request)), None)
            if row is None:
                others.append(place)
            else:
                places[row] = place
        for row in range(count):
            if places[row] < 0:
                places[row] = others.pop()
                self._fill(row, requests[places[row]])
        return places

    def first(self, count: int) -> Arrays:
        """So many rows of each input."""
        return {name: array[:count] for name, array in self._arrays.items()}

    def _fill(self, row: int, request: Request) -> None:
        self._held[row] = None  # should a copy fail
        for name, array in self._arrays.items():
            value = request.feeds[name]
            array[row, :, : value.shape[2]] = np.asarray(value)[0]
            array[row, :, value.shape[2] :] = 0.0
        self._held[row] = _first(request)


def room_for(cells: int) -> int:
    """The smallest 128 * 2^n that is not below."""
    room = _FEWEST_CELLS
    while room < cells:
        room *= 2
    return room


def _pasts(rows: Sequence[Request]) -> Arrays:
    """Keys and values of what was written, with room for the new tokens."""
    names = [name for name in rows[0].feeds if name.startswith("past_")]
    needed = max(_positions(row) for row in rows) + rows[0].feeds["tokens"].shape[1]
    left = [_left(name, rows, needed) for name in names]
    wholes = [whole for whole in left if whole is not None]
    if len(wholes) == len(names) and _in_order(names[0], rows, wholes[0]):
        return dict(zip(names, wholes, strict=True))
    room = -(-(needed + 1) // _POSITIONS) * _POSITIONS
    pasts = {}
    for name in names:
        _, heads, _, width = rows[0].feeds[name].shape
        pasts[name] = np.zeros((len(rows), heads, room, width), dtype=np.float32)
        for whole, row in zip(pasts[name], rows, strict=True):
            value = row.feeds[name]
            whole[:, : value.shape[2]] = np.asarray(value)[0]
    return pasts


def _left(name: str, rows: Sequence[Request], needed: int) -> np.ndarray | None:
    """The array that the rows' pasts are parts of, where that is one, of so many rows, with so much room."""
    whole = getattr(rows[0].feeds[name], "base", None)
    if not isinstance(whole, np.ndarray) or whole.ndim != 4 or len(whole) != len(rows) or whole.shape[2] < needed:
        return None
    return whole if all(getattr(row.feeds[name], "base", None) is whole for row in rows) else None


def _in_order(name: str, rows: Sequence[Request], whole: np.ndarray) -> bool:
    """Whether each row's past begins where that row of the whole does."""
    begin, step = _address(whole), whole.strides[0]
    return all(_address(row.feeds[name]) == begin + index * step for index, row in enumerate(rows))


def _address(array: np.ndarray) -> int:
    return array.__array_interface__["data"][0]


def _row(out: Arrays, row: int, request: Request) -> Arrays:
    """One row of the outputs, without what is padding in it."""
    known = _positions(request) + request.feeds["tokens"].shape[1]
    parts = {}
    for name, value in out.items():
        if name.startswith("present_"):
            parts[name] = value[row : row + 1, :, :known]
        else:
            part = value[row : row + 1]
            parts[name] = part[..., : _cells(request)] if name == "attention" else part
    return parts


def _shapes(request: Request) -> dict[str, tuple[int, ...]]:
    """Of a row of each of the picture's inputs, with the room that it gets."""
    cells = room_for(_cells(request))
    crosses = {name: value.shape for name, value in request.feeds.items() if name.startswith("cross_")}
    return {name: (heads, cells, width) for name, (_, heads, _, width) in crosses.items()}


def _first(request: Request) -> np.ndarray:
    return request.feeds["cross_k_0"]


def _cells(request: Request) -> int:
    return request.feeds["cross_k_0"].shape[2]


def _positions(request: Request) -> int:
    return request.feeds["past_k_0"].shape[2]
