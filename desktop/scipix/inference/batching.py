"""Runs the same graph for several tasks at once, where that is sure to give what each would get alone.

Requests with equal shapes are joined along the batch axis; nothing is ever padded, for the graphs know no mask, and every
cell of padding would be looked at. Even so a batch need not give the same: a graph with dynamically quantized weights has
one scale for all rows of a tensor, and other kernels round otherwise. So each size is tried before it is used: a group of
that size is run singly, which gives the results, and then as one. It is used from then on when the outputs differ by no
more than `Limits.tolerance` and the time is worth it; else the tasks run side by side, one row each.

A row that is finished takes no part in the next step, so the caches of keys and values close up as readings end.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np

from scipix.errors import BackendUnavailable, Cancelled
from scipix.inference.agenda import Limit, Outcome
from scipix.inference.cancel import Cancel

Arrays = dict[str, np.ndarray]

_GAIN = 0.9  # a batch must take less than this share of the time that its rows take one after another
_STRIKES = 2  # times that a size may be too slow before it is given up
_KEPT = 64  # joined arrays: some four steps of a decoder


class Batchable(Protocol):
    """What is needed of `scipix.inference.sessions.Graph`."""

    def run(
        self, feeds: Mapping[str, np.ndarray], cancel: Cancel | None = None, outputs: Sequence[str] | None = None
    ) -> Arrays: ...

    def attempt(
        self, feeds: Mapping[str, np.ndarray], cancel: Cancel | None = None, outputs: Sequence[str] | None = None
    ) -> Arrays: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """target: milliseconds that a batch may take, as nothing overtakes it and no cancel stops it for one alone. rows: at
    most. size: bytes that a batch may take on the device, 0 for any. weight: bytes taken for each byte fed. tolerance:
    largest difference from the single result, as a share of the largest value of that output; 0 wants equal bits."""

    target: float = 40.0
    rows: int = 32
    size: int = 512 << 20
    weight: int = 4
    tolerance: float = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One run of the graph. feeds: all with the same number of rows; a name always has the same type."""

    feeds: Mapping[str, np.ndarray]
    cancel: Cancel
    outputs: tuple[str, ...] | None = None

    @property
    def rows(self) -> int:
        return next(iter(self.feeds.values())).shape[0]

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(4 * math.prod(value.shape) for value in self.feeds.values())

    def key(self) -> Hashable:
        """Equal for requests that may be joined."""
        return tuple((name, value.shape[1:]) for name, value in self.feeds.items()), self.outputs


