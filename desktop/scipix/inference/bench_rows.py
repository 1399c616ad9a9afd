"""What the bench prints: one line for each thing that it measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from scipix.inference.latency import summarize


@dataclass(frozen=True, slots=True)
class BenchRow:
    """What was measured, in which unit (ms, MB, x, /s, %), how often, and percentiles; None where nothing was measured,
    and `what` says why. p95 and p99 are the bad side: of rates and gains (/s, x) the low one."""

    what: str
    unit: str
    count: int
    p50: float | None
    p95: float | None
    p99: float | None


def times_row(what: str, milliseconds: Sequence[float]) -> BenchRow:
    """Raises ValueError when there are none."""
    stats = summarize(milliseconds)
    return BenchRow(what, "ms", stats.count, stats.p50, stats.p95, stats.p99)


def rates_row(what: str, unit: str, rates: Sequence[float]) -> BenchRow:
    """Of figures that are the better the higher they are."""
    p50, p95, p99 = np.percentile(np.asarray(rates, dtype=np.float64), (50, 5, 1))
    return BenchRow(what, unit, len(rates), float(p50), float(p95), float(p99))


def single_row(what: str, unit: str, figure: float) -> BenchRow:
    return BenchRow(what, unit, 1, figure, figure, figure)


def absent_row(what: str) -> BenchRow:
    """what: with the reason."""
    return BenchRow(what, "-", 0, None, None, None)


def timed(action: Callable[[], object]) -> float:
    """Milliseconds of wall time."""
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def gain_row(what: str, ours: Sequence[float], theirs: Sequence[float]) -> BenchRow:
    """How many times as long theirs took, for each pair that was measured side by side."""
    return rates_row(what, "x", [their / our for our, their in zip(ours, theirs, strict=True)])
