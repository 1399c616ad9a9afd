"""Counts times in buckets that grow with the time, so that any percentile can be told from a few kilobytes.

Each power of two from 1 microsecond up is cut into 32 equal buckets, as in HdrHistogram (Gil Tene): a percentile is off
by 1.6 % at most, and recording is one index and one addition, however many times were recorded before.
"""

from __future__ import annotations

import copy
import math
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PARTS = 32  # buckets of each power of two
_POWERS = 36  # up to 2**36 microseconds, 19 hours
_MICROSECONDS = 1000.0  # of a millisecond


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds of everything that was recorded; total is their sum."""

    count: int
    total: float
    last: float
    least: float
    most: float
    p50: float
    p95: float
    p99: float
    p999: float


class Histogram:
    """Times in milliseconds. Not thread-safe by itself: `Latency` locks around it."""

    def __init__(self) -> None:
        self._buckets = array("Q", bytes(8 * _PARTS * _POWERS))
        self.count = 0
        self.total = 0.0
        self.last = 0.0
        self.least = math.inf
        self.most = 0.0

    def record(self, milliseconds: float) -> None:
        """Count one time; what is below 1 microsecond counts as that, what is above 19 hours as 19 hours."""
        self._buckets[_index(milliseconds)] += 1
        self.count += 1
        self.total += milliseconds
        self.last = milliseconds
        self.least = min(self.least, milliseconds)
        self.most = max(self.most, milliseconds)

    def percentile(self, percent: float) -> float:
        """The time, in milliseconds, that `percent` of all times do not exceed; raises ValueError when there are none."""
        return self._percentiles((percent,))[0]

    def spread(self) -> Spread:
        """Raises ValueError when nothing was recorded."""
        p50, p95, p99, p999 = self._percentiles((50.0, 95.0, 99.0, 99.9))
        return Spread(self.count, self.total, self.last, self.least, self.most, p50, p95, p99, p999)

    def add(self, other: Histogram) -> None:
        """Count all that the other one has counted; `last` is then the other's."""
        for place, count in enumerate(other._buckets):
            self._buckets[place] += count
        self.count += other.count
        self.total += other.total
        self.last = other.last if other.count else self.last
        self.least, self.most = min(self.least, other.least), max(self.most, other.most)

    def copy(self) -> Histogram:
        """One that goes its own way."""
        made = copy.copy(self)
        made._buckets = self._buckets[:]
        return made

    def to_json(self) -> dict[str, Any]:
        """Plain data; only buckets that hold something are named."""
        buckets = {str(place): count for place, count in enumerate(self._buckets) if count}
        return {"total": self.total, "last": self.last, "least": self.least, "most": self.most, "buckets": buckets}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Histogram:
        """What `to_json` gave. Raises ValueError, KeyError or TypeError for anything else."""
        made = Histogram()
        for place, count in data["buckets"].items():
            if not 0 <= int(place) < len(made._buckets) or not 0 < int(count) < 1 << 63:
                raise ValueError(f"{count} in bucket {place}")
            made._buckets[int(place)] = int(count)
            made.count += int(count)
        made.total, made.last = float(data["total"]), float(data["last"])
        made.least, made.most = float(data["least"]), float(data["most"])
        if made.count and not _index(made.least) <= min(int(place) for place in data["buckets"]):
            raise ValueError(f"least {made.least} is above the first bucket")
        return made

    def _percentiles(self, percents: tuple[float, ...]) -> list[float]:
        if not self.count:
            raise ValueError("no times to summarize")
        found, seen, place = [], 0, _index(self.least) - 1
        for percent in percents:  # ascending
            wanted = max(1, math.ceil(self.count * percent / 100 - 1e-9))
            while seen < wanted:
                place += 1
                seen += self._buckets[place]
            # The last one is known exactly.
            found.append(self.most if wanted == self.count else min(self.most, max(self.least, _middle(place))))
        return found


def _index(milliseconds: float) -> int:
    mantissa, exponent = math.frexp(max(1.0, milliseconds * _MICROSECONDS))  # 0.5 <= mantissa < 1
    return min(_PARTS * _POWERS - 1, (exponent - 1) * _PARTS + int((mantissa * 2 - 1) * _PARTS))


def _middle(place: int) -> float:
    """Milliseconds in the middle of a bucket."""
    power, part = divmod(place, _PARTS)
    return math.ldexp(1 + (part + 0.5) / _PARTS, power) / _MICROSECONDS
