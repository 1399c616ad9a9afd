"""One ONNX graph, loaded and ready to run on the provider that was chosen for it.

Graphs are made and used in one thread, the work lane: making two sessions at once races inside onnxruntime.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from scipix.errors import BackendUnavailable, Cancelled, ModelCorrupt
from scipix.inference.agreement import differing
from scipix.inference.binding import DeviceLost, in_memory, run_bound
from scipix.inference.cancel import Cancel
from scipix.inference.plugins import OPENVINO, register
from scipix.inference.providers import COREML, CPU, DIRECTML, TENSORRT, Candidate, Choice
from scipix.inference.runtime import load_onnxruntime

_log = logging.getLogger(__name__)

Arrays = Mapping[str, np.ndarray]
OnFault = Callable[[str, str], None]
Guard = Callable[[str], AbstractContextManager[object]]

_AUDIT_EVERY = 1000  # runs on another provider than the CPU, the first included
_TOLERANCE = 0.05  # of the largest value of an output
_ONE_AT_A_TIME = threading.RLock()  # for sessions of a provider that bears no others beside
# Where providers keep what they compile: the option that names the folder, and what goes with it.
_COMPILED = {
    COREML: ("ModelCacheDirectory", {}),
    TENSORRT: ("trt_engine_cache_path", {"trt_engine_cache_enable": "1", "trt_timing_cache_enable": "1"}),
    OPENVINO: ("cache_dir", {}),
}


class Graph:
    """An onnxruntime session. A provider that fails, or gives other results than the CPU, is left for the CPU for good;
    whoever runs the graph gets the result all the same.

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
        on_fault: OnFault | None = None,
        tolerance: float = _TOLERANCE,
        guard: Guard = nullcontext,
    ) -> None:
        """Load the file. dimensions: values for named axes, for providers that need fixed shapes. make_session: instead
        of `make_onnx_session`. on_fault: told (provider, why) when a provider is left. tolerance: how far its outputs
        may be from the CPU's, as a share of their largest value. guard: entered with a provider's name while its session
        is made and run for the first time, which may end the process. Raises ModelCorrupt when no provider can load the
        file."""
        self._model_id = model_id
        self._path = path
        self._threads = choice.threads
        self._dimensions = dict(dimensions or {})
        self._make_session = make_session or make_onnx_session
        self._faults = run_faults()
        self._run_options = load_onnxruntime().RunOptions
        self._on_fault, self._tolerance, self._guard = on_fault, tolerance, guard
        self.fallbacks: tuple[str, ...] = ()
        self._open(choice.candidates)

    def run(
        self, feeds: Arrays, cancel: Cancel | None = None, outputs: Sequence[str] | None = None
    ) -> dict[str, np.ndarray]:
        """Run the graph; outputs: the names to compute, all by default.

        Raises Cancelled, within some ten milliseconds of `cancel.set()`, or BackendUnavailable when the run fails on
        the CPU too. A run that fails on another provider (a card that was taken away, its memory full), or whose
        results are wrong, moves to the CPU; DeviceLost when that needs what only the card had: then all that led to
        this run must be done again.
        """
        if self.provider == CPU:
            return self._run_on_cpu(feeds, cancel, outputs)
        found, reason = self._checked(feeds, cancel, outputs)
        if not reason:
            return found
        self.leave(reason)
        return self._run_on_cpu(feeds, cancel, outputs)

    def leave(self, reason: str) -> None:
        """Move to the CPU for good, and tell why; nothing happens when the graph is there."""
        if self.provider != CPU:
            provider = self.provider
            self._open((Candidate(CPU),))
            self._note(provider, reason)

    def _run_on_cpu(self, feeds: Arrays, cancel: Cancel | None, outputs: Sequence[str] | None) -> dict[str, np.ndarray]:
        try:
            here = in_memory(feeds)
        except self._faults as exc:
            raise DeviceLost(f"{self._model_id}: what the device held is lost: {exc}") from exc
        try:
            return self._run(here, cancel, outputs)
        except self._faults as exc:
            if cancel is not None and cancel.is_set():
                raise Cancelled("stopped by the user") from exc
            raise BackendUnavailable(f"{self._model_id} failed to run: {exc}") from exc

    def attempt(
        self, feeds: Arrays, cancel: Cancel | None = None, outputs: Sequence[str] | None = None
    ) -> dict[str, np.ndarray]:
        """`run` that stays where it is: raises BackendUnavailable when this run fails, on whatever provider."""
        found, reason = self._checked(feeds, cancel, outputs)
        if reason:
            self._runs = 0  # whoever runs it next looks closely
            raise BackendUnavailable(f"{self._model_id}: {reason}")
        return found

    def _checked(
        self, feeds: Arrays, cancel: Cancel | None, outputs: Sequence[str] | None
    ) -> tuple[dict[str, np.ndarray], str]:
        """The outputs of a run, and what is wrong with it; raises Cancelled."""
        try:
            with nullcontext() if self._runs else self._guard(self.provider):
                found = self._run(feeds, cancel, outputs)
            self._runs += 1
            return found, "" if self.provider == CPU else self._audit(feeds, found, cancel)
        except self._faults as exc:
            if cancel is not None and cancel.is_set():
                raise Cancelled("stopped by the user") from exc
            return {}, f"it failed to run: {exc}"

    def _audit(self, feeds: Arrays, found: Arrays, cancel: Cancel | None) -> str:
        """What is wrong with the outputs of another provider; empty when nothing is. Every so often, by a run on the
        CPU."""
        for name, value in found.items():
            if isinstance(value, np.ndarray) and value.dtype.kind == "f" and not np.isfinite(value).all():
                return f"it gives other results: {name} is not finite"
        if self._runs % _AUDIT_EVERY != 1:
            return ""
        session = self._make_session(self._path, Candidate(CPU), self._threads, self._dimensions)
        right = self._call(session, in_memory(feeds), list(found), cancel)
        problem = differing(right, in_memory(found), self._tolerance)
        return problem and f"it gives other results: {problem}"

    def close(self) -> None:
        """Give the memory back; the graph cannot run after that."""
        self._session = None

    def _run(self, feeds: Arrays, cancel: Cancel | None, outputs: Sequence[str] | None) -> dict[str, np.ndarray]:
        if self._session is None:
            raise BackendUnavailable(f"{self._model_id} was closed")
        names = list(outputs or self.outputs)
        with _ONE_AT_A_TIME if self._candidate.alone else nullcontext():
            return self._call(self._session, feeds, names, cancel, self._candidate.device)

    def _call(
        self, session: Any, feeds: Arrays, names: Sequence[str], cancel: Cancel | None, device: str = ""
    ) -> dict[str, np.ndarray]:
        def call(options: Any) -> dict[str, np.ndarray]:
            if device:
                return run_bound(session, feeds, names, device, options)
            return dict(zip(names, session.run(names, in_memory(feeds), options), strict=True))

        if cancel is None:
            return call(None)
        cancel.raise_if_set()
        options = self._run_options()
        with cancel.calling(lambda: setattr(options, "terminate", True)):
            found = call(options)
        cancel.raise_if_set()
        return found

    def _open(self, candidates: Sequence[Candidate]) -> None:
        for candidate in candidates:
            try:
                session = self._make(candidate)
            except (*self._faults, BackendUnavailable, RuntimeError, ValueError, OSError) as exc:
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

    def _make(self, candidate: Candidate) -> Any:
        with self._guard(candidate.provider), _ONE_AT_A_TIME if candidate.alone else nullcontext():
            return self._make_session(self._path, candidate, self._threads, self._dimensions)

    def _adopt(self, session: Any, candidate: Candidate) -> None:
        self._session, self._candidate, self._runs = session, candidate, 0
        self.provider = candidate.provider
        self.fixed_shape = candidate.fixed_shape
        self.metadata: dict[str, str] = dict(session.get_modelmeta().custom_metadata_map)
        self.inputs = tuple(item.name for item in session.get_inputs())
        self.outputs = tuple(item.name for item in session.get_outputs())
        self.shapes = {item.name: tuple(item.shape) for item in session.get_inputs()}

    def _note(self, provider: str, reason: str) -> None:
        self.fallbacks += (f"{provider}: {reason}",)
        _log.info("%s falls back from %s: %s", self._model_id, provider, reason)
        if self._on_fault is not None:
            self._on_fault(provider, reason)


