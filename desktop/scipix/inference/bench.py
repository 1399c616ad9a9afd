"""Measures what a recognition costs, part by part, on this computer. `scipix bench` prints it.

The pipeline is handed in, because inference may not import it: `run(BenchOptions(lambda: Pipeline(...), images))`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from scipix.datatypes import Image, Reading
from scipix.errors import BackendUnavailable
from scipix.inference.decoding import Memory, empty_past
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.latency import StageTimes, summarize
from scipix.inference.memory import peak_bytes

_STAGES = ("preprocess", "encode", "decode", "total")
_SIZES = ((64, 256), (96, 512), (128, 768), (256, 1024))  # (height, width) of the network's input, px
_COLD_TIMEOUT = 300  # seconds


class Benchable(Protocol):
    """What is needed of `scipix.pipeline.Pipeline`; it must not remember results (cache_size=0)."""

    def recognize(self, image: Image) -> Reading: ...

    def warm_up(self) -> float: ...

    def math_model(self) -> EncoderDecoder: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """open: makes a fresh pipeline. images: pictures to read. repeat: how often each. sample: a picture's file, for
    cold starts, None to leave them out. command: how to start scipix; own_command() by default."""

    open: Callable[[], Benchable]
    images: Sequence[Image]
    repeat: int = 3
    sample: Path | None = None
    command: tuple[str, ...] = ()
    cold_starts: int = 3


@dataclass(frozen=True, slots=True)
class BenchRow:
    """One line: what was measured, in which unit (ms, MB, x), how often, and percentiles."""

    what: str
    unit: str
    count: int
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class BenchReport:
    """All lines, in order; model and provider that were measured."""

    rows: tuple[BenchRow, ...]
    model: str
    provider: str

    def to_rows(self) -> list[dict[str, Any]]:
        """For JSON and for tables."""
        return [asdict(row) for row in self.rows]


def run(options: BenchOptions) -> BenchReport:
    """Measure; takes seconds. Raises what the pipeline raises, or BackendUnavailable when a cold start fails."""
    rows = []
    if options.sample is not None:
        rows += _cold_starts(options, options.sample)
    loads, firsts = [], []
    for _ in range(options.cold_starts):
        reader = options.open()
        loads.append(reader.warm_up())
        if options.images:
            firsts.append(_timed(lambda reader=reader: reader.recognize(options.images[0])))
        reader.close()
    rows.append(_row("load of the model", loads))
    rows += [_row("first picture after it", firsts)] if firsts else []
    reader = options.open()
    try:
        reader.warm_up()
        rows += _stages(reader, options)
        model = reader.math_model()
        rows += _encodes(model, options.repeat)
        rows += _cache_rows(model)
        rows.append(BenchRow("memory peak of this process", "MB", 1, *[peak_bytes() / 1e6] * 3))
        return BenchReport(tuple(rows), model.id, model.provider)
    finally:
        reader.close()


def own_command() -> tuple[str, ...]:
    """How to start this program again, frozen or not."""
    return (sys.executable,) if getattr(sys, "frozen", False) else (sys.executable, "-m", "scipix")


def _cold_starts(options: BenchOptions, sample: Path) -> list[BenchRow]:
    """A process for one picture: from its start to its end, and to the moment when the model was ready."""
    command = [*(options.command or own_command()), "recognize", "--json", str(sample)]
    whole, ready = [], []
    for _ in range(options.cold_starts):
        start = time.perf_counter()
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_COLD_TIMEOUT, check=False)
            wall = (time.perf_counter() - start) * 1000
            answer = json.loads(done.stdout.splitlines()[0])
            times = answer["timings_ms"]
        except (OSError, subprocess.TimeoutExpired, ValueError, IndexError, KeyError) as exc:
            raise BackendUnavailable(f"{' '.join(command)} gave no result: {exc!r}") from exc
        whole.append(wall)
        ready.append(wall - times["total"] + times["load"])
    return [_row("cold start until ready (process)", ready), _row("cold start, one picture (process)", whole)]


def _stages(reader: Benchable, options: BenchOptions) -> list[BenchRow]:
    times: dict[str, list[float]] = {stage: [] for stage in _STAGES}
    for _ in range(options.repeat):
        for image in options.images:
            timings = reader.recognize(image).timings
            for stage in _STAGES:
                times[stage].append(getattr(timings, stage))
    return [_row(stage, values) for stage, values in times.items() if values]


def _encodes(model: EncoderDecoder, repeat: int) -> list[BenchRow]:
    rows = []
    for height, width in _SIZES:
        ink = synthetic_ink(height, width)
        model.encode(ink)
        rows.append(
            _row(f"encode {width} x {height} px", [_timed(lambda ink=ink: model.encode(ink)) for _ in range(repeat)])
        )
    return rows


def _cache_rows(model: EncoderDecoder, count: int = 48) -> list[BenchRow]:
    """The same graph and the same tokens, one at a time: keys and values kept, or the whole prefix fed each time."""
    memory = model.encode(synthetic_ink(96, 512))
    tokens = [1, *(3 + i % (len(model.decoder.facts.tokens) - 3) for i in range(count - 1))]
    tokens = tokens[: model.decoder.facts.max_tokens]
    model.decoder.logits(memory, tokens)
    kept = [_timed(lambda: _step_by_step(model, memory, tokens)) for _ in range(3)]
    fed = [
        _timed(lambda: [model.decoder.logits(memory, tokens[: i + 1]) for i in range(len(tokens))]) for _ in range(3)
    ]
    ratio = float(np.median(fed) / np.median(kept))
    return [
        _row(f"{len(tokens)} tokens, cache of keys and values", kept),
        _row(f"{len(tokens)} tokens, prefix fed again", fed),
        BenchRow("gain of the cache", "x", 1, ratio, ratio, ratio),
    ]


def _step_by_step(model: EncoderDecoder, memory: Memory, tokens: Sequence[int]) -> None:
    past = empty_past(memory, model.decoder.facts.layers)
    for token in tokens:
        _, past = model.decoder.feed(np.array([[token]], dtype=np.int64), past, memory.cross)


def synthetic_ink(height: int, width: int) -> np.ndarray:
    """Strokes on a grid, as dense as print: float32 (height, width), 0 paper .. 1 ink."""
    y, x = np.mgrid[:height, :width]
    return (((x % 12 < 2) & (y % 20 < 14)) | ((y % 20 < 2) & (x % 24 < 8))).astype(np.float32)


def _timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def _row(what: str, times: Sequence[float]) -> BenchRow:
    stats: StageTimes = summarize(times)
    return BenchRow(what, "ms", stats.count, stats.p50, stats.p95, stats.p99)
