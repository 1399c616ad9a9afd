"""What is known of this computer's providers: which was the fastest when it was measured, and which has failed.

Two files of JSON in the cache folder, each read and written whole; losing them costs a new measurement, or one more
failure that is caught. A key tells what an entry holds for: when any of that changes, nothing is known any more.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from scipix import atomic
from scipix.inference.devices import Machine
from scipix.inference.manifest import Model
from scipix.inference.runtime import load_onnxruntime

_log = logging.getLogger(__name__)

SCHEMA = 1
_KEPT = 64


@dataclass(frozen=True, slots=True)
class Tried:
    """milliseconds: median of a run, 0 when it has a problem."""

    provider: str
    threads: int
    milliseconds: float
    problem: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Where one graph runs. tried: everything that was measured, in order. when: seconds since the epoch."""

    provider: str
    threads: int
    tried: tuple[Tried, ...]
    when: float = 0.0

    @property
    def milliseconds(self) -> float:
        """Of what was chosen; infinite when nothing could be measured."""
        times = [item.milliseconds for item in self.tried if self._chose(item) and not item.problem]
        return times[0] if times else float("inf")

    def words(self) -> str:
        """Why, in one sentence."""
        good = [item for item in self.tried if not item.problem]
        bad = [f"{item.provider}: {item.problem}" for item in self.tried if item.problem]
        times = [f"{item.provider} with {item.threads} threads {item.milliseconds:.1f} ms" for item in good]
        return "; ".join([f"measured: {', '.join(times)}", *bad])

    def _chose(self, item: Tried) -> bool:
        return (item.provider, item.threads) == (self.provider, self.threads)


@dataclass(frozen=True, slots=True)
class Fault:
    """A provider failed while it was used. role: of the graph. when: seconds since the epoch. told: people know."""

    provider: str
    role: str
    reason: str
    when: float
    told: bool = True


class _Entries:
    """A file of named entries. Thread-safe as far as files are: two that write at once lose one of the entries."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def _read(self) -> dict[str, Any]:
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
            entries = data["entries"] if data["schema"] == SCHEMA else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return entries if isinstance(entries, dict) else {}

    def _write(self, entries: Mapping[str, Any]) -> None:
        kept = dict(list(entries.items())[-_KEPT:])
        atomic.write_text(self.path, json.dumps({"schema": SCHEMA, "entries": kept}, indent=1))

    def _put(self, key: str, entry: Mapping[str, Any]) -> None:
        self._write({**{name: kept for name, kept in self._read().items() if name != key}, key: entry})


class Calibrations(_Entries):
    """The file of decisions."""

    def get(self, key: str) -> Decision | None:
        """None when nothing was measured for that key, or the file cannot be understood."""
        entry = self._read().get(key)
        try:
            return None if entry is None else _decision(entry)
        except (KeyError, TypeError, ValueError) as exc:
            _log.info("%s: %s is left out: %r", self.path, key, exc)
            return None

    def put(self, key: str, decision: Decision) -> None:
        """Raises OSError."""
        self._put(key, asdict(decision))


class Faults(_Entries):
    """The file of failures, beside that of the decisions."""

    def __init__(self, calibrations: Path) -> None:
        super().__init__(calibrations.with_name("faults.json"))

    def get(self, key: str) -> Fault | None:
        """None when nothing has failed under that key."""
        entry = self._read().get(key)
        try:
            return None if entry is None else Fault(**entry)
        except TypeError as exc:
            _log.info("%s: %s is left out: %r", self.path, key, exc)
            return None

    def put(self, key: str, fault: Fault) -> None:
        """Raises OSError."""
        self._put(key, asdict(fault))

    def forget(self, keys: Iterable[str]) -> None:
        """Try again what failed under these keys. Raises OSError."""
        known, gone = self._read(), set(keys)
        if not gone.isdisjoint(known):
            self._write({key: entry for key, entry in known.items() if key not in gone})


def key_of(machine: Machine, model: Model, role: str, version: str | None = None) -> str:
    """Of a decision: another one whenever the computer, its drivers, the model's files or onnxruntime change. version:
    onnxruntime's."""
    computer = asdict(replace(machine, memory=0))  # what the system leaves free of it may differ at each start
    return _digest(computer, model.fingerprint, model.precision, role, version or _version())


def fault_key(machine: Machine, model: Model, role: str, provider: str, version: str | None = None) -> str:
    """Of a failure: another one whenever the driver, the provider or the model's files change."""
    own = next((plugin.version for plugin in machine.plugins if plugin.provider == provider), "")
    where = [machine.system, machine.arch, machine.driver, provider, own, version or _version()]
    return _digest(where, model.fingerprint, model.precision, role)


def _version() -> str:
    return str(load_onnxruntime().__version__)


def _digest(*facts: Any) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _decision(entry: Mapping[str, Any]) -> Decision:
    tried = tuple(Tried(**item) for item in entry["tried"])
    threads = int(entry["threads"])
    if not 1 <= threads <= 64:
        raise ValueError(f"{threads} threads")
    return Decision(str(entry["provider"]), threads, tried, float(entry.get("when", 0.0)))
