"""Runs one graph on one provider for a moment, in a process of its own: a driver that dies takes only that along."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scipix.errors import BackendUnavailable
from scipix.inference.providers import CPU, ENCODER, Candidate, candidate_for
from scipix.inference.sessions import make_onnx_session, run_faults

_SHAPE = (128, 512)  # px, height and width of the picture; a common snip, and a size for providers that need fixed ones
_STRIDE, _PAST = 8, 24  # px of a cell; tokens that were written before
_REPEAT = 9
_TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Trial:
    """What to run. provider: onnxruntime's name. out: where to write the outputs (.npz)."""

    path: str
    role: str
    provider: str
    threads: int
    out: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """milliseconds: median of a run. problem: why there is none, else empty."""

    milliseconds: float = 0.0
    problem: str = ""


def run_apart(trial: Trial, command: Sequence[str]) -> Outcome:
    """Run a trial in a process; whatever happens to it is an outcome. command: `scipix bench --trial`."""
    try:
        words = [*command, json.dumps(asdict(trial))]
        done = subprocess.run(words, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return Outcome(problem=f"it was not done after {_TIMEOUT_S} s")
    except OSError as exc:
        return Outcome(problem=f"its process cannot be started: {exc}")
    try:
        answer = json.loads(done.stdout)
        return Outcome(float(answer["milliseconds"]), str(answer["problem"]))
    except (ValueError, KeyError, TypeError):
        return Outcome(problem=f"its process ended with {done.returncode}: {done.stderr.strip()[-200:]}")


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
    candidate, path = candidate_for(trial.provider), Path(trial.path)
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
    outputs = session.run(names, feeds)
    times = []
    for _ in range(_REPEAT):
        start = clock()
        session.run(names, feeds)
        times.append((clock() - start) * 1000)
    np.savez(trial.out, **dict(zip(names, outputs, strict=True)))
    return float(np.median(times))


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
