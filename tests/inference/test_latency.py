"""Rings of timings."""

from __future__ import annotations

import threading

import pytest

from scipix.inference.latency import Latency, summarize


def test_percentiles_of_known_times() -> None:
    times = summarize(range(1, 102))
    assert (times.count, times.last, times.p50, times.p95, times.p99) == (101, 101, 51, 96, 100)


def test_nothing_has_no_percentiles() -> None:
    with pytest.raises(ValueError, match="no times"):
        summarize([])


def test_only_the_latest_count() -> None:
    latency = Latency(size=3)
    for value in (100.0, 1.0, 2.0, 3.0):
        latency.record("encode", value)
    assert latency.summary()["encode"].p50 == 2.0
    assert latency.summary()["encode"].count == 3


def test_a_run_that_fails_is_not_counted() -> None:
    latency = Latency()
    with pytest.raises(KeyError), latency.measure("decode"):
        raise KeyError
    assert latency.summary() == {}
    with latency.measure("decode"):
        pass
    assert latency.summary()["decode"].count == 1


def test_threads_lose_nothing() -> None:
    latency = Latency(size=10_000)
    threads = [
        threading.Thread(target=lambda: [latency.record(f"s{i % 3}", 1.0) for i in range(900)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [stage.count for stage in latency.summary().values()] == [1200, 1200, 1200]


def test_the_histograms_keep_what_the_rings_forget() -> None:
    latency = Latency(size=2)
    for value in range(1, 101):
        latency.record("total", float(value))
        latency.record("encode", float(value))
    assert latency.recent("total", 10) == [99.0, 100.0]
    assert latency.recent("load", 10) == []
    histograms = latency.histograms()
    assert list(histograms) == ["encode", "total"]  # in the order of a picture's way
    assert histograms["total"].count == 100
    assert histograms["total"].percentile(50) == pytest.approx(50, rel=0.02)
    histograms["total"].record(1.0)
    assert latency.histograms()["total"].count == 100  # it was a copy


def test_counts_and_version() -> None:
    latency = Latency()
    assert latency.version == 0
    assert set(latency.counts().values()) == {0}
    latency.count("tokens", 40)
    latency.count("tokens", 2)
    assert latency.counts()["tokens"] == 42
    before = latency.version
    latency.record("queue", 0.5)
    assert latency.version > before


def test_time_that_readings_share_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    latency, now = Latency(), [100.0]
    monkeypatch.setattr("scipix.inference.latency.time.perf_counter", lambda: now[0])

    def later(seconds: float) -> None:
        now[0] += seconds

    with latency.reading():
        later(2.0)
        with latency.reading():
            later(3.0)
        assert latency.busy_s == 5.0
        later(1.0)
    later(50.0)
    with pytest.raises(TypeError), latency.reading():
        later("4")  # type: ignore[arg-type]
    later(4.0)
    assert latency.busy_s == 6.0
