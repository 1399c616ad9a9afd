"""Times in buckets."""

from __future__ import annotations

import json

import numpy as np
import pytest

from scipix.inference.histogram import Histogram


def filled(times) -> Histogram:
    histogram = Histogram()
    for time in times:
        histogram.record(float(time))
    return histogram


@pytest.mark.parametrize("percent", [1.0, 50.0, 95.0, 99.0, 99.9, 100.0])
def test_percentiles_are_right_within_two_percent(percent: float) -> None:
    times = np.random.default_rng(7).lognormal(3, 2, 19_999)
    exact = np.percentile(times, percent, method="inverted_cdf")
    assert filled(times).percentile(percent) == pytest.approx(exact, rel=0.02)


def test_spread() -> None:
    spread = filled([30, 10, 20]).spread()
    assert (spread.count, spread.total, spread.last, spread.least, spread.most) == (3, 60, 20, 10, 30)
    assert spread.p50 == pytest.approx(20, rel=0.02)
    assert spread.p999 == 30  # never above what was seen, whatever the bucket


def test_one_time_is_all_percentiles() -> None:
    spread = filled([7.123]).spread()
    assert spread.p50 == spread.p95 == spread.p999 == 7.123


@pytest.mark.parametrize("time", [0.0, 1e-9, 0.001, 1e12])
def test_extremes_are_counted(time: float) -> None:
    histogram = filled([time])
    assert histogram.count == 1
    assert histogram.percentile(50) == pytest.approx(time)


def test_nothing_has_no_percentiles() -> None:
    with pytest.raises(ValueError, match="no times"):
        Histogram().spread()


def test_adding_is_like_recording_both() -> None:
    first, second = filled([1, 2, 3]), filled([100, 50])
    first.add(second)
    assert first.spread() == filled([1, 2, 3, 100, 50]).spread()
    first.add(Histogram())
    assert (first.count, first.last) == (5, 50)


def test_json_and_back() -> None:
    histogram = filled([0.5, 3, 3, 4000])
    data = json.loads(json.dumps(histogram.to_json()))
    assert Histogram.from_json(data).spread() == histogram.spread()
    assert len(data["buckets"]) == 3


@pytest.mark.parametrize("buckets", [{"-1": 1}, {"99999": 1}, {"x": 1}, {"1": 0}, {"1": 1 << 64}])
def test_foreign_buckets_are_refused(buckets: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"bucket|invalid"):
        Histogram.from_json({**filled([1]).to_json(), "buckets": buckets})
