"""Toggles, states, sharing and unloading, with small models and a clock of our own; memory, with a large one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from scipix.errors import BackendUnavailable, Cancelled, FeatureDisabled, ModelCorrupt, ModelMissing, UsageError
from scipix.inference.cancel import Cancel
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.features import FEATURES, FeatureOptions, Features, FeatureStatus, State
from scipix.inference.manifest import Model, update
from scipix.inference.store import Store, Verified
from tests.inference.onnx_writer import write_table
from tests.inference.tiny import PLAIN_CPU, TABLES, make_ink, make_models

ENTRY = """
[[model]]
id = "{id}"
feature = "{feature}"
precision = "fp32"
license = "Apache-2.0"
card = "cards/{id}.md"
min_app = "0.1.0"
[[model.file]]
role = "table"
path = "weights/{file}.onnx"
"""


class Fake:
    """A model that says where it is."""

    provider = "cpu"

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


class World:
    """Models of one table each for some features, and what was loaded of them."""

    def __init__(self, folder: Path, files: dict[str, str], **options: object) -> None:
        """files: feature -> name of its file; the same name for the same weights."""
        text = "schema = 1" + "".join(ENTRY.format(id=f"{name}-v1", feature=name, file=files[name]) for name in files)
        folder.mkdir()
        (folder / "manifest.toml").write_text(text, encoding="utf-8")
        for place, file in enumerate(sorted(set(files.values()))):
            write_table(folder / "weights" / f"{file}.onnx", np.full((2, 2), place, dtype=np.float32))
        for name in files:
            update(folder / "manifest.toml", f"{name}-v1")
        self.folder = folder
        self.now, self.held, self.weight = 0.0, 100_000, 50_000
        self.made: list[tuple[str, Fake]] = []
        self.fault: Exception | None = None
        loaders = dict.fromkeys(FEATURES, self.load)
        chosen = FeatureOptions(**options)  # type: ignore[arg-type]
        self.features = Features(Store(folder), loaders, chosen, lambda: self.now, lambda: self.held)

    def load(self, verified: Verified) -> Fake:
        if self.fault is not None:
            raise self.fault
        model = Fake()
        self.held += self.weight
        self.made.append((verified.model.id, model))
        close = model.close

        def give_up() -> None:
            self.held -= self.weight
            close()

        model.close = give_up  # type: ignore[method-assign]
        return model

    def status(self, feature: str) -> FeatureStatus:
        return next(status for status in self.features.statuses() if status.feature == feature)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "models", {"math": "a", "text": "b", "tables": "b"})


def test_loads_on_first_use_and_once(world: World) -> None:
    assert world.status("math").state is State.UNLOADED
    with world.features.using("math") as one, world.features.using("math") as two:
        assert one is two is world.made[0][1]
    assert world.features.load("math") == 0.0
    assert len(world.made) == 1
    status = world.status("math")
    assert (status.state, status.provider, status.memory) == (State.READY, "cpu", 50_000)
    assert status.size == (world.folder / "weights" / "a.onnx").stat().st_size
    assert (status.model, status.precision, status.license) == ("math-v1", "fp32", "Apache-2.0")
    world.features.ran("math", 12.5)
    assert world.status("math").last_ms == 12.5


def test_who_has_no_model_says_so(world: World, tmp_path: Path) -> None:
    assert [status.feature for status in world.features.statuses()] == list(FEATURES)
    status = world.status("handwriting")
    assert (status.state, status.reason) == (State.NOT_INSTALLED, "no model is installed")
    with pytest.raises(ModelMissing):
        world.features.load("handwriting")
    assert world.status("handwriting").state is State.NOT_INSTALLED
    (world.folder / "weights" / "a.onnx").unlink()
    assert world.status("math").reason == "weights/a.onnx is missing"
    bare = Features(Store(tmp_path / "nothing"), {})
    assert {status.state for status in bare.statuses()} == {State.NOT_INSTALLED}
    assert "manifest" in bare.statuses()[0].reason


def test_a_model_that_nothing_here_can_use(world: World) -> None:
    features = Features(Store(world.folder), {"math": world.load})
    assert features.statuses()[1].state is State.UNSUPPORTED
    with pytest.raises(UsageError, match="text-v1"):
        features.load("text")


def test_what_is_switched_off_is_freed_and_refused(world: World) -> None:
    world.features.load("math")
    world.features.configure(FeatureOptions(frozenset({"text"})))
    assert world.made[0][1].closed
    assert world.status("math").state is State.OFF
    assert not world.status("math").enabled
    with pytest.raises(FeatureDisabled, match="Settings > Models") as caught, world.features.using("math"):
        pass
    assert (caught.value.code, caught.value.feature, int(caught.value.exit_code)) == ("feature-disabled", "math", 4)
    world.features.configure(FeatureOptions())
    assert world.status("math").state is State.UNLOADED
    with pytest.raises(UsageError, match="colors"):
        world.features.load("colors")


def test_the_same_weights_are_loaded_once_and_leave_with_the_last(world: World) -> None:
    world.features.load("text")
    world.features.load("tables")
    assert [made[0] for made in world.made] == ["text-v1"]
    model = world.made[0][1]
    assert world.features.unload("text")
    assert not model.closed
    assert (world.status("text").state, world.status("tables").state) == (State.UNLOADED, State.READY)
    assert world.features.unload("tables")
    assert model.closed
    assert not world.features.unload("tables")
    assert not world.features.loaded


def test_another_way_to_load_unloads_what_is_there(world: World, tmp_path: Path) -> None:
    world.features.load("math")
    other = World(tmp_path / "other", {"math": "a"})
    world.features.bind(Store(other.folder), {"math": other.load})
    assert world.made[0][1].closed
    assert (world.status("math").state, world.status("text").state) == (State.UNLOADED, State.NOT_INSTALLED)
    world.features.load("math")
    assert (len(world.made), len(other.made)) == (1, 1)


def test_what_rests_is_unloaded(tmp_path: Path) -> None:
    world = World(tmp_path / "models", {"math": "a", "text": "b"}, idle_seconds=60)
    world.features.load("math")
    world.now = 50
    with world.features.using("text"):
        world.now = 70
        assert world.features.tidy() == 1
        assert (world.status("math").state, world.status("text").state) == (State.UNLOADED, State.READY)
        world.now = 200
        assert world.features.tidy() == 0  # in use
    world.now = 259
    assert world.features.tidy() == 0  # rested since 200
    world.now = 260
    assert world.features.tidy() == 1


def test_never_idle_when_the_time_is_zero(world: World) -> None:
    world.features.load("math")
    world.now = 1e9
    assert world.features.tidy() == 0


def test_near_the_ceiling_the_longest_unused_goes(tmp_path: Path) -> None:
    world = World(tmp_path / "models", {"math": "a", "text": "b", "layout": "c"}, ceiling=250_000)
    for now, name in enumerate(("math", "text")):
        world.now = now
        world.features.load(name)
    assert world.held == 200_000
    assert world.features.tidy() == 0
    world.held += 25_000  # 90 % of the ceiling
    assert world.features.tidy() == 1
    assert (world.status("math").state, world.status("text").state) == (State.UNLOADED, State.READY)
    world.held += 60_000
    world.features.load("layout")  # makes room first
    assert (world.status("text").state, world.status("layout").state) == (State.UNLOADED, State.READY)


class Growing(dict[str, Model]):
    """Another thread adds an entry whenever somebody goes through it."""

    def items(self) -> Iterator[tuple[str, Model]]:  # type: ignore[override]
        for name, model in super().items():
            yield name, model
            self["tables"] = model


def test_statuses_can_be_asked_for_while_another_thread_loads(world: World) -> None:
    world.features.load("math")
    world.features._chosen = Growing(world.features._chosen)
    assert world.status("math").state is State.READY


def test_what_is_in_use_goes_when_its_user_has_done(world: World) -> None:
    with world.features.using("math") as model:
        world.features.configure(FeatureOptions(frozenset()))
        assert not model.closed
        with pytest.raises(FeatureDisabled), world.features.using("math"):
            pass
    assert model.closed
    assert not world.features.loaded


def test_a_failure_is_told_and_tried_again(world: World) -> None:
    world.fault = BackendUnavailable("no provider works")
    with pytest.raises(BackendUnavailable):
        world.features.load("math")
    status = world.status("math")
    assert (status.state, status.reason) == (State.FAILED, "no provider works")
    world.fault = None
    world.features.load("math")
    assert (world.status("math").state, world.status("math").reason) == (State.READY, "")


def test_a_damaged_file_is_a_failure(world: World) -> None:
    file = world.folder / "weights" / "a.onnx"
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    with pytest.raises(ModelCorrupt):
        world.features.load("math")
    assert world.status("math").state is State.FAILED


def test_loading_can_be_stopped(world: World) -> None:
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        world.features.load("math", cancel)
    assert world.made == []
    assert world.status("math").state is State.UNLOADED


def test_every_change_is_told_from_the_thread_that_makes_it(world: World) -> None:
    seen: list[tuple[State, str, int]] = []

    def note() -> None:
        status = world.status("math")
        seen.append((status.state, status.reason, threading.get_ident()))

    world.features.listen(note)
    thread = threading.Thread(target=lambda: world.features.load("math"))
    thread.start()
    thread.join()
    assert [entry[:2] for entry in seen] == [
        (State.LOADING, "checking its files"),
        (State.LOADING, "loading"),
        (State.READY, ""),
    ]
    assert {entry[2] for entry in seen} == {thread.ident}
    world.features.unload("math")
    assert seen[-1][:2] == (State.UNLOADED, "")


def test_many_threads_share_one_model_while_another_unloads_it(world: World) -> None:
    """Whoever uses a model never sees it closed, and every model that was made is closed in the end."""
    faults: list[str] = []

    def work() -> None:
        for _ in range(200):
            with world.features.using("math") as model:
                if model.closed:
                    faults.append("closed while in use")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        world.features.unload("math")
    for thread in threads:
        thread.join()
    world.features.close()
    assert faults == []
    assert all(made[1].closed for made in world.made)
    assert world.held == 100_000


def test_a_real_model_loads_runs_and_leaves(tmp_path: Path) -> None:
    store = Store(make_models(tmp_path / "models"))
    mapped = tmp_path / "mapped"
    features = Features(
        store, {"math": lambda verified: EncoderDecoder(verified, PLAIN_CPU, tables=TABLES, mapped=mapped)}
    )
    with features.using("math") as model:
        first = model.decoder.decode(model.encode(make_ink(1))).tokens
    features.close()
    with pytest.raises(BackendUnavailable):
        model.encode(make_ink(1))
    with features.using("math") as model:
        assert model.decoder.decode(model.encode(make_ink(1))).tokens == first
    features.close()


CHILD = """
import json, sys
from pathlib import Path
from scipix.inference.features import FeatureOptions, Features
from scipix.inference.mapped import Mapped
from scipix.inference.memory import give_back, resident_bytes
from scipix.inference.providers import CPU, Candidate, Choice
from scipix.inference.sessions import Graph
from scipix.inference.store import Store
from tests.inference.tiny import PLAIN_CPU
import numpy as np

