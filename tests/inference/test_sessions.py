"""Graphs that fall back to the CPU, by stand-ins for onnxruntime; and real ones."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from scipix.errors import BackendUnavailable, ModelCorrupt
from scipix.inference import sessions
from scipix.inference.cancel import Cancel
from scipix.inference.providers import COREML, CPU, CUDA, DIRECTML, TENSORRT, Candidate, Choice, candidate_for
from scipix.inference.sessions import Graph

DATA = Path(__file__).parent / "data"
ON_CPU = Choice((Candidate(CPU),), 1, "")
CUDA_FIRST = Choice((Candidate(CUDA), Candidate(CPU)), 2, "")


class FakeSession:
    """What Graph uses of an InferenceSession: adds to its input; `failures` runs fail."""

    def __init__(self, providers: list[str], failures: int = 0, adds: float = 1) -> None:
        self.providers, self.failures, self.adds = providers, failures, adds

    def get_providers(self) -> list[str]:
        return self.providers

    def get_modelmeta(self) -> SimpleNamespace:
        return SimpleNamespace(custom_metadata_map={})

    def get_inputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="x", shape=["n"])]

    def get_outputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="y", shape=["n"])]

    def run(self, names, feeds, options=None):
        if self.failures:
            self.failures -= 1
            raise sessions.run_faults()[0]("the card is gone")
        return [feeds["x"] + self.adds]


def graph_with(make, choice: Choice = CUDA_FIRST, on_fault=None) -> Graph:
    stand_in = lambda path, candidate, threads, axes: make(candidate)  # noqa: E731
    return Graph("m", Path("m.onnx"), choice, make_session=stand_in, on_fault=on_fault)


def test_takes_the_first_provider_that_starts() -> None:
    graph = graph_with(lambda candidate: FakeSession([candidate.provider, CPU]))
    assert (graph.provider, graph.fallbacks) == (CUDA, ())


def test_notices_that_it_silently_got_the_cpu() -> None:
    graph = graph_with(lambda candidate: FakeSession([CPU]))
    assert graph.provider == CPU
    assert len(graph.fallbacks) == 1
    assert CUDA in graph.fallbacks[0]


def test_a_provider_that_cannot_load_the_model_is_skipped_with_the_reason() -> None:
    def make(candidate: Candidate) -> FakeSession:
        if candidate.provider != CPU:
            raise RuntimeError("no such device")
        return FakeSession([CPU])

    graph = graph_with(make, Choice((Candidate(CUDA), Candidate(DIRECTML), Candidate(CPU)), 1, ""))
    assert graph.provider == CPU
    assert [note.split(":")[0] for note in graph.fallbacks] == [CUDA, DIRECTML]
    assert "no such device" in graph.fallbacks[0]


def test_a_run_that_fails_elsewhere_moves_to_the_cpu() -> None:
    graph = graph_with(lambda candidate: FakeSession([candidate.provider, CPU], int(candidate.provider == CUDA)))
    assert graph.run({"x": np.ones(2)})["y"].tolist() == [2, 2]
    assert graph.provider == CPU
    assert "the card is gone" in graph.fallbacks[0]


def test_whoever_listens_is_told_once() -> None:
    told: list[tuple[str, str]] = []
    graph = graph_with(
        lambda candidate: FakeSession([candidate.provider, CPU], int(candidate.provider == CUDA)),
        on_fault=lambda provider, reason: told.append((provider, reason)),
    )
    for _ in range(3):
        graph.run({"x": np.ones(2)})
    assert told == [(CUDA, "it failed to run: the card is gone")]


@pytest.mark.parametrize(("adds", "what"), [(np.nan, "y is not finite"), (1.5, "y is off by 0.5")])
def test_other_results_than_the_cpus_are_not_given(adds: float, what: str) -> None:
    graph = graph_with(
        lambda candidate: FakeSession([candidate.provider, CPU], adds=adds if candidate.provider == CUDA else 1)
    )
    assert graph.run({"x": np.ones(2)})["y"].tolist() == [2, 2]
    assert graph.provider == CPU
    assert what in graph.fallbacks[0]


def test_results_are_compared_with_the_cpus_every_so_often_and_always_looked_at() -> None:
    made: dict[str, list[FakeSession]] = {CUDA: [], CPU: []}

    def make(candidate: Candidate) -> FakeSession:
        made[candidate.provider].append(FakeSession([candidate.provider, CPU]))
        return made[candidate.provider][-1]

    graph = graph_with(make)
    for _ in range(sessions._AUDIT_EVERY + 1):
        graph.run({"x": np.ones(2)})
    assert len(made[CPU]) == 2
    made[CUDA][0].adds = np.inf
    assert np.isfinite(graph.run({"x": np.ones(2)})["y"]).all()
    assert graph.provider == CPU


def test_an_attempt_stays_where_it_is() -> None:
    graph = graph_with(lambda candidate: FakeSession([candidate.provider, CPU], int(candidate.provider == CUDA)))
    with pytest.raises(BackendUnavailable, match="the card is gone"):
        graph.attempt({"x": np.ones(2)})
    assert graph.provider == CUDA
    assert graph.attempt({"x": np.ones(2)})["y"].tolist() == [2, 2]


def test_a_run_that_fails_on_the_cpu_is_an_error() -> None:
    graph = graph_with(lambda candidate: FakeSession([CPU], 9), ON_CPU)
    with pytest.raises(BackendUnavailable, match="the card is gone"):
        graph.run({"x": np.ones(2)})


@pytest.mark.parametrize("content", [b"", b"not a model", (DATA / "encoder.onnx").read_bytes()[:5000]])
def test_a_file_that_is_no_graph_is_corrupt(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.onnx").write_bytes(content)
    with pytest.raises(ModelCorrupt):
        Graph("m", tmp_path / "m.onnx", ON_CPU)


def test_a_real_graph_runs_with_and_without_cancel() -> None:
    graph = Graph("tiny", DATA / "encoder.onnx", ON_CPU)
    feeds = {"ink": np.zeros((1, 1, 32, 64), dtype=np.float32)}
    assert graph.metadata["scipix.stride"] == "8"
    assert graph.run(feeds, outputs=["boxes"])["boxes"].shape == (1, 32, 4)
    assert graph.run(feeds, Cancel()).keys() == set(graph.outputs)
    graph.close()
    with pytest.raises(BackendUnavailable, match="closed"):
        graph.run(feeds)


def test_onnxruntime_may_not_fall_back_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own fallback writes to standard output, where only results belong."""
    import onnxruntime

    given: dict[str, object] = {}
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda path, options, **others: given.update(others))
    sessions.make_onnx_session(DATA / "encoder.onnx", Candidate(CUDA), 2, {})
    assert given["enable_fallback"] == 0
    assert given["providers"] == [(CUDA, {}), CPU]
    sessions.make_onnx_session(DATA / "encoder.onnx", candidate_for(TENSORRT), 2, {})
    assert given["providers"] == [(TENSORRT, {}), CUDA, CPU]


