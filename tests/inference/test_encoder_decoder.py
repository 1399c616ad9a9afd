"""Both graphs of the tiny model together."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scipix.errors import Cancelled, ModelCorrupt
from scipix.inference import sessions
from scipix.inference.cancel import Cancel
from scipix.inference.devices import Cpu, Machine
from scipix.inference.encoder_decoder import EncoderDecoder, fixed_shape
from scipix.inference.providers import COREML, CPU, CUDA, DIRECTML, LABELS, Candidate
from scipix.inference.store import Store
from tests.inference.pretending import Pretending, unbound
from tests.inference.tiny import make_ink


def test_facts_of_the_model(tiny: EncoderDecoder) -> None:
    assert (tiny.id, tiny.provider, tiny.stride, tiny.threshold) == ("tiny-v1", "cpu", 8, 0.5)
    assert tiny.fallbacks == ()


def test_pads_to_multiples_of_32_with_paper(tiny: EncoderDecoder) -> None:
    ink = make_ink(0)
    memory = tiny.encode(ink[:30, :50])
    whole = np.zeros((32, 64), dtype=np.float32)
    whole[:30, :50] = ink[:30, :50]
    assert (memory.cells, memory.columns) == (4 * 8, 8)
    for name, value in tiny.encode(whole).cross.items():
        np.testing.assert_array_equal(value, memory.cross[name])


def test_cancel_stops_between_the_steps_of_decoding(tiny: EncoderDecoder) -> None:
    memory = tiny.encode(make_ink(2))
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        tiny.decoder.decode(memory, cancel=cancel)


def test_a_provider_of_fixed_shapes_gets_padded_pictures(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Apple Silicon, played by the CPU: one session for each padded size, kept."""
    real, made = sessions.make_onnx_session, []

    def pretend(path, candidate, threads, dimensions):
        made.append((candidate.provider, dict(dimensions)))
        session = real(path, replace(candidate, provider=CPU, options=()), threads, dimensions)
        return session if candidate.provider == CPU else Pretending(session)

    monkeypatch.setattr(sessions, "make_onnx_session", pretend)
    mac = Machine("macos", "arm64", Cpu("Apple M2", 8, 8, ()), (COREML, CPU))
    model = EncoderDecoder(Store(models).open("math"), mac)
    sizes = [(model.encode(make_ink(0)).cells, model.provider), (model.encode(make_ink(2)).cells, model.provider)]
    assert sizes == [((64 // 8) * (64 // 8), "coreml"), ((64 // 8) * (128 // 8), "coreml")]
    model.encode(make_ink(0))
    fixed = [sorted(axes.values()) for provider, axes in made if provider == COREML]
    assert fixed == [[1, 64, 64], [1, 64, 128]]
    huge = np.zeros((2048, 2048), dtype=np.float32)
    assert model.encode(huge).cells == 256 * 256
    assert model.provider == "cpu"
    model.close()


@pytest.mark.parametrize(
    ("height", "width", "shape"),
    [(32, 32, (64, 64)), (64, 65, (64, 128)), (1024, 2048, (1024, 2048)), (2048, 2048, None)],
)
def test_fixed_shapes(height: int, width: int, shape: tuple[int, int] | None) -> None:
    assert fixed_shape(height, width) == shape


def test_graphs_that_were_swapped_are_corrupt(models: Path) -> None:
    from scipix.inference.manifest import update

    weights = models / "weights" / "tiny-v1"
    (weights / "decoder.onnx").write_bytes((weights / "encoder.onnx").read_bytes())
    update(models / "manifest.toml", "tiny-v1")
    with pytest.raises(ModelCorrupt, match=r"scipix\.vocab"):
        EncoderDecoder(Store(models).open("math"), Machine("linux", "x86_64", Cpu("", 1, 1, ()), (CPU,)))


def test_works_in_the_thread_that_made_it(models: Path) -> None:
    found: list[int] = []

    def work() -> None:
        model = EncoderDecoder(Store(models).open("math"), Machine("linux", "x86_64", Cpu("", 2, 2, ()), (CPU,)))
        found.append(len(model.decoder.decode(model.encode(make_ink(1))).tokens))
        model.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(found) == 1
    assert found[0] > 0


DEVICES = [
    (Machine("macos", "arm64", Cpu("Apple M2", 8, 8, ()), (COREML, CPU)), COREML),
    (Machine("windows", "x86_64", Cpu("", 8, 8, ()), (CUDA, DIRECTML, CPU)), CUDA),
    (Machine("windows", "x86_64", Cpu("", 8, 8, ()), (DIRECTML, CPU)), DIRECTML),
    (Machine("linux", "x86_64", Cpu("", 8, 8, ()), (CUDA, CPU)), CUDA),
]


@pytest.mark.parametrize("fault", ["broken", "wrong"])
@pytest.mark.parametrize(("machine", "provider"), DEVICES)
def test_a_device_that_fails_while_reading_is_left_and_the_reading_is_right(
    machine: Machine, provider: str, fault: str, models: Path, tiny: EncoderDecoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user gets what the processor alone would have read, is told once, and the next start does not try again."""
    real, made = sessions.make_onnx_session, []

    def pretend(path, candidate, threads, dimensions):
        session = real(path, Candidate(CPU), threads, dimensions)
        if candidate.provider == CPU:
            return session
        made.append(Pretending(session, candidate.provider))
        setattr(made[-1], fault, True)
        return made[-1]

    monkeypatch.setattr(sessions, "make_onnx_session", pretend)
    monkeypatch.setattr(sessions, "run_bound", unbound)
    file, told = models / "calibration.json", []
    model = EncoderDecoder(Store(models).open("math"), machine, calibrations=file, tell=told.append)
    ink = np.zeros((64, 128), dtype=np.float32)  # of a fixed shape: padding would change the reading
    ink[: make_ink(2).shape[0], : make_ink(2).shape[1]] = make_ink(2)
    right = tiny.decoder.decode(tiny.encode(ink)).tokens
    for _ in range(2):
        assert model.decoder.decode(model.encode(ink)).tokens == right
    assert model.provider == "cpu"
    assert len(told) == 1
    assert LABELS[provider] in told[0]
    count = len(made)
    assert count >= 1
    model.close()
    again = EncoderDecoder(Store(models).open("math"), machine, calibrations=file, tell=told.append)
    assert again.decoder.decode(again.encode(ink)).tokens == right
    assert (len(made), len(told)) == (count, 1)
    assert "left alone since it failed" in again.notes[0]


def test_everything_can_leave_its_device(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = sessions.make_onnx_session

    def pretend(path, candidate, threads, dimensions):
        session = real(path, Candidate(CPU), threads, dimensions)
        return session if candidate.provider == CPU else Pretending(session, candidate.provider)

    monkeypatch.setattr(sessions, "make_onnx_session", pretend)
    model = EncoderDecoder(Store(models).open("math"), DEVICES[3][0])
    assert [graph.provider for graph in model.graphs] == [CUDA, CUDA]
    model.leave_devices("the card is gone")
    assert [graph.provider for graph in model.graphs] == [CPU, CPU]
