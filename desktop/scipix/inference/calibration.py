"""Measures where each graph of a model runs fastest on this computer, and remembers it.

Every provider that may fit, and some numbers of threads on the CPU, are tried in processes of their own. An answer
counts when it agrees with the CPU's: each output within a share (see TOLERANCES) of the largest value of that output,
and the likeliest token the same wherever the CPU was surer than that. The fastest that counts is kept in one file, by
computer, model and version of onnxruntime; what failed is kept with its reason, and not tried again until one of the
three changes or `scipix bench --calibrate` asks for it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from scipix import atomic
from scipix.errors import SettingsError
from scipix.inference.agreement import TOLERANCES, difference
from scipix.inference.devices import Machine, this_machine
from scipix.inference.manifest import Model
from scipix.inference.providers import CPU, DECODER, ENCODER, Choice, candidates_for, choose, places
from scipix.inference.runtime import load_onnxruntime
from scipix.inference.store import Store, Verified
from scipix.inference.trial import Outcome, Trial, run_apart

_log = logging.getLogger(__name__)

SCHEMA = 1
_GAIN = 0.9  # more threads, or another provider, must take less than this share of the time
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
    """Where one graph runs. tried: everything that was measured, in order."""

    provider: str
    threads: int
    tried: tuple[Tried, ...]

    def words(self) -> str:
        """Why, in one sentence."""
        good = [item for item in self.tried if not item.problem]
        bad = [f"{item.provider}: {item.problem}" for item in self.tried if item.problem]
        times = [f"{item.provider} with {item.threads} threads {item.milliseconds:.1f} ms" for item in good]
        return "; ".join([f"measured: {', '.join(times)}", *bad])


class Calibrations:
    """The file of decisions. Thread-safe as far as files are: it is read and written whole."""

    def __init__(self, path: Path) -> None:
        self.path = path

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
        entries = {name: entry for name, entry in self._read().items() if name != key}
        entries[key] = asdict(decision)
        kept = dict(list(entries.items())[-_KEPT:])
        atomic.write_text(self.path, json.dumps({"schema": SCHEMA, "entries": kept}, indent=1))

    def _read(self) -> dict[str, Any]:
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
            entries = data["entries"] if data["schema"] == SCHEMA else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return entries if isinstance(entries, dict) else {}


def key_of(machine: Machine, model: Model, role: str, version: str | None = None) -> str:
    """Another one whenever the computer, the model's files or onnxruntime change. version: onnxruntime's."""
    version = version or str(load_onnxruntime().__version__)
    computer = asdict(replace(machine, memory=0))  # what the system leaves free of it may differ at each start
    facts = json.dumps([computer, model.fingerprint, model.precision, role, version])
    return hashlib.sha256(facts.encode()).hexdigest()


def calibrate(verified: Verified, machine: Machine, run: Callable[[Trial], Outcome]) -> dict[str, Decision]:
    """Measure both graphs of a model, which takes seconds. Roles -> decisions."""
    made = {}
    for role in (ENCODER, DECODER):
        with tempfile.TemporaryDirectory(prefix="scipix-calibrate-") as folder:
            tried: list[Tried] = []
            reference = Path(folder) / "0.npz"
            for number, (provider, threads) in enumerate(places(machine, role)):
                out = Path(folder) / f"{number}.npz"
                outcome = run(Trial(str(verified.path(role)), role, provider, threads, str(out)))
                problem = outcome.problem or difference(reference, out, TOLERANCES[verified.model.precision])
                tried.append(Tried(provider, threads, 0.0 if problem else outcome.milliseconds, problem))
            made[role] = decide(tried)
    return made


def calibrate_all(models: Path, file: Path, command: Sequence[str]) -> list[dict[str, Any]]:
    """Measure every model of the manifest that is there, and keep the decisions; one row for each trial.

    command: how to start scipix. Raises ModelMissing, ModelCorrupt, BackendUnavailable, or SettingsError when the file
    cannot be written.
    """
    store, machine, rows = Store(models), this_machine(), []
    for model in store.manifest().models:
        verified = store.verify(model)
        decisions = calibrate(verified, machine, lambda trial: run_apart(trial, [*command, "bench", "--trial"]))
        for role, decision in decisions.items():
            try:
                Calibrations(file).put(key_of(machine, model, role), decision)
            except OSError as exc:
                raise SettingsError(f"cannot write {file}: {exc}") from exc
            rows += [_row(model.id, role, decision, item) for item in decision.tried]
    return rows


def _row(model: str, role: str, decision: Decision, item: Tried) -> dict[str, Any]:
    chosen = (item.provider, item.threads) == (decision.provider, decision.threads)
    figures = {"threads": item.threads, "ms": None if item.problem else round(item.milliseconds, 3)}
    where = {"model": model, "graph": role, "provider": item.provider}
    return {**where, **figures, "chosen": "yes" if chosen else "", "problem": item.problem}


def decide(tried: list[Tried]) -> Decision:
    """The fastest that is right; a later one only when it gains enough. The CPU when nothing is."""
    best = Tried(CPU, 1, 0.0, "")
    good = [item for item in tried if not item.problem]
    for item in good:
        if item is good[0] or item.milliseconds < _GAIN * best.milliseconds:
            best = item
    return Decision(best.provider, best.threads, tuple(tried))


def picker(file: Path | None, machine: Machine, model: Model, wanted: str) -> Callable[[str], Choice]:
    """role -> where that graph runs: as measured, or by the rules of `choose` when nothing was measured, the user asks
    for a provider, or file is None."""

    def pick(role: str) -> Choice:
        by_rule = choose(machine, role, model.precision, wanted)
        decision = None
        if wanted == "auto" and file is not None and file.is_file():
            decision = Calibrations(file).get(key_of(machine, model, role))
        if decision is None:
            return by_rule
        return Choice(candidates_for(machine, decision.provider), decision.threads, decision.words())

    return pick


def _decision(entry: Mapping[str, Any]) -> Decision:
    tried = tuple(Tried(**item) for item in entry["tried"])
    threads = int(entry["threads"])
    if not 1 <= threads <= 64:
        raise ValueError(f"{threads} threads")
    return Decision(str(entry["provider"]), threads, tried)
