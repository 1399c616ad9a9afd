"""Bound runs give, bit for bit, what plain ones give; the device is the CPU's own memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scipix.inference import sessions
from scipix.inference.binding import DeviceLost, Held, in_memory
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.providers import CPU, CUDA, DECODER, ENCODER, Candidate, Choice
from scipix.inference.sessions import Graph, make_onnx_session
from tests.inference.tiny import DATA, make_ink

PLAIN = Choice((Candidate(CPU),), 1, "")
BOUND = Choice((Candidate(CUDA, device="cpu"), Candidate(CPU)), 1, "")


class OnCuda:
    """A session on the CPU that says it is on CUDA, and may lose the card."""

    def __init__(self, session) -> None:
        self._session = session
        self.broken = False

    def get_providers(self) -> list[str]:
        return [CUDA, CPU]

    def run_with_iobinding(self, binding, options=None) -> None:
        if self.broken:
            raise sessions.run_faults()[0]("the card is gone")
        self._session.run_with_iobinding(binding, options)

    def __getattr__(self, name: str):
        return getattr(self._session, name)


def pretend(path: Path, candidate: Candidate, threads: int, dimensions):
    session = make_onnx_session(path, Candidate(CPU), threads, dimensions)
    return OnCuda(session) if candidate.provider == CUDA else session


def graph(role: str, choice: Choice) -> Graph:
    return Graph("tiny", DATA / f"{role}.onnx", choice, make_session=pretend)


def decode(encoder: Graph, decoder: Graph, ink: np.ndarray, steps: int, before=lambda step: None) -> list[np.ndarray]:
    """Logits of a greedy decoding."""
    seen = encoder.run({"ink": ink[None, None]})
    cross = {name: value for name, value in seen.items() if name.startswith("cross_")}
    past = {}
    for name, value in cross.items():
        batch, heads, _, width = value.shape
        past[f"past_{name.removeprefix('cross_')}"] = np.zeros((batch, heads, 0, width), np.float32)
    token, found = 1, []
    for step in range(steps):
        before(step)
        out = decoder.run({"tokens": np.array([[token]]), **past, **cross})
        past = {f"past_{name.removeprefix('present_')}": v for name, v in out.items() if name.startswith("present_")}
        found.append(out["logits"])
        token = int(found[-1][0, -1].argmax())
    return found


@pytest.mark.parametrize(("first", "second"), [(BOUND, BOUND), (PLAIN, BOUND), (BOUND, PLAIN)])
def test_the_same_bit_for_bit(first: Choice, second: Choice) -> None:
    ink = make_ink(1)
    plain = decode(graph(ENCODER, PLAIN), graph(DECODER, PLAIN), ink, 12)
    bound = decode(graph(ENCODER, first), graph(DECODER, second), ink, 12)
    for one, other in zip(plain, bound, strict=True):
        np.testing.assert_array_equal(one, other)


def test_only_what_graphs_read_stays_on_the_device() -> None:
    out = graph(ENCODER, BOUND).run({"ink": make_ink(0)[None, None]})
    held = {name for name, value in out.items() if isinstance(value, Held)}
    assert held == {name for name in out if name.startswith("cross_")}
    value = out["cross_k_0"]
    assert value.shape == np.asarray(value).shape
    assert (value.ndim, len(value)) == (4, 1)
    np.testing.assert_array_equal(value[:, :, :3], in_memory({"x": value})["x"][:, :, :3])
    np.testing.assert_array_equal(np.concatenate([value, value]).shape, (2, *value.shape[1:]))
    assert np.asarray(value, dtype=np.float64).dtype == np.float64


def test_a_card_that_goes_while_tokens_are_written_leaves_the_rest_to_the_cpu() -> None:
    """What it held can still be read here."""
    ink = make_ink(2)
    decoder = graph(DECODER, BOUND)
    session: Any = decoder._session

    def before(step: int) -> None:
        if step == 5:
            session.broken = True

    found = decode(graph(ENCODER, BOUND), decoder, ink, 12, before)
    assert decoder.provider == CPU
    for one, other in zip(decode(graph(ENCODER, PLAIN), graph(DECODER, PLAIN), ink, 12), found, strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_is_lost_with_the_card_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    decoder = graph(DECODER, BOUND)
    session: Any = decoder._session

    def gone(held: Held):
        raise sessions.run_faults()[0]("the card is gone")

    def before(step: int) -> None:
        if step == 5:
            session.broken = True
            monkeypatch.setattr(Held, "_array", gone)

    with pytest.raises(DeviceLost):
        decode(graph(ENCODER, PLAIN), decoder, make_ink(2), 12, before)
    assert decoder.provider == CPU


def test_a_whole_reading_with_both_graphs_bound(models: Path, monkeypatch: pytest.MonkeyPatch, tiny) -> None:
    from scipix.inference.devices import Cpu, Machine
    from scipix.inference.store import Store

    monkeypatch.setattr(sessions, "make_onnx_session", pretend)
    monkeypatch.setattr(sessions, "run_bound", _on_cpu(sessions.run_bound))
    machine = Machine("linux", "x86_64", Cpu("", 1, 1, ()), (CUDA, CPU))
    model = EncoderDecoder(Store(models).open("math"), machine)
    assert [graph.provider for graph in model.graphs] == [CUDA, CUDA]
    bound = model.decoder.decode(model.encode(make_ink(1)))
    plain = tiny.decoder.decode(tiny.encode(make_ink(1)))
    assert bound.tokens == plain.tokens
    np.testing.assert_array_equal(bound.attention, plain.attention)
    assert model.fallbacks == ()


def _on_cpu(run_bound):
    return lambda session, feeds, names, device, options=None: run_bound(session, feeds, names, "cpu", options)
