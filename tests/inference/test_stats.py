"""Figures as rows, CSV, and Prometheus text."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest

from scipix.inference.ledger import Ledger, Session
from scipix.inference.stats import facts, rows, to_csv, to_prometheus

_LINE = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+')


@pytest.fixture
def session() -> Session:
    ledger = Ledger()
    for time in (10.0, 20.0, 30.0):
        ledger.latency.record("encode", time)
    ledger.latency.record("queue", 0.25)
    ledger.latency.count("cache_hits", 4)
    return ledger.session()


def test_rows(session: Session) -> None:
    queue, encode = rows(session)
    assert (queue["stage"], queue["count"], queue["p99.9"]) == ("queue", 1, 0.25)
    assert (encode["count"], encode["last"], encode["mean"], encode["max"]) == (3, 30.0, 20.0, 30.0)
    assert encode["p50"] == pytest.approx(20, rel=0.02)


def test_facts(session: Session) -> None:
    told = facts(session)
    assert (told["program"], told["cache_hits"], told["tokens_per_second"]) == ("app", 4, 0)
    assert told["memory_peak_mb"] >= told["memory_mb"] > 1


def test_graphics_memory_is_told_where_there_is_some(session: Session) -> None:
    assert "gpu_memory" not in to_prometheus(session)
    held = replace(session, gpu_memory=1_250_000_000)
    assert "scipix_gpu_memory_bytes 1250000000" in to_prometheus(held).splitlines()
    assert facts(held)["gpu_memory_mb"] == 1250.0


def test_csv(session: Session) -> None:
    read = list(csv.DictReader(io.StringIO(to_csv(session))))
    assert [row["stage"] for row in read] == ["queue", "encode"]
    assert float(read[1]["mean"]) == 20.0


def test_prometheus(session: Session) -> None:
    lines = to_prometheus(session).splitlines()
    samples = [line for line in lines if not line.startswith("#")]
    assert all(_LINE.fullmatch(line) for line in samples), samples
    assert 'scipix_stage_seconds_sum{stage="encode"} 0.06' in samples
    assert 'scipix_stage_seconds_count{stage="encode"} 3' in samples
    assert 'scipix_stage_seconds{stage="queue",quantile="0.999"} 0.00025' in samples
    assert "scipix_cache_hits_total 4" in samples
    for line in samples:  # each metric is declared before its samples
        name = re.sub(r"_(sum|count)$", "", re.split(r"[ {]", line)[0])
        assert any(declared.startswith(f"# TYPE {name} ") for declared in lines[: lines.index(line)]), name
