"""Runs one graph on one provider for a moment, in a process of its own: a driver that dies takes only that along."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from scipix.errors import BackendUnavailable
from scipix.inference.binding import Arrays, hold, in_memory, run_bound
from scipix.inference.cancel import Cancel
from scipix.inference.providers import CPU, ENCODER, Candidate, candidate_for
from scipix.inference.sessions import make_onnx_session, run_faults

_SHAPE = (128, 512)  # px, height and width of the picture; a common snip, and a size for providers that need fixed ones
_STRIDE, _PAST = 8, 24  # px of a cell; tokens that were written before
_REPEAT = 9
_GIVEN = ("past_", "cross_")  # how the inputs begin that come from another run
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows would open a console
_TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Trial:
    """What to run. provider: onnxruntime's name. out: where to write the outputs (.npz). library: of a plug-in. compiled:
    the folder for what the provider compiles, which the app uses later, too."""

    path: str
    role: str
    provider: str
    threads: int
    out: str
    library: str = ""
    compiled: str = ""

    @property
    def candidate(self) -> Candidate:
        return replace(candidate_for(self.provider, self.library), compiled=self.compiled)


@dataclass(frozen=True, slots=True)
class Outcome:
    """milliseconds: median of a run. problem: why there is none, else empty."""

    milliseconds: float = 0.0
    problem: str = ""


def run_apart(trial: Trial, command: Sequence[str], cancel: Cancel | None = None) -> Outcome:
    """Run a trial in a process; whatever happens to it is an outcome. command: `scipix bench --trial`. cancel: kills the
    process; raises Cancelled then."""
    cancel = cancel or Cancel()
    cancel.raise_if_set()
    try:
        process = subprocess.Popen(
            [*command, json.dumps(asdict(trial))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            creationflags=_NO_WINDOW,
        )
    except OSError as exc:
        return Outcome(problem=f"its process cannot be started: {exc}")
    with process, cancel.calling(process.kill):
        try:
            answer, complaint = process.communicate(timeout=_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return Outcome(problem=f"it was not done after {_TIMEOUT_S} s")
    cancel.raise_if_set()
    try:
        found = json.loads(answer)
        return Outcome(float(found["milliseconds"]), str(found["problem"]))
    except (ValueError, KeyError, TypeError):
        return Outcome(problem=f"its process ended with {process.returncode}: {complaint.strip()[-200:]}")


def run_here(text: str) -> str:
    """JSON of a Trial -> JSON of its Outcome, run in this process; the outputs are in the file `out`."""
    trial = Trial(**json.loads(text))
    try:
        outcome = Outcome(measure(trial))
    except (*run_faults(), BackendUnavailable, OSError, RuntimeError, ValueError) as exc:
        outcome = Outcome(problem=f"{type(exc).__name__}: {exc}"[:500])
    return json.dumps(asdict(outcome))


def measure(trial: Trial, clock: Callable[[], float] = time.perf_counter) -> float:
    """Median time of a run in milliseconds; writes the outputs. Raises what onnxruntime raises, or
    BackendUnavailable when it silently takes another provider."""
    candidate, path = trial.candidate, Path(trial.path)
    session = make_onnx_session(path, candidate if not candidate.fixed_shape else Candidate(CPU), trial.threads, {})
    feeds = feeds_for({item.name: tuple(item.shape) for item in session.get_inputs()}, trial.role)
    if candidate.fixed_shape:
        axes = next(item.shape for item in session.get_inputs())
        sizes = dict(zip(axes, (1, 1, *_SHAPE), strict=True))
        named = {name: size for name, size in sizes.items() if isinstance(name, str)}
        session = make_onnx_session(path, candidate, trial.threads, named)
    if trial.provider not in session.get_providers():
        raise BackendUnavailable(f"onnxruntime gave {', '.join(session.get_providers())} instead")
    names = [item.name for item in session.get_outputs()]
    run = _runner(session, names, feeds, candidate.device)
    outputs = run()
    times = []
    for _ in range(_REPEAT):
        start = clock()
        run()
        times.append((clock() - start) * 1000)
    np.savez(trial.out, **in_memory(outputs))  # type: ignore[arg-type]
    return float(np.median(times))


def _runner(session: Any, names: list[str], feeds: Arrays, device: str) -> Callable[[], Arrays]:
    """Runs as the app does: what one graph leaves for another waits on the device."""
    if not device:
        return lambda: dict(zip(names, session.run(names, feeds), strict=True))
    held = {name: hold(value, device, session) if name.startswith(_GIVEN) else value for name, value in feeds.items()}
    return lambda: run_bound(session, held, names, device)


def feeds_for(shapes: Mapping[str, Sequence[Any]], role: str) -> dict[str, np.ndarray]:
    """The same inputs on every computer: strokes for the encoder, one token after others for the decoder.

    Raises ValueError for a graph that is laid out in another way.
    """
    if role == ENCODER:
        y, x = np.mgrid[: _SHAPE[0], : _SHAPE[1]]
        ink = ((x % 12 < 2) & (y % 20 < 14)) | ((y % 20 < 2) & (x % 24 < 8))
        return {"ink": ink.astype(np.float32)[None, None]}
    random = np.random.default_rng(0)
    cells = (_SHAPE[0] // _STRIDE) * (_SHAPE[1] // _STRIDE)
    feeds: dict[str, np.ndarray] = {"tokens": np.ones((1, 1), dtype=np.int64)}
    for name, shape in shapes.items():
        if name == "tokens":
            continue
        if len(shape) != 4 or not isinstance(shape[1], int) or not isinstance(shape[3], int):
            raise ValueError(f"{name} has shape {tuple(shape)}")
        length = _PAST if name.startswith("past_") else cells
        feeds[name] = random.standard_normal((1, shape[1], length, shape[3])).astype(np.float32)
    return feeds
