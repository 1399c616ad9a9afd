"""Measures where each graph of a model runs fastest on this computer, and remembers it.

Every provider that may fit, and some numbers of threads on the CPU, are tried in processes of their own. An answer
counts when it agrees with the CPU's (see agreement.py). The fastest that counts is kept in one file, by computer, model
and version of onnxruntime; what failed is kept with its reason, and not tried again until one of the three changes or
`scipix bench --calibrate` asks for it. The app measures by itself when it is idle and something is due.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipix.errors import SettingsError
from scipix.inference.agreement import TOLERANCES, difference
from scipix.inference.cancel import Cancel
from scipix.inference.devices import Machine
from scipix.inference.manifest import Model
from scipix.inference.placement import COMPILED, Placement, compiled_folder
from scipix.inference.providers import CPU, DECODER, ENCODER, LABELS, places
from scipix.inference.store import Store, Verified
from scipix.inference.trial import Outcome, Trial, run_apart
from scipix.inference.variants import is_there
from scipix.inference.verdicts import Calibrations, Decision, Faults, Tried, fault_key, key_of

_GAIN = 0.9  # more threads, or another provider, must take less than this share of the time
_ROLES = (ENCODER, DECODER)


@dataclass(frozen=True, slots=True)
class Measured:
    """One graph, and what was decided for it."""

    model: Model
    role: str
    decision: Decision

    def rows(self) -> list[dict[str, Any]]:
        """One for each trial, for `scipix bench --calibrate`."""
        return [self._row(item) for item in self.decision.tried]

    def problems(self) -> list[str]:
        """A sentence for each provider that cannot be used."""
        bad = [item for item in self.decision.tried if item.problem]
        return [f"{LABELS.get(item.provider, item.provider)} is not used here: {item.problem}." for item in bad]

    def _row(self, item: Tried) -> dict[str, Any]:
        chosen = (item.provider, item.threads) == (self.decision.provider, self.decision.threads)
        figures = {"threads": item.threads, "ms": None if item.problem else round(item.milliseconds, 3)}
        what = {"model": self.model.id, "precision": self.model.precision, "graph": self.role}
        where = {"provider": item.provider, **figures}
        return {**what, **where, "chosen": "yes" if chosen else "", "problem": item.problem}


@dataclass(frozen=True, slots=True)
class Calibrator:
    """Measures the models of a folder. file: of the decisions. command: how to start scipix."""

    models: Path
    file: Path
    command: tuple[str, ...]
    machine: Machine

    def due(self) -> list[tuple[Model, str]]:
        """(model, role) of graphs of which nothing is known on this computer, in this precision, with these files.

        Raises ModelMissing or ModelCorrupt.
        """
        known = Calibrations(self.file)
        return [item for item in self._graphs() if known.get(key_of(self.machine, *item)) is None]

    def run(self, graphs: Sequence[tuple[Model, str]], cancel: Cancel | None = None) -> Iterator[Measured]:
        """Measure graphs one by one; each decision is kept at once, so that whoever is stopped goes on from there.

        Raises Cancelled, as soon as the trial's process is dead, ModelMissing, ModelCorrupt, BackendUnavailable, or
        SettingsError when the file cannot be written.
        """
        store, command = Store(self.models), [*self.command, "bench", "--trial"]
        for model, role in graphs:
            verified = store.verify(model)
            decision = measure(verified, role, self.machine, lambda trial: run_apart(trial, command, cancel), self.file)
            try:
                Calibrations(self.file).put(key_of(self.machine, model, role), decision)
            except OSError as exc:
                raise SettingsError(f"cannot write {self.file}: {exc}") from exc
            yield Measured(model, role, decision)
        self._forget_compiled()

    def _forget_compiled(self) -> None:
        """Delete what was compiled of other models, and for other versions of drivers and providers."""
        kept = {
            compiled_folder(self.file, self.machine, model, role, provider)
            for model, role in self._graphs()
            for provider, _ in places(self.machine, role)
        }
        for folder in self.file.with_name(COMPILED).glob("*"):
            if str(folder) not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    def _graphs(self) -> list[tuple[Model, str]]:
        """(model, role) of all that can be measured. Raises ModelMissing or ModelCorrupt."""
        models = [model for entry in Store(self.models).manifest().models for model in _models(entry, self.models)]
        return [(model, role) for model in models for role in _ROLES if role in {file.role for file in model.files}]

    def run_all(self) -> list[dict[str, Any]]:
        """Measure everything again, what has failed before included; one row for each trial. Raises as `run`."""
        graphs = self._graphs()
        for model, role in graphs:
            keys = [fault_key(self.machine, model, role, provider) for provider, _ in places(self.machine, role)]
            try:
                Faults(self.file).forget(keys)
            except OSError as exc:
                raise SettingsError(f"cannot write {self.file}: {exc}") from exc
        return [row for measured in self.run(graphs) for row in measured.rows()]


def _models(entry: Model, folder: Path) -> list[Model]:
    """The model, and those of its variants that are installed."""
    itself, *others = entry.each()
    return [itself, *(variant for variant in others if is_there(variant, folder))]


def measure(
    verified: Verified, role: str, machine: Machine, run: Callable[[Trial], Outcome], file: Path | None = None
) -> Decision:
    """Measure one graph wherever it may run. file: of the decisions; what failed before, and is noted beside it, is not
    tried."""
    model, path = verified.model, str(verified.path(role))
    tolerance, placement = TOLERANCES[model.precision], Placement(model, machine, calibrations=file)
    tried: list[Tried] = []
    with tempfile.TemporaryDirectory(prefix="scipix-calibrate-") as folder:
        reference = Path(folder) / "0.npz"
        for number, (provider, threads) in enumerate(places(machine, role)):
            out = Path(folder) / f"{number}.npz"
            failed = placement.faults(role, provider)
            if failed:
                tried.append(Tried(provider, threads, 0.0, f"it failed before: {failed[0].reason}"))
                continue
            compiled = compiled_folder(file, machine, model, role, provider) if file and provider != CPU else ""
            outcome = run(Trial(path, role, provider, threads, str(out), machine.library(provider), compiled))
            problem = outcome.problem or difference(reference, out, tolerance)
            tried.append(Tried(provider, threads, 0.0 if problem else outcome.milliseconds, problem))
    return decide(tried)


def decide(tried: list[Tried]) -> Decision:
    """The fastest that is right; a later one only when it gains enough. The CPU when nothing is."""
    best = Tried(CPU, 1, 0.0, "")
    good = [item for item in tried if not item.problem]
    for item in good:
        if item is good[0] or item.milliseconds < _GAIN * best.milliseconds:
            best = item
    return Decision(best.provider, best.threads, tuple(tried), time.time())