def test_what_directml_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """One session at a time, one operator after the other, no memory patterns."""
    import onnxruntime

    given = []
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda path, options, **others: given.append(options))
    sessions.make_onnx_session(DATA / "encoder.onnx", candidate_for(DIRECTML), 2, {})
    assert not given[0].enable_mem_pattern
    assert given[0].execution_mode == onnxruntime.ExecutionMode.ORT_SEQUENTIAL


def test_sessions_that_want_to_be_alone_wait_for_each_other() -> None:
    inside, most = [0], [0]

    class Slow(FakeSession):
        def run(self, names, feeds, options=None):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.01)
            inside[0] -= 1
            return super().run(names, feeds, options)

    choice = Choice((Candidate(DIRECTML, alone=True), Candidate(CPU)), 1, "")
    graphs = [
        graph_with(lambda item: (Slow if item.provider == DIRECTML else FakeSession)([item.provider, CPU]), choice)
        for _ in range(4)
    ]
    threads = [threading.Thread(target=graph.run, args=({"x": np.ones(2)},)) for graph in graphs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_what_providers_compile_is_kept_by_shape(tmp_path: Path) -> None:
    coreml = replace(candidate_for(COREML), compiled=str(tmp_path / "model"))
    small = sessions.provider_options(coreml, {"height": 64, "width": 128})["ModelCacheDirectory"]
    large = sessions.provider_options(coreml, {"height": 128, "width": 128})["ModelCacheDirectory"]
    assert small != large
    assert {Path(small).parent, Path(large).parent} == {tmp_path / "model"}
    assert Path(small).is_dir()
    tensorrt = sessions.provider_options(replace(candidate_for(TENSORRT), compiled=str(tmp_path)), {})
    assert tensorrt["trt_engine_cache_enable"] == "1"
    assert "ModelCacheDirectory" not in sessions.provider_options(candidate_for(COREML), {})
    (tmp_path / "file").write_text("")
    blocked = sessions.provider_options(replace(coreml, compiled=str(tmp_path / "file" / "x")), {})
    assert blocked == dict(coreml.options)


def test_a_session_by_devices_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a plug-in's would, with the devices of the CPU, which is there on every computer."""
    import onnxruntime

    devices = [item for item in onnxruntime.get_ep_devices() if item.ep_name == CPU]
    monkeypatch.setattr(sessions, "register", lambda runtime, provider, library: devices[:1])
    session = sessions.make_onnx_session(DATA / "encoder.onnx", Candidate(CPU, library="/lib/x.so"), 1, {})
    assert CPU in session.get_providers()
    feeds = {"ink": np.zeros((1, 1, 32, 64), dtype=np.float32)}
    assert session.run(["boxes"], feeds)[0].shape == (1, 32, 4)


def test_options_of_a_real_session() -> None:
    session = sessions.make_onnx_session(DATA / "encoder.onnx", Candidate(CPU), 2, {})
    options = session.get_session_options()
    assert (options.intra_op_num_threads, options.enable_cpu_mem_arena) == (2, False)
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"


@pytest.mark.filterwarnings("ignore:Specified provider")  # Graph is only given what the machine offers
def test_a_missing_provider_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    graph = Graph("tiny", DATA / "encoder.onnx", CUDA_FIRST)
    assert graph.provider == CPU
    assert capfd.readouterr().out == ""


def test_no_telemetry_and_no_import_before_it_is_needed(tmp_path: Path) -> None:
    """Without the variable, 1.31 writes .cache/Microsoft/DeveloperTools/.onnxruntime as soon as a session is made."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom scipix.inference.sessions import Graph\n"
        "from scipix.inference.providers import Candidate, Choice, CPU\n"
        "assert 'onnxruntime' not in sys.modules\n"
        f"Graph('tiny', Path({str(DATA / 'encoder.onnx')!r}), Choice((Candidate(CPU),), 1, ''))\n"
    )
    home = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    paths = [str(Path(sessions.__file__).parents[2])]
    subprocess.run([sys.executable, "-c", code], env={**home, "PYTHONPATH": paths[0]}, check=True, timeout=120)
    assert list(tmp_path.rglob("*")) == []