def make_onnx_session(
    path: Path,
    candidate: Candidate,
    threads: int,
    dimensions: Mapping[str, int],
    entries: Mapping[str, str] | None = None,
    save_to: Path | None = None,
) -> Any:
    """An onnxruntime.InferenceSession on one provider, with the CPU behind it. entries: of its configuration, besides
    ours. save_to: write the optimized graph into this file, too."""
    ort = load_onnxruntime()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # saves 30 to 45 MB, costs no time
    options.log_severity_level = 4
    # Spinning threads fight with whatever else runs: the same 60 tokens cost 250 ms of CPU with it, 110 ms without.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    for key, text in (entries or {}).items():
        options.add_session_config_entry(key, text)
    if save_to is not None:
        options.optimized_model_filepath = str(save_to)
    if candidate.provider == DIRECTML:
        options.enable_mem_pattern = False  # DirectML asks for both
        options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    for name, value in dimensions.items():
        options.add_free_dimension_override_by_name(name, value)
    settings = provider_options(candidate, dimensions)
    if candidate.library:
        # A plug-in's provider is known by its devices; the CPU stands behind it by itself.
        options.add_provider_for_devices(register(ort, candidate.provider, candidate.library), settings)
        return ort.InferenceSession(str(path), options, enable_fallback=0)
    providers: list[Any] = [(candidate.provider, settings)]
    if candidate.provider != CPU:
        providers += candidate.behind
    # Its own fallback prints to standard output, which belongs to the results; ours is in Graph.
    return ort.InferenceSession(str(path), options, providers=providers, enable_fallback=0)


def provider_options(candidate: Candidate, dimensions: Mapping[str, int]) -> dict[str, str]:
    """The provider's own options, with a folder for what it compiles: one for each shape, since the name of the compiled
    file need not tell shapes apart. Without the folder when it cannot be made."""
    options = dict(candidate.options)
    if candidate.compiled and candidate.provider in _COMPILED:
        key, others = _COMPILED[candidate.provider]
        folder = Path(candidate.compiled, "x".join(map(str, dimensions.values())) or "any")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            _log.info("what %s compiles is not kept: %s", candidate.provider, exc)
        else:
            options |= {**others, key: str(folder)}
    return options


def run_faults() -> tuple[type[Exception], ...]:
    """What onnxruntime raises from a run; it has no common base class of its own."""
    load_onnxruntime()
    import onnxruntime.capi.onnxruntime_pybind11_state as state

    names = ["EPFail", "EngineError", "Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "ModelLoadCanceled"]
    names += ["ModelRequiresCompilation", "NoModel", "NoSuchFile", "NotFound", "NotImplemented", "RuntimeException"]
    names += ["DeviceReset"]  # not in every version
    return tuple(getattr(state, name) for name in names if hasattr(state, name))
