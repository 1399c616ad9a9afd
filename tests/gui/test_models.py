"""The models of the app: loaded in the work lane, as the settings say."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from scipix.errors import ModelCorrupt
from scipix.gui.jobs import Jobs, Lane
from scipix.gui.models import Models, options_of
from scipix.gui.reader import Engine
from scipix.inference.features import FEATURES, Features, State
from scipix.inference.memory import memory_bytes
from scipix.inference.store import Store
from scipix.settings import FeatureSettings, ModelSettings, Settings
from tests.fakes import FakeModel
from tests.gui.fakes import FakeRecognizer
from tests.inference.tiny import make_models


class Loader(FakeRecognizer):
    """Loads through features, as the pipeline does."""

    def __init__(self, features: Features) -> None:
        super().__init__()
        self.features = features

    def load(self, feature, cancel=None) -> float:
        return self.features.load(feature, cancel)


@pytest.fixture
def world(qtbot, tmp_path):
    world = World(make_models(tmp_path / "models"))
    yield world
    world.models.close()
    world.jobs.close(world.features.close)


class World:
    def __init__(self, folder) -> None:
        self.made: list[FakeModel] = []
        self.threads: set[int] = set()
        self.fault: Exception | None = None
        self.now = 0.0
        self.features = Features(Store(folder), {"math": self.make}, clock=lambda: self.now)
        self.jobs = Jobs()
        self.settings = Settings()
        self.models = Models(self.jobs, Engine(lambda: Loader(self.features)), self.features, self.settings)
        self.told: list[State] = []
        self.models.changed.connect(lambda: self.told.append(self.state))

    def make(self, verified) -> FakeModel:
        self.threads.add(threading.get_ident())
        if self.fault is not None:
            raise self.fault
        self.made.append(FakeModel())
        return self.made[-1]

    def change(self, **groups) -> None:
        self.settings = replace(self.settings, **groups)
        self.models.use(self.settings)

    @property
    def state(self) -> State:
        return self.models.statuses()[0].state


def test_loads_and_unloads_in_the_work_thread_and_tells(world, qtbot):
    world.models.load("math")
    qtbot.waitUntil(lambda: world.told[-1:] == [State.READY], timeout=30_000)
    assert world.threads != {threading.get_ident()}
    world.models.unload("math")
    qtbot.waitUntil(lambda: world.told[-1] is State.UNLOADED and world.jobs.pending == 0, timeout=30_000)
    assert world.made[0].closed


def test_switching_off_frees_and_switching_on_loads(world, qtbot):
    world.models.load("math")
    qtbot.waitUntil(lambda: world.state is State.READY, timeout=30_000)
    world.change(features=FeatureSettings(math=False))
    qtbot.waitUntil(lambda: world.state is State.OFF and world.made[0].closed, timeout=30_000)
    world.change(features=FeatureSettings(math=True))
    qtbot.waitUntil(lambda: world.state is State.READY, timeout=30_000)
    assert len(world.made) == 2
    world.change(features=FeatureSettings(math=True, text=False))  # nothing is installed for it
    world.change(features=FeatureSettings())
    qtbot.waitUntil(lambda: world.jobs.pending == 0, timeout=30_000)
    assert len(world.made) == 2


def test_off_and_on_again_before_the_work_thread_had_time(world, qtbot):
    world.models.load("math")
    qtbot.waitUntil(lambda: world.state is State.READY, timeout=30_000)
    busy = threading.Event()
    world.jobs.submit(Lane.WORK, lambda cancel: busy.wait(30))
    world.change(features=FeatureSettings(math=False))
    world.change(features=FeatureSettings(math=True))
    busy.set()
    qtbot.waitUntil(lambda: world.jobs.pending == 0, timeout=30_000)
    assert world.state is State.READY
    assert len(world.made) == 2


def test_a_model_that_fails_says_why(world, qtbot):
    world.fault = ModelCorrupt("tiny-v1", "encoder.onnx", "it is damaged")
    world.models.load("math")
    qtbot.waitUntil(lambda: world.state is State.FAILED, timeout=30_000)
    assert "it is damaged" in world.models.statuses()[0].reason


def test_what_rests_goes(world, qtbot):
    world.models.load("math")
    qtbot.waitUntil(lambda: world.state is State.READY, timeout=30_000)
    world.now = 15 * 60 - 1
    world.models.tidy()
    qtbot.waitUntil(lambda: world.jobs.pending == 0, timeout=30_000)
    assert world.state is State.READY
    world.now += 1
    world.models.tidy()
    qtbot.waitUntil(lambda: world.state is State.UNLOADED and world.jobs.pending == 0, timeout=30_000)
    world.models.tidy()
    assert world.jobs.pending == 0  # nothing is loaded: nothing to do


def test_the_options_are_those_of_the_settings():
    options = options_of(Settings())
    assert (options.enabled, options.idle_seconds, options.ceiling) == (set(FEATURES), 900, memory_bytes() // 2)
    options = options_of(Settings(features=FeatureSettings(math=False), models=ModelSettings(0, 512)))
    assert (options.idle_seconds, options.ceiling) == (0, 512_000_000)
    assert "math" not in options.enabled
