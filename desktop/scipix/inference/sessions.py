"""One ONNX graph, loaded and ready to run on the provider that was chosen for it.

Graphs are made and used in one thread, the work lane: making two sessions at once races inside onnxruntime.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scipix.errors import BackendUnavailable, Cancelled, ModelCorrupt
from scipix.inference.cancel import Cancel
from scipix.inference.providers import CPU, DIRECTML, Candidate, Choice
from scipix.inference.runtime import load_onnxruntime

_log = logging.getLogger(__name__)

Arrays = Mapping[str, np.ndarray]


class Graph:
    """An onnxruntime session.

    provider: the one that it really runs on. fallbacks: why an earlier candidate of the choice was not taken.
    metadata: what the exporter wrote into the file. inputs, outputs: names, in the graph's order.
    """

    def __init__(
        self,
        model_id: str,
        path: Path,
        choice: Choice,
        dimensions: Mapping[str, int] | None = None,
        make_session: Callable[[Path, Candidate, int, Mapping[str, int]], Any] | None = None,
    ) -> None:
        """Load the file. dimensions: values for named axes, for providers that need fixed shapes. make_session: a
        stand-in for onnxruntime in tests. Raises ModelCorrupt when no provider can load the file."""
        self._model_id = model_id
        self._path = path
        self._threads = choice.threads
        self._dimensions = dict(dimensions or {})
        self._make_session = make_session or make_onnx_session
        self._faults = run_faults()
        self._run_options = load_onnxruntime().RunOptions
        self.fallbacks: tuple[str, ...] = ()
        self._open(choice.candidates)

    def run(
        self, feeds: Arrays, cancel: Cancel | None = None, outputs: Sequence[str] | None = None
    ) -> dict[str, np.ndarray]:
        """Run the graph; outputs: the names to compute, all by default.

        Raises Cancelled, within some ten milliseconds of `cancel.set()`, or BackendUnavailable when the run fails on
        the CPU too. A run that fails on another provider (a card that was taken away, its memory full) moves to the
        CPU.
        """
        try:
            return self._run(feeds, cancel, outputs)
        except self._faults as exc:
            if cancel is not None and cancel.is_set():
                raise Cancelled("stopped by the user") from exc
            if self.provider == CPU:
                raise BackendUnavailable(f"{self._model_id} failed to run: {exc}") from exc
            self._note(self.provider, f"it failed to run: {exc}")
            self._open((Candidate(CPU),))
        return self.run(feeds, cancel, outputs)

    def close(self) -> None:
        """Give the memory back; the graph cannot run after that."""
        self._session = None

    def _run(self, feeds: Arrays, cancel: Cancel | None, outputs: Sequence[str] | None) -> dict[str, np.ndarray]:
        if self._session is None:
            raise BackendUnavailable(f"{self._model_id} was closed")
        names = list(outputs or self.outputs)
        if cancel is None:
            return dict(zip(names, self._session.run(names, feeds), strict=True))
        cancel.raise_if_set()
        options = self._run_options()
        with cancel.calling(lambda: setattr(options, "terminate", True)):
            values = self._session.run(names, feeds, options)
        cancel.raise_if_set()
        return dict(zip(names, values, strict=True))

    def _open(self, candidates: Sequence[Candidate]) -> None:
        for candidate in candidates:
            try:
                session = self._make_session(self._path, candidate, self._threads, self._dimensions)
            except (*self._faults, RuntimeError, ValueError, OSError) as exc:
                if candidate.provider == CPU:
                    raise ModelCorrupt(self._model_id, self._path, f"onnxruntime cannot load it: {exc}") from exc
                self._note(candidate.provider, f"it cannot load the model: {exc}")
                continue
            got = session.get_providers()
            if candidate.provider in got:
                self._adopt(session, candidate)
                return
            # onnxruntime takes the CPU without a word when a provider cannot start.
            self._note(candidate.provider, f"onnxruntime gave {', '.join(got)} instead")
        raise BackendUnavailable(f"no provider can run {self._model_id}: {'; '.join(self.fallbacks)}")

    def _adopt(self, session: Any, candidate: Candidate) -> None:
        self._session = session
        self.provider = candidate.provider
        self.fixed_shape = candidate.fixed_shape
        self.metadata: dict[str, str] = dict(session.get_modelmeta().custom_metadata_map)
        self.inputs = tuple(item.name for item in session.get_inputs())
        self.outputs = tuple(item.name for item in session.get_outputs())
        self.shapes = {item.name: tuple(item.shape) for item in session.get_inputs()}

    def _note(self, provider: str, reason: str) -> None:
        self.fallbacks += (f"{provider}: {reason}",)
        _log.info("%s falls back from %s: %s", self._model_id, provider, reason)


def make_onnx_session(path: Path, candidate: Candidate, threads: int, dimensions: Mapping[str, int]) -> Any:
    """An onnxruntime.InferenceSession on one provider, with the CPU behind it."""
    ort = load_onnxruntime()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # saves 30 to 45 MB, costs no time
    options.log_severity_level = 4
    # Spinning threads fight with whatever else runs: the same 60 tokens cost 250 ms of CPU with it, 110 ms without.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    if candidate.provider == DIRECTML:
        options.enable_mem_pattern = False  # DirectML asks for this and for sequential execution
    for name, value in dimensions.items():
        options.add_free_dimension_override_by_name(name, value)
    providers: list[Any] = [(candidate.provider, dict(candidate.options))]
    if candidate.provider != CPU:
        providers.append(CPU)
    # Its own fallback prints to standard output, which belongs to the results; ours is in Graph.
    return ort.InferenceSession(str(path), options, providers=providers, enable_fallback=0)


def run_faults() -> tuple[type[Exception], ...]:
    """What onnxruntime raises from a run; it has no common base class of its own."""
    load_onnxruntime()
    import onnxruntime.capi.onnxruntime_pybind11_state as state

    names = ["EPFail", "EngineError", "Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "ModelLoadCanceled"]
    names += ["ModelRequiresCompilation", "NoModel", "NoSuchFile", "NotFound", "NotImplemented", "RuntimeException"]
    names += ["DeviceReset"]  # not in every version
    return tuple(getattr(state, name) for name in names if hasattr(state, name))
