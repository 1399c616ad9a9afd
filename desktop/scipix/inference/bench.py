"""Measures what a recognition costs, part by part, on this computer. `scipix bench` prints it.

The pipeline is handed in, because inference may not import it: `run(BenchOptions(lambda: Pipeline(...), images))`. The
parts of the bench are in the modules bench_*.py, the comparison with transformers in peer.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from scipix.datatypes import Image, Reading
from scipix.errors import BackendUnavailable
from scipix.inference.bench_cache import known_rows, recording_row
from scipix.inference.bench_load import load_rows
from scipix.inference.bench_model import batch_rows, decode_rows, encode_rows, prepare_rows, stage_rows
from scipix.inference.bench_rows import BenchRow, single_row, times_row
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.memory import peak_bytes, resident_bytes
from scipix.inference.peer import peer_rows

_COLD_TIMEOUT = 300  # seconds


class Benchable(Protocol):
    """What is needed of `scipix.pipeline.Pipeline`."""

    def recognize(self, image: Image) -> Reading: ...

    def recognize_many(self, items: Iterable[Image]) -> Iterator[object]: ...

    def warm_up(self) -> float: ...

    def math_model(self) -> EncoderDecoder: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """open: makes a fresh pipeline that remembers no results (cache_size=0). images: pictures to read. repeat: how often
    each. prepare: makes of a picture what the network gets. open_remembering: makes a pipeline that remembers, with its
    file of results. files: what a load reads, to put it out of the system's memory first. sample: a picture's file, for
    cold starts, None to leave them out. command: how to start scipix; own_command() by default. peer: compare with
    transformers, too."""

    open: Callable[[], Benchable]
    images: Sequence[Image]
    prepare: Callable[[Image], object]
    open_remembering: Callable[[Path], Benchable]
    repeat: int = 3
    files: Callable[[], Sequence[Path]] = tuple
    sample: Path | None = None
    command: tuple[str, ...] = ()
    cold_starts: int = 3
    peer: bool = False


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
    """Measure; takes seconds (with a peer, minutes). Raises what the pipeline raises, or BackendUnavailable when a cold
    start fails."""
    rows = []
    if options.sample is not None:
        rows += _cold_starts(options, options.sample)
    rows.append(_memory("without a model", resident_bytes()))
    rows += load_rows(options.open, options.images, options.files(), max(3, options.repeat))
    rows += prepare_rows(options.prepare, options.repeat)
    reader = options.open()
    try:
        reader.warm_up()
        rows.append(_memory("with the model", resident_bytes()))
        rows += stage_rows(reader.recognize, options.images, options.repeat)
        model = reader.math_model()
        rows += encode_rows(model, options.repeat)
        rows += decode_rows(model, max(3, options.repeat))
        if options.images:
            rows += batch_rows(lambda batch: list(reader.recognize_many(batch)), options.images, options.repeat)
        rows.append(_memory("after reading", resident_bytes()))
        rows.append(_memory("at most", peak_bytes()))  # before the large pictures, which no user has twenty of
        name, provider = model.id, model.provider
    finally:
        reader.close()
    rows += known_rows(options.open_remembering, options.images[0]) if options.images else []
    rows.append(recording_row())
    rows += peer_rows(options.repeat) if options.peer else []
    return BenchReport(tuple(rows), name, provider)


def own_command() -> tuple[str, ...]:
    """How to start this program again, frozen or not."""
    return (sys.executable,) if getattr(sys, "frozen", False) else (sys.executable, "-m", "scipix")


def _memory(when: str, number: int) -> BenchRow:
    """number: bytes."""
    return single_row(f"memory of this process {when}", "MB", number / 1e6)


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
    return [
        times_row("cold start until ready (process)", ready),
        times_row("cold start, one picture (process)", whole),
    ]
