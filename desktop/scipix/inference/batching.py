"""Runs the same graph for several tasks at once, where that is sure to give what each would get alone.

Requests with equal shapes are joined along the batch axis, and nothing is padded, for a plain graph knows no mask and would
look at every cell of padding; where a graph with masks stands beside it, lengths may differ (see ragged.py). Even so a
batch need not give the same: a graph with dynamically quantized weights has one scale for all rows of a tensor, and other
kernels round otherwise. So each size is tried before it is used: a group of that size is run singly, which gives the
results, and then as one. It is used from then on when the outputs differ by no more than `Limits.tolerance` and the time
is worth it; else the tasks run side by side, one row each.

A row that is finished takes no part in the next step, so the caches of keys and values close up as readings end.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from scipix.errors import BackendUnavailable, Cancelled
from scipix.inference.agenda import Limit, Outcome
from scipix.inference.cancel import Cancel
from scipix.inference.stacks import Stacks

Arrays = dict[str, np.ndarray]

_GAIN = 0.9  # a batch must take less than this share of the time that its rows take one after another
_STRIKES = 2  # times that a size may be too slow before it is given up


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


class Joins(Protocol):
    """How several requests become one run of a graph. settles: whether the first run of some takes longer than those that
    follow, as what was copied for it stays where it is."""

    settles: bool

    def key(self, request: Request) -> Hashable:
        """Equal for requests that may be joined."""
        ...

    def kind(self, key: Hashable) -> Hashable:
        """Equal for keys whose runs take about as long, so that what was measured of one holds for the other."""
        ...

    def run(self, requests: Sequence[Request], stop: Cancel) -> list[Arrays]:
        """The outputs of each request; raises BackendUnavailable or Cancelled."""
        ...

    def clear(self) -> None:
        """Let go of arrays that are kept for the next step."""
        ...


class Alike:
    """Joins requests of equal shapes, whatever the graph."""

    settles = False

    def __init__(self, graph: Batchable) -> None:
        self._graph, self._stacks = graph, Stacks()

    def key(self, request: Request) -> Hashable:
        """See Joins."""
        return request.key()

    def kind(self, key: Hashable) -> Hashable:
        """See Joins; here all are of one kind."""
        return None

    def run(self, requests: Sequence[Request], stop: Cancel) -> list[Arrays]:
        """See Joins."""
        first, counts = requests[0], [request.rows for request in requests]
        feeds = {name: self._stacks.join([request.feeds[name] for request in requests]) for name in first.feeds}
        out = self._graph.attempt(feeds, stop, first.outputs)
        if any(value.shape[:1] != (sum(counts),) for value in out.values()):
            raise BackendUnavailable("an output has not one row for each of the input")
        parts = {name: self._stacks.split(value, counts) for name, value in out.items()}
        return [{name: rows[place] for name, rows in parts.items()} for place in range(len(requests))]

    def clear(self) -> None:
        """See Joins."""
        self._stacks.clear()


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

    @property
    def gains(self) -> bool:
        """True once it is known that this graph gains from batches."""
        return self.enabled and len(self._proved) > 1

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
        self,
        graph: Batchable,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.perf_counter,
        joins: Joins | None = None,
    ) -> None:
        """joins: how to run several as one; requests of equal shapes, in the same graph, by default."""
        self.limits = limits or Limits()
        self._graph, self._clock = graph, clock
        self._joins = joins or Alike(graph)
        self._sizers: dict[Hashable, Sizer] = {}

    def key(self, request: Request) -> Hashable:
        """Equal for requests that may be joined."""
        return self._joins.key(request)

    def sizer(self, key: Hashable = None) -> Sizer:
        """What is known of requests with that key."""
        return self._sizers.setdefault(self._joins.kind(key), Sizer(self.limits))

    @property
    def size(self) -> int:
        """The most that may run as one now, of any kind; 1 when nothing gains from that."""
        known = [sizer.size for sizer in list(self._sizers.values()) if sizer.enabled]
        return max(known, default=1 if self._sizers else min(2, self.limits.rows))

    def limit(self, key: Hashable = None) -> Limit:
        """Steps with that key, and bytes, that may run as one now."""
        most = self.limits.size // self.limits.weight if self.limits.size else 1 << 62
        return Limit(self.sizer(key).size, most)

    def run(self, requests: Sequence[Request], stop: Cancel) -> list[Outcome]:
        """The outputs of each, split again; stop is set when nobody waits for any of them."""
        count, sizer = len(requests), self.sizer(self.key(requests[0]))
        if count == 1:
            start = self._clock()
            outcome = self._alone(requests[0])
            sizer.took(1, (self._clock() - start) * 1000)
            return [outcome]
        if sizer.proved(count):
            start = self._clock()
            try:
                found = self._joins.run(requests, stop)
            except BackendUnavailable:  # too much for the device, perhaps
                sizer.failed(count)
                return [self._alone(request) for request in requests]
            except Cancelled as error:
                return [Outcome(error=error) for _ in requests]
            sizer.took(count, (self._clock() - start) * 1000)
            return [Outcome(arrays) for arrays in found]
        return self._try(requests, sizer, stop)

    def clear(self) -> None:
        """Let go of arrays that are kept for the next step."""
        self._joins.clear()

    def _try(self, requests: Sequence[Request], sizer: Sizer, stop: Cancel) -> list[Outcome]:
        """Run them one after another, and as one to see whether that is the same and how long it takes."""
        start = self._clock()
        outcomes = [self._alone(request) for request in requests]
        singly = self._clock() - start
        if any(outcome.error for outcome in outcomes):
            return outcomes
        try:
            if self._joins.settles:
                self._joins.run(requests, stop)
            start = self._clock()
            found = self._joins.run(requests, stop)
        except BackendUnavailable:
            sizer.failed(len(requests))
            return outcomes
        except Cancelled:
            return outcomes
        together = self._clock() - start
        apart = max(largest_difference(one.value, other) for one, other in zip(outcomes, found, strict=True))
        sizer.tried(len(requests), apart, singly * 1000, together * 1000)
        return outcomes

    def _alone(self, request: Request) -> Outcome:
        try:
            return Outcome(self._graph.run(request.feeds, request.cancel, request.outputs))
        except (Cancelled, BackendUnavailable) as error:
            return Outcome(error=error)


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