models, mapped = Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2] else None

class Table:
    provider = "cpu"
    def __init__(self, verified):
        path = verified.path("table")
        make = Mapped(mapped, PLAIN_CPU).maker(verified.digest("table")) if mapped else None
        self.graph = Graph("t", path, Choice((Candidate(CPU),), 1, ""), make_session=make)
        self.close = self.graph.close

features = Features(Store(models), dict.fromkeys(("text", "layout"), lambda verified: Table(verified)))
figures = []
features.load("layout")  # a small one: whatever is made once is made now
for _ in range(3):
    with features.using("text") as table:
        every = np.arange(0, 4096, dtype=np.int64)
        table.graph.run({"index": every})  # touches every page of a mapped file
    loaded = resident_bytes()
    features.configure(FeatureOptions(frozenset({"layout"})))
    figures.append((loaded, resident_bytes()))
    features.configure(FeatureOptions())
print(json.dumps(figures))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps freed pages in the working set")
@pytest.mark.parametrize("mapped", [False, True])
def test_switching_off_frees_the_memory(tmp_path: Path, mapped: bool) -> None:
    world = World(tmp_path / "models", {"text": "big", "layout": "small"})
    table = np.random.default_rng(0).random((4096, 4096), dtype=np.float32)  # 64 MiB
    size = write_table(world.folder / "weights" / "big.onnx", table).stat().st_size
    update(world.folder / "manifest.toml", "text-v1")
    cache = str(tmp_path / "mapped") if mapped else ""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(world.folder), cache],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    for loaded, freed in json.loads(done.stdout):
        assert loaded - freed > 0.7 * size
