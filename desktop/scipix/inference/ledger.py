"""Keeps the latency of each session in a file of its own, for `scipix stats`.

One JSON file for each process that read something, in the cache folder. It is written whole, at most every few seconds
and at the end; what is older than the latest sessions is removed. Losing it costs nothing but the figures.
"""

from __future__ import annotations

import json
import logging
import os
import re
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scipix import atomic
from scipix.inference.gpu_memory import GpuMemory
from scipix.inference.histogram import Histogram
from scipix.inference.latency import COUNTS, Latency, in_order
from scipix.inference.memory import peak_bytes, resident_bytes

_log = logging.getLogger(__name__)

SCHEMA = 1
EVERY_S = 5.0
_KEPT = 40  # sessions
_NAME = re.compile(r"session-\d+-\d+\.json")


@dataclass(frozen=True, slots=True)
class Session:
    """What one process did. program: app, recognize, ... started, written: seconds since the epoch. cpu_s: processor
    seconds of the whole process. memory, memory_peak: bytes. notes: sentences on what went wrong and was mended. gpu_memory:
    bytes on NVIDIA cards, 0 where there are none or nobody tells. busy_s: seconds in which pictures were read."""

    program: str
    started: float
    written: float
    cpu_s: float
    memory: int
    memory_peak: int
    counts: Mapping[str, int] = field(default_factory=dict)
    stages: Mapping[str, Histogram] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    gpu_memory: int = 0
    busy_s: float = 0.0

    @property
    def tokens_per_second(self) -> float:
        """Of decoding, 0 when nothing was decoded."""
        decode = self.stages.get("decode")
        return 1000 * self.counts.get("tokens", 0) / decode.total if decode and decode.total else 0.0

    @property
    def readings_per_second(self) -> float:
        """While something was read: the time between readings does not count. 0 when nothing was read."""
        total = self.stages.get("total")
        # Sessions of older versions: one picture after another.
        seconds = self.busy_s or (total.total / 1000 if total else 0.0)
        return self.counts.get("readings", 0) / seconds if seconds else 0.0


class Ledger:
    """The latency of this session, and its file. folder None: kept in memory only. Thread-safe."""

    def __init__(
        self,
        folder: Path | None = None,
        program: str = "app",
        latency: Latency | None = None,
        gpu: GpuMemory | None = None,
    ) -> None:
        self.latency, self.gpu = latency or Latency(), gpu or GpuMemory()
        self._program, self._folder = program, folder
        self._started = time.time()
        self.began = (time.monotonic(), time.process_time())  # seconds; the second, of the processor
        self._written, self._version = 0.0, 0
        self._notes: list[str] = []
        self._said = 0
        self._lock = threading.Lock()

    @property
    def due(self) -> bool:
        """Whether there is something new, and the last writing was long enough ago."""
        new = self._folder is not None and self.latency.version != self._version
        return new and time.monotonic() - self._written >= EVERY_S

    def note(self, sentence: str) -> None:
        """Keep that something went wrong and was mended, such as a provider that failed."""
        with self._lock:
            self._notes.append(sentence)
        self.latency.count("fallbacks")

    def unsaid(self) -> tuple[str, ...]:
        """The notes that this has not given before, to tell people."""
        with self._lock:
            fresh = tuple(self._notes[self._said :])
            self._said = len(self._notes)
        return fresh

    def write(self) -> None:
        """Write what is new, if anything is. A disk that is full costs the figures and nothing else."""
        with self._lock:
            version = self.latency.version
            if self._folder is None or version == self._version:
                return
            self._version, self._written = version, time.monotonic()
            path = self._folder / f"session-{int(self._started * 1000):013}-{os.getpid()}.json"
            try:
                atomic.write_text(path, json.dumps(to_json(self.session())))
                _prune(self._folder)
            except OSError as exc:
                _log.info("the latency of this session is not kept: %s", exc)

    def session(self) -> Session:
        """As it stands now."""
        latency = self.latency
        memory = resident_bytes()
        # Linux counts the peak with some delay.
        figures = (time.time(), time.process_time(), memory, max(memory, peak_bytes()))
        parts = (latency.counts(), latency.histograms(), tuple(self._notes))
        return Session(self._program, self._started, *figures, *parts, self.gpu.own_bytes(), latency.busy_s)


def sessions(folder: Path) -> list[Session]:
    """Those that are kept, oldest first; files that cannot be understood are left out."""
    found = []
    for path in _files(folder):
        try:
            found.append(from_json(json.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as exc:
            _log.info("%s is left out: %r", path, exc)
    return sorted(found, key=lambda session: session.started)


def together(several: Sequence[Session]) -> Session:
    """One session that did it all; `memory` and `gpu_memory` are those of the last one. Raises ValueError when there are none."""
    if not several:
        raise ValueError("no sessions")
    stages: dict[str, Histogram] = {}
    for session in several:
        for stage, histogram in session.stages.items():
            stages.setdefault(stage, Histogram()).add(histogram)
    names = dict.fromkeys([*COUNTS, *(name for session in several for name in session.counts)])
    return Session(
        ", ".join(dict.fromkeys(session.program for session in several)),
        min(session.started for session in several),
        max(session.written for session in several),
        sum(session.cpu_s for session in several),
        several[-1].memory,
        max(session.memory_peak for session in several),
        {name: sum(session.counts.get(name, 0) for session in several) for name in names},
        {stage: stages[stage] for stage in in_order(stages)},
        tuple(note for session in several for note in session.notes),
        several[-1].gpu_memory,
        sum(session.busy_s for session in several),
    )


def to_json(session: Session) -> dict[str, Any]:
    """Plain data."""
    names = ("program", "started", "written", "cpu_s", "memory", "memory_peak", "gpu_memory", "busy_s")
    facts = {name: getattr(session, name) for name in names}
    stages = {stage: histogram.to_json() for stage, histogram in session.stages.items()}
    return {"schema": SCHEMA, **facts, "counts": dict(session.counts), "stages": stages, "notes": list(session.notes)}


def from_json(data: Mapping[str, Any]) -> Session:
    """What `to_json` gave. Raises ValueError, KeyError, TypeError, AttributeError or OverflowError for anything else."""
    if data["schema"] != SCHEMA:
        raise ValueError(f"schema {data['schema']!r}")
    return Session(
        str(data["program"]),
        float(data["started"]),
        float(data["written"]),
        float(data["cpu_s"]),
        int(data["memory"]),
        int(data["memory_peak"]),
        {str(name): int(number) for name, number in data["counts"].items()},
        {str(stage): Histogram.from_json(part) for stage, part in data["stages"].items()},
        tuple(str(note) for note in data.get("notes", ())),
        int(data.get("gpu_memory", 0)),
        float(data.get("busy_s", 0.0)),
    )


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))
    except OSError as exc:  # there is none yet, or it may not be read
        _log.info("no sessions in %s: %s", folder, exc)
        return []


def _prune(folder: Path) -> None:
    for path in _files(folder)[:-_KEPT]:
        path.unlink(missing_ok=True)
