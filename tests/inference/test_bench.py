"""The bench, on the tiny model."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from scipix.datatypes import Image, Kind, Reading, Timings
from scipix.errors import BackendUnavailable
from scipix.inference import bench
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.memory import peak_bytes

PICTURE = Image(np.zeros((4, 4, 3), dtype=np.uint8))


class Known:
    """A pipeline whose times are known."""

    def __init__(self, model: EncoderDecoder) -> None:
        self.model, self.reads = model, 0

    def recognize(self, image: Image) -> Reading:
        self.reads += 1
        return Reading(Kind.FORMULA, "x", 1.0, timings=Timings(0, 1, 2, 3, float(self.reads)))

    def warm_up(self) -> float:
        return 7.0

    def math_model(self) -> EncoderDecoder:
        return self.model

    def close(self) -> None:
        pass


def options(tiny: EncoderDecoder, **changes) -> bench.BenchOptions:
    return bench.BenchOptions(lambda: Known(tiny), [PICTURE], repeat=5, **changes)


def test_rows(tiny: EncoderDecoder) -> None:
    report = bench.run(options(tiny))
    rows = {row.what: row for row in report.rows}
    assert (rows["load of the model"].count, rows["load of the model"].p50) == (3, 7.0)
    assert [rows[stage].p50 for stage in ("preprocess", "encode", "decode", "total")] == [1, 2, 3, 3]
    assert rows["total"].p99 == pytest.approx(4.96)
    assert rows["gain of the cache"].unit == "x"
    assert rows["memory peak of this process"].p50 > 1
    assert list(report.to_rows()[0]) == ["what", "unit", "count", "p50", "p95", "p99"]


def test_a_cold_start_is_a_process(tiny: EncoderDecoder, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import sys, json\nassert sys.argv[1:3] == ['recognize', '--json'], sys.argv\n"
        "print(json.dumps({'ok': True, 'timings_ms': {'total': 5.0, 'load': 2.0}}))\n",
        encoding="utf-8",
    )
    command = (sys.executable, str(program))
    rows = bench.run(options(tiny, sample=Path("a.png"), command=command, cold_starts=2)).rows
    ready, whole = rows[:2]
    assert (ready.count, whole.count) == (2, 2)
    assert whole.p50 - ready.p50 == pytest.approx(3.0)


def test_a_cold_start_that_fails_is_told(tiny: EncoderDecoder) -> None:
    command = (sys.executable, "-c", "raise SystemExit(4)")
    with pytest.raises(BackendUnavailable, match="no result"):
        bench.run(options(tiny, sample=Path("a.png"), command=command))


def test_peak_memory_grows() -> None:
    before = peak_bytes()
    block = np.ones(40_000_000, dtype=np.uint8)
    assert block.sum() > 0
    assert peak_bytes() >= before > 1_000_000
