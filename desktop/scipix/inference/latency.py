"""How long each stage took: the latest times one by one, and the whole session as histograms; counts of what was done.

Stages, in the order in which a picture meets them: queue (waiting for its turn), load (of the model), image (opening
the file), preprocess, encode, decode, postprocess, total. Counts: readings, tokens, cache_hits, cache_misses.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from scipix.inference.histogram import Histogram

STAGES = ("queue", "load", "image", "preprocess", "encode", "decode", "postprocess", "total")
COUNTS = ("readings", "tokens", "cache_hits", "cache_misses")


@dataclass(frozen=True, slots=True)
class StageTimes:
    """Milliseconds of one stage over the last `count` runs; percentiles by linear interpolation."""

    count: int
    last: float
    p50: float
    p95: float
    p99: float


def summarize(times: Iterable[float]) -> StageTimes:
    """Percentiles of times in the order in which they were taken; raises ValueError when there are none."""
    values = [float(time) for time in times]
    if not values:
        raise ValueError("no times to summarize")
    ordered = sorted(values)
    return StageTimes(len(values), values[-1], *(_percentile(ordered, percent) for percent in (50, 95, 99)))


def _percentile(ordered: Sequence[float], percent: float) -> float:
    """As numpy.percentile, which would have to be loaded before the frozen screen of `scipix snip` is there."""
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


class Latency:
    """For each stage a ring of the latest times and a histogram of all. Thread-safe; recording costs one lock and a
    few additions."""

    def __init__(self, size: int = 256) -> None:
        """size: how many of the latest times to keep."""
        self._size = size
        self._lock = threading.Lock()
        self._rings: dict[str, deque[float]] = {}
        self._histograms: dict[str, Histogram] = {}
        self._counts: dict[str, int] = {}
        self._under_way, self._since, self._busy = 0, 0.0, 0.0  # seconds
        self._version = 0

    @property
    def version(self) -> int:
        """Another number whenever something was recorded; 0 before."""
        return self._version

    def record(self, stage: str, milliseconds: float) -> None:
        with self._lock:
            ring = self._rings.get(stage)
            if ring is None:
                ring = self._rings[stage] = deque(maxlen=self._size)
                self._histograms[stage] = Histogram()
            ring.append(milliseconds)
            self._histograms[stage].record(milliseconds)
            self._version += 1

    def count(self, what: str, number: int = 1) -> None:
        """Add to a count."""
        with self._lock:
            self._counts[what] = self._counts.get(what, 0) + number
            self._version += 1

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Record the time of a `with` block, unless it raises: half a run says nothing about a whole one."""
        start = time.perf_counter()
        yield
        self.record(stage, (time.perf_counter() - start) * 1000)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While pictures are read, in a `with` block. Time that several blocks share counts once."""
        with self._lock:
            if not self._under_way:
                self._since = time.perf_counter()
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1
                if not self._under_way:
                    self._busy += time.perf_counter() - self._since

    @property
    def busy_s(self) -> float:
        """Seconds in which pictures were read."""
        with self._lock:
            return self._busy + (time.perf_counter() - self._since if self._under_way else 0.0)

    def summary(self) -> dict[str, StageTimes]:
        """The latest figures of each stage that was recorded, in the order of their first recording."""
        with self._lock:
            rings = {stage: list(ring) for stage, ring in self._rings.items()}
        return {stage: summarize(times) for stage, times in rings.items()}

    def recent(self, stage: str, most: int) -> list[float]:
        """The latest times of a stage, at most so many, oldest first; empty when there are none."""
        with self._lock:
            return list(self._rings.get(stage, ()))[-most:]

    def histograms(self) -> dict[str, Histogram]:
        """Copies, by stage: all times since the start."""
        with self._lock:
            return {stage: self._histograms[stage].copy() for stage in in_order(self._histograms)}

    def counts(self) -> dict[str, int]:
        """By name; every one of COUNTS is there."""
        with self._lock:
            return {**dict.fromkeys(COUNTS, 0), **self._counts}


def in_order(stages: Mapping[str, object]) -> list[str]:
    """Known stages in the order of a picture's way, then the others."""
    return [*(stage for stage in STAGES if stage in stages), *(stage for stage in stages if stage not in STAGES)]
