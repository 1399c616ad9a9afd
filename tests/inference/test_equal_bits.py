"""Graphs of the shipped models that promise equal bits keep the promise on this computer.

models/training/checks.py wrote the promises where the weights were exported, which may have been another processor.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from scipix.inference.batching import Request, largest_difference
from scipix.inference.cancel import Cancel
from scipix.inference.manifest import load
from scipix.inference.providers import CPU, DECODER, ENCODER, JOINED, Candidate, Choice
from scipix.inference.ragged import Ragged
from scipix.inference.sessions import Graph, make_onnx_session
from scipix.paths import default_paths

MODELS = default_paths(dict(os.environ)).models
RNG = np.random.default_rng(9)
PICTURES, STEPS = 3, 13


def promising(role: str, key: str) -> list[Path]:
    """Graphs of the manifest in that role whose metadata promise it; skips the test when there are none."""
    manifest = load(MODELS / "manifest.toml")
    files = [file for model in manifest.models if model.feature == "math" for file in model.files if file.role == role]
    paths = [path for file in files if (path := MODELS / file.path).is_file()]
    promised = [path for path in paths if open_graph(path).get_modelmeta().custom_metadata_map.get(key) == "1"]
    if not promised:
        pytest.skip("no graph promises it")
    return promised


def open_graph(path: Path, threads: int = 1):
    return make_onnx_session(path, Candidate(CPU), threads, {})


def run(session, feeds: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    names = [item.name for item in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds), strict=True))


def feed(session, tokens: np.ndarray, cross: dict[str, np.ndarray], count: int) -> list[np.ndarray]:
    """Logits, attention and the last past of the tokens, `count` in a call."""
    pasts = [item for item in session.get_inputs() if item.name.startswith("past_")]
    past = {item.name: np.zeros((len(tokens), item.shape[1], 0, item.shape[3]), np.float32) for item in pasts}
    told: list[list[np.ndarray]] = [[], []]
    for start in range(0, tokens.shape[1], count):
        out = run(session, {"tokens": tokens[:, start : start + count], **past, **cross})
        past = {name: out["present_" + name.removeprefix("past_")] for name in past}
        told[0].append(out["logits"])
        told[1].append(out["attention"])
    return [*(np.concatenate(part, 1) for part in told), *past.values()]


def pictures() -> np.ndarray:
    """Strokes at random places: float32 (3, 1, 64, 192)."""
    inks = np.zeros((PICTURES, 1, 64, 192), np.float32)
    for ink in inks:
        for top, left in zip(RNG.integers(0, 44, 30), RNG.integers(0, 172, 30), strict=True):
            ink[0, top : top + RNG.integers(2, 20), left : left + RNG.integers(2, 20)] = RNG.random()
    return inks


@pytest.mark.parametrize("threads", [1, 2])
def test_pictures_of_a_batch(threads: int) -> None:
    for path in promising(ENCODER, "scipix.batch_invariant"):
        inks, alone = pictures(), open_graph(path)
        together = run(open_graph(path, threads), {"ink": inks})
        for i in range(PICTURES):
            for name, value in run(alone, {"ink": inks[i : i + 1]}).items():
                assert np.array_equal(value[0], together[name][i]), name


def crosses(session) -> dict[str, np.ndarray]:
    """Keys and values of 96 cells for three rows."""
    wanted = [item for item in session.get_inputs() if item.name.startswith("cross_")]
    return {i.name: RNG.normal(size=(PICTURES, i.shape[1], 96, i.shape[3])).astype(np.float32) for i in wanted}


@pytest.mark.parametrize("threads", [1, 2])
def test_rows_of_a_batch(threads: int) -> None:
    for path in promising(DECODER, "scipix.batch_invariant"):
        alone = open_graph(path)
        tokens, cross = RNG.integers(3, 99, (PICTURES, STEPS)), crosses(alone)
        together = feed(open_graph(path, threads), tokens, cross, 1)
        for i in range(PICTURES):
            one = feed(alone, tokens[i : i + 1], {name: value[i : i + 1] for name, value in cross.items()}, 1)
            assert all(np.array_equal(a[0], b[i]) for a, b in zip(one, together, strict=True))


@pytest.mark.parametrize("count", [2, 3, 5, 13])
def test_tokens_of_a_call(count: int) -> None:
    for path in promising(DECODER, "scipix.rowwise"):
        session = open_graph(path)
        tokens = RNG.integers(3, 99, (1, STEPS))
        cross = {name: value[:1] for name, value in crosses(session).items()}
        expected = feed(session, tokens, cross, 1)
        assert all(np.array_equal(a, b) for a, b in zip(feed(session, tokens, cross, count), expected, strict=True))


def test_rows_of_unequal_lengths() -> None:
    """The decoder with masks gives each row what the decoder gives it alone."""
    models = [model for model in load(MODELS / "manifest.toml").models if any(f.role == JOINED for f in model.files)]
    if not models:
        pytest.skip("no model has a decoder for rows of unequal lengths")
    for model in models:
        paths = {file.role: MODELS / file.path for file in model.files}
        alone, masked = (Graph(model.id, paths[role], Choice((Candidate(CPU),), 1, "")) for role in (DECODER, JOINED))
        joins = Ragged(masked)
        for batch in range(6):
            requests = [some_request(alone, 1 + batch % 3) for _ in range(int(RNG.integers(2, 7)))]
            for request, found in zip(requests, joins.run(requests, Cancel()), strict=True):
                assert largest_difference(alone.run(request.feeds), found) == 0


def some_request(decoder: Graph, count: int) -> Request:
    """So many tokens, after up to 99, for a picture of 272 to 512 cells."""
    lengths = {"past": int(RNG.integers(0, 100)), "cross": 16 * int(RNG.integers(17, 33))}
    feeds = {"tokens": RNG.integers(3, 99, (1, count))}
    for name, shape in decoder.shapes.items():
        if name != "tokens":
            feeds[name] = RNG.normal(size=(1, shape[1], lengths[name.split("_")[0]], shape[3])).astype(np.float32)
    return Request(feeds, Cancel())