class Sizer:
    """How many requests to run as one: grows while that pays and stays below the target, shrinks when it does not.
    Plain data: it is told what was measured."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._proved = {1}  # sizes that gave the same
        self._ceiling = max(1, limits.rows)
        self._strikes = 0
        self.size = min(2, self._ceiling)
        self.difference = 0.0  # the largest that was seen

    @property
    def enabled(self) -> bool:
        """False once it is known that this graph gains nothing from batches."""
        return self._ceiling > 1

    def proved(self, count: int) -> bool:
        """Whether groups of that size may be run as one without trying it first."""
        return count in self._proved

    def tried(self, count: int, difference: float, apart: float, together: float) -> None:
        """A group was run both ways. difference: see Limits.tolerance. apart, together: milliseconds."""
        self.difference = max(self.difference, difference)
        if not difference <= self._limits.tolerance:  # NaN is none, either
            self.failed(count)
        elif together > _GAIN * apart:
            self._strikes += 1
            if self._strikes >= _STRIKES:
                self.failed(count)
        else:
            self._strikes = 0
            self._proved.add(count)
            self.took(count, together)

    def took(self, count: int, milliseconds: float) -> None:
        """A group of that size was run as one."""
        if milliseconds > self._limits.target:
            self.size = max(1, count // 2)
        elif count >= self.size and 2 * milliseconds <= self._limits.target:
            self.size = min(2 * self.size, self._ceiling)

    def failed(self, count: int) -> None:
        """A group of that size cannot be run as one."""
        self._proved.discard(count)
        self._ceiling = max(1, min(self._ceiling, count - 1))
        self.size = min(self.size, self._ceiling)


class Combiner:
    """Runs one graph for many. Thread-safe, as far as runs of the graph are."""

    def __init__(
        self, graph: Batchable, limits: Limits | None = None, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.limits = limits or Limits()
        self.sizer = Sizer(self.limits)
        self._graph, self._clock = graph, clock
        self._stacks = Stacks()

    def limit(self) -> Limit:
        """Steps and bytes that may run as one now."""
        most = self.limits.size // self.limits.weight if self.limits.size else 1 << 62
        return Limit(self.sizer.size, most)

    def run(self, requests: Sequence[Request], stop: Cancel) -> list[Outcome]:
        """The outputs of each, split again; stop is set when nobody waits for any of them."""
        count = len(requests)
        if count == 1:
            start = self._clock()
            outcome = self._alone(requests[0])
            self.sizer.took(1, (self._clock() - start) * 1000)
            return [outcome]
        if self.sizer.proved(count):
            start = self._clock()
            try:
                found = self._together(requests, stop)
            except BackendUnavailable:  # too much for the device, perhaps
                self.sizer.failed(count)
                return [self._alone(request) for request in requests]
            except Cancelled as error:
                return [Outcome(error=error) for _ in requests]
            self.sizer.took(count, (self._clock() - start) * 1000)
            return [Outcome(arrays) for arrays in found]
        return self._try(requests, stop)

    def clear(self) -> None:
        """Let go of arrays that are kept for the next step."""
        self._stacks.clear()

    def _try(self, requests: Sequence[Request], stop: Cancel) -> list[Outcome]:
        """Run them one after another, and as one to see whether that is the same and how long it takes."""
        start = self._clock()
        outcomes = [self._alone(request) for request in requests]
        middle = self._clock()
        if any(outcome.error for outcome in outcomes):
            return outcomes
        try:
            found = self._together(requests, stop)
        except BackendUnavailable:
            self.sizer.failed(len(requests))
            return outcomes
        except Cancelled:
            return outcomes
        together = self._clock() - middle
        apart = max(largest_difference(one.value, other) for one, other in zip(outcomes, found, strict=True))
        self.sizer.tried(len(requests), apart, (middle - start) * 1000, together * 1000)
        return outcomes

    def _alone(self, request: Request) -> Outcome:
        try:
            return Outcome(self._graph.run(request.feeds, request.cancel, request.outputs))
        except (Cancelled, BackendUnavailable) as error:
            return Outcome(error=error)

    def _together(self, requests: Sequence[Request], stop: Cancel) -> list[Arrays]:
        first, counts = requests[0], [request.rows for request in requests]
        feeds = {name: self._stacks.join([request.feeds[name] for request in requests]) for name in first.feeds}
        out = self._graph.attempt(feeds, stop, first.outputs)
        if any(value.shape[:1] != (sum(counts),) for value in out.values()):
            raise BackendUnavailable("an output has not one row for each of the input")
        parts = {name: self._stacks.split(value, counts) for name, value in out.items()}
        return [{name: rows[place] for name, rows in parts.items()} for place in range(len(requests))]


class Rows:
    """Some rows of an array that a device holds (see binding.py); copied only when somebody looks into them."""

    def __init__(self, whole: Any, rows: slice) -> None:
        self._whole, self._rows = whole, rows
        self.shape: tuple[int, ...] = (rows.stop - rows.start, *whole.shape[1:])

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> np.ndarray:
        return self._whole[self._rows][key]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self._whole[self._rows], dtype)


class Stacks:
    """Joins arrays along axis 0, and splits them, without copying anew what it has joined or split: while the same rows
    go on together, their caches stay in one piece, and what the encoder saw of them is joined once. Thread-safe."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[int, ...], tuple[list[np.ndarray], np.ndarray]] = OrderedDict()

    def join(self, parts: Sequence[np.ndarray]) -> np.ndarray:
        """All rows of all parts, in order."""
        key = tuple(map(id, parts))
        with self._lock:
            known = self._known.get(key)
            if known is not None:  # the parts are kept, so their ids are still theirs
                self._known.move_to_end(key)
                return known[1]
        whole = np.concatenate([np.asarray(part) for part in parts])
        self._keep(list(parts), whole)
        return whole

    def split(self, whole: np.ndarray, counts: Sequence[int]) -> list[np.ndarray]:
        """So many rows each, without a copy."""
        ends = np.cumsum(counts).tolist()
        rows = [slice(end - count, end) for end, count in zip(ends, counts, strict=True)]
        if isinstance(whole, np.ndarray):
            parts = [whole[each] for each in rows]
        else:
            parts = [cast(np.ndarray, Rows(whole, each)) for each in rows]
        self._keep(parts, whole)
        return parts

    def clear(self) -> None:
        with self._lock:
            self._known.clear()

    def _keep(self, parts: list[np.ndarray], whole: np.ndarray) -> None:
        with self._lock:
            self._known[tuple(map(id, parts))] = (parts, whole)
            while len(self._known) > self._kept:
                self._known.popitem(last=False)


def largest_difference(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> float:
    """Of any output, as a share of the largest value of that output; 0 for equal bits (NaN equals NaN)."""
    worst = 0.0
    for name in one:
        value, found = np.asarray(one[name]), np.asarray(other[name])
        if value.shape != found.shape:
            return float("inf")
        if value.size and not np.array_equal(value, found, equal_nan=value.dtype.kind == "f"):
            exact = value.astype(np.float64)
            share = float(np.abs(exact - found).max()) / max(float(np.abs(exact).max()), 1e-30)
            worst = max(worst, share) if np.isfinite(share) else float("inf")
    return worst
