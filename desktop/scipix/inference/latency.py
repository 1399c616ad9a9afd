"""How long each stage took lately."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np


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
    values = np.asarray(list(times), dtype=np.float64)
    if values.size == 0:
        raise ValueError("no times to summarize")
    p50, p95, p99 = np.percentile(values, (50, 95, 99))
    return StageTimes(int(values.size), float(values[-1]), float(p50), float(p95), float(p99))


class Latency:
    """A ring of timings for each stage. Thread-safe; recording costs one lock and one append."""

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._rings: dict[str, deque[float]] = {}

    def record(self, stage: str, milliseconds: float) -> None:
        with self._lock:
            ring = self._rings.get(stage)
            if ring is None:
                ring = self._rings[stage] = deque(maxlen=self._size)
            ring.append(milliseconds)

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Record the time of a `with` block, unless it raises: half a run says nothing about a whole one."""
        start = time.perf_counter()
        yield
        self.record(stage, (time.perf_counter() - start) * 1000)

    def summary(self) -> dict[str, StageTimes]:
        """The figures of each stage that was recorded, in the order of their first recording."""
        with self._lock:
            rings = {stage: list(ring) for stage, ring in self._rings.items()}
        return {stage: summarize(times) for stage, times in rings.items()}
