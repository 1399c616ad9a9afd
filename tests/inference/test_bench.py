"""The bench, on the tiny model."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scipix.datatypes import Image, Kind, Reading, Timings
from scipix.errors import BackendUnavailable
from scipix.inference import bench
from scipix.inference.bench_cache import known_rows
from scipix.inference.bench_load import load_rows
from scipix.inference.bench_model import copies, on_paper, written_page
from scipix.inference.bench_rows import absent_row, gain_row, rates_row
from scipix.inference.content import Contents
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.memory import peak_bytes

PICTURE = Image(np.full((4, 4, 3), 200, dtype=np.uint8))
READING = Reading(Kind.FORMULA, "x", 1.0)


class Known:
    """A pipeline whose times are known."""

    def __init__(self, model: EncoderDecoder | None = None, remembered: dict[bytes, Reading] | None = None) -> None:
        self.model, self.reads, self.batches = model, 0, list[int]()
        self.remembered = remembered

    def recognize(self, image: Image) -> Reading:
        key = Contents().key(image)
        if self.remembered is not None and key in self.remembered:
            return replace(self.remembered[key], cached=True)
        self.reads += 1
        reading = replace(READING, timings=Timings(0, 1, 2, 3, float(self.reads), 0.5))
        if self.remembered is not None:
            self.remembered[key] = reading
        return reading

    def recognize_many(self, items: Iterable[Image]) -> Iterator[Reading]:
        batch = list(items)
        self.batches.append(len(batch))
        return iter([READING] * len(batch))

    def warm_up(self) -> float:
        return 7.0

    def math_model(self) -> EncoderDecoder:
        assert self.model is not None
        return self.model

    def close(self) -> None:
        pass


@pytest.fixture
def options(tiny: EncoderDecoder) -> bench.BenchOptions:
    on_disk: dict[bytes, Reading] = {}
    return bench.BenchOptions(
        lambda: Known(tiny), [PICTURE], lambda image: None, lambda file: Known(tiny, on_disk), repeat=5
    )


def test_rows(options: bench.BenchOptions) -> None:
    report = bench.run(options)
    rows = {row.what: row for row in report.rows}
    load = rows["load of the model, its files in memory"]
    assert (load.count, load.p50) == (5, 7.0)
    assert [rows[stage].p50 for stage in ("preprocess", "encode", "decode", "postprocess", "total")] == [
        1,
        2,
        3,
        0.5,
        3,
    ]
    assert rows["total"].p99 == pytest.approx(4.96)
    assert {f"preprocess {side} x {side} px" for side in (224, 384, 512, 1024)} <= set(rows)
    assert rows["gain of the cache"].unit == "x"
    assert [rows[f"batch of {size}"].count for size in (1, 2, 4, 8, 16, 32)] == [5] * 6
    assert rows["formulas in a batch of 32"].unit == "/s"
    assert rows["memory of this process at most"].p50 > 1
    assert list(report.to_rows()[0]) == ["what", "unit", "count", "p50", "p95", "p99"]


def test_without_pictures_only_the_model_is_measured(options: bench.BenchOptions) -> None:
    rows = {row.what for row in bench.run(replace(options, images=())).rows}
    assert "encode 256 x 64 px" in rows
    assert not {"total", "batch of 1", "warm-up: the first picture after it"} & rows


def test_a_cold_start_is_a_process(options: bench.BenchOptions, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import sys, json\nassert sys.argv[1:3] == ['recognize', '--json'], sys.argv\n"
        "print(json.dumps({'ok': True, 'timings_ms': {'total': 5.0, 'load': 2.0}}))\n",
        encoding="utf-8",
    )
    command = (sys.executable, str(program))
    rows = bench.run(replace(options, sample=Path("a.png"), command=command, cold_starts=2)).rows
    ready, whole = rows[:2]
    assert (ready.count, whole.count) == (2, 2)
    assert whole.p50 - ready.p50 == pytest.approx(3.0)


def test_a_cold_start_that_fails_is_told(options: bench.BenchOptions) -> None:
    command = (sys.executable, "-c", "raise SystemExit(4)")
    with pytest.raises(BackendUnavailable, match="no result"):
        bench.run(replace(options, sample=Path("a.png"), command=command))


def test_loads_from_the_disk_leave_the_files_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(b"weights" * 1000)
    rows = {row.what: row for row in load_rows(Known, [PICTURE], [file, tmp_path / "gone"], 3)}
    cold = next(row for what, row in rows.items() if "on the disk only" in what)
    assert cold.p50 in (7.0, None)  # None: a system that cannot be asked to forget a file
    assert file.read_bytes() == b"weights" * 1000
    # Load and first picture less an ordinary one; the known pipeline loads in 7 ms and reads at once.
    assert rows["first reading with a load, beyond a warm one"].p50 == pytest.approx(7.0, abs=5.0)
    assert load_rows(Known, [], [], 3)[0].count == 0


def test_known_pictures_are_looked_up(tmp_path: Path) -> None:
    files: dict[Path, dict[bytes, Reading]] = {}
    rows = known_rows(lambda file: Known(remembered=files.setdefault(file, {})), PICTURE)
    assert [row.count for row in rows] == [20] * 5 + [8]
    assert "3840 x 2160 px" in rows[3].what
    assert sorted(len(held) for held in files.values()) == [4, 8]


def test_what_is_read_anew_is_not_timed_as_a_look_up() -> None:
    with pytest.raises(ValueError, match="anew"):
        known_rows(lambda file: Known(), PICTURE)


def test_pictures_of_the_bench() -> None:
    page = written_page(224, 384)
    assert page.pixels.shape == (224, 384, 3)
    assert 0 < (page.pixels < 128).mean() < 0.5
    framed = on_paper(PICTURE, 20, 30)
    assert (framed.height, framed.width) == (20, 30)
    assert (framed.pixels[8:12, 13:17] == 200).all()
    assert on_paper(PICTURE, 3, 3) is PICTURE
    again = next(copies(PICTURE, 1))
    assert again.pixels is not PICTURE.pixels
    assert Contents().key(again) == Contents().key(PICTURE)


def test_of_rates_the_low_ones_are_the_bad_ones() -> None:
    row = rates_row("formulas", "/s", list(range(101)))
    assert (row.p50, row.p95, row.p99) == (50, 5, 1)
    assert gain_row("gain", [1.0, 2.0, 4.0], [3.0, 8.0, 8.0]).p50 == 3.0
    assert absent_row("nothing").p50 is None


def test_peak_memory_grows() -> None:
    before = peak_bytes()
    block = np.ones(40_000_000, dtype=np.uint8)
    assert block.sum() > 0
    assert peak_bytes() >= before > 1_000_000
