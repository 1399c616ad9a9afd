"""Where the graphs of one model run on this computer: by what the user asks for, what was measured, and the rules; and
never again where one has failed, until the driver, the provider or the model changes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path

from scipix.inference.agreement import TOLERANCES
from scipix.inference.devices import Machine
from scipix.inference.manifest import Model
from scipix.inference.providers import CPU, LABELS, Candidate, Choice, candidates_for, choose
from scipix.inference.verdicts import Calibrations, Fault, Faults, fault_key, key_of

_log = logging.getLogger(__name__)

COMPILED = "compiled"  # the folder beside the file of decisions
_LONGEST = 160  # characters of a reason that people are told
_DIED = "the program ended when it was first used"


class Placement:
    """For one model. calibrations: the file of what was measured, with that of the failures beside it; None when nothing
    is kept. wanted: auto, or a provider's short name. tell: called with a sentence when a provider fails, once for
    each."""

    def __init__(
        self,
        model: Model,
        machine: Machine,
        wanted: str = "auto",
        calibrations: Path | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.tolerance = TOLERANCES[model.precision]
        self._model, self._machine, self._wanted, self._file, self._tell = model, machine, wanted, calibrations, tell
        self._told: set[str] = set()

    def choice(self, role: str) -> Choice:
        """Where that graph runs. Raises UsageError for a provider that is not known."""
        choice = self._measured(role) or choose(self._machine, role, self._model.precision, self._wanted)
        failed = self.faults(role, *(item.provider for item in choice.candidates))
        for fault in failed:
            if not fault.told:
                self.failed(role, fault.provider, fault.reason)
        if failed:
            past = "; ".join(
                f"{_label(fault.provider)} is left alone since it failed: {fault.reason}" for fault in failed
            )
            choice = replace(choice.without(fault.provider for fault in failed), reason=f"{choice.reason}; {past}")
        return replace(choice, candidates=tuple(self._with_folder(item, role) for item in choice.candidates))

    def faults(self, role: str, *providers: str) -> list[Fault]:
        """What is known to fail, of these providers, with that graph."""
        if self._file is None:
            return []
        known = Faults(self._file)
        if not known.path.is_file():
            return []
        found = (known.get(fault_key(self._machine, self._model, role, item)) for item in providers if item != CPU)
        return [fault for fault in found if fault is not None]

    def failed(self, role: str, provider: str, reason: str) -> None:
        """Keep it, and tell it."""
        if self._file is not None:
            fault = Fault(provider, role, _short(reason), time.time())
            try:
                Faults(self._file).put(fault_key(self._machine, self._model, role, provider), fault)
            except OSError as exc:
                _log.info("the failure of %s is not kept: %s", provider, exc)
        if self._tell is not None and provider not in self._told:
            self._told.add(provider)
            self._tell(
                f"{_label(provider)} is not used any more: {_short(reason)}. The processor reads now; {_label(provider)} is "
                "tried again when its driver, onnxruntime or the model changes."
            )

    def guard(self, role: str) -> Callable[[str], AbstractContextManager[object]]:
        """For `Graph`: should the process end while a provider is new to it, the next one leaves that provider alone.
        What was measured was new to another process, and lived."""

        def trying(provider: str) -> AbstractContextManager[object]:
            if provider == CPU or self._file is None or self._measured(role) is not None:
                return nullcontext()
            return self._trying(
                Faults(self._file), fault_key(self._machine, self._model, role, provider), role, provider
            )

        return trying

    @contextmanager
    def _trying(self, faults: Faults, key: str, role: str, provider: str) -> Iterator[None]:
        with suppress(OSError):
            faults.put(key, Fault(provider, role, _DIED, time.time(), told=False))
        try:
            yield
        finally:
            with suppress(OSError):
                faults.forget([key])

    def _measured(self, role: str) -> Choice | None:
        if self._wanted != "auto" or self._file is None or not self._file.is_file():
            return None
        decision = Calibrations(self._file).get(key_of(self._machine, self._model, role))
        if decision is None:
            return None
        return Choice(candidates_for(self._machine, decision.provider), decision.threads, decision.words())

    def _with_folder(self, candidate: Candidate, role: str) -> Candidate:
        if self._file is None or candidate.provider == CPU:
            return candidate
        return replace(
            candidate, compiled=compiled_folder(self._file, self._machine, self._model, role, candidate.provider)
        )


def compiled_folder(calibrations: Path, machine: Machine, model: Model, role: str, provider: str) -> str:
    """Where that provider keeps what it compiles of that graph: another one whenever the model's files, the provider or
    the driver change."""
    name = f"{_label(provider)}-{fault_key(machine, model, role, provider)[:16]}"
    return str(calibrations.with_name(COMPILED) / name)


def _label(provider: str) -> str:
    return LABELS.get(provider, provider)


def _short(reason: str) -> str:
    line = " ".join(reason.split())
    return (line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…").rstrip(".")
