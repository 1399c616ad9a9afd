from __future__ import annotations

import sys
import threading
from collections.abc import Generator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QApplication

from scipix.gui import tuner
from scipix.gui.application import Application
from scipix.gui.widgets.banner import Level
from scipix.inference.calibration import Measured
from scipix.inference.ledger import Ledger
from scipix.inference.trial import Trial, run_apart
from scipix.inference.verdicts import Decision, Tried
from scipix.settings import Settings
from tests.gui import fakes

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


class FakeCalibrator:
    """Two graphs are due; measuring one takes until `hold` is set. Counts what was measured and what was stopped."""

    def __init__(self) -> None:
        self.left = ["encoder", "decoder"]
        self.hold = threading.Event()
        self.begun = threading.Event()
        self.stopped = 0
        self.problem = ""
        self.error: Exception | None = None

    def due(self):
        if self.error is not None:
            raise self.error
        return [(SimpleNamespace(id="m", precision="int8"), role) for role in self.left]

    def run(self, graphs, cancel) -> Generator[Measured]:
        for model, role in graphs:
            self.begun.set()
            try:
                while not self.hold.wait(0.002):
                    cancel.raise_if_set()
            except Exception:
                self.stopped += 1
                raise
            self.left.remove(role)
            tried = (Tried(CPU, 1, 5.0, ""), Tried(CUDA, 1, 0.0, self.problem))
            yield Measured(model, role, Decision(CPU, 1, tried))


@pytest.fixture
def world(qapp, tmp_path, monkeypatch):
    monkeypatch.setattr(tuner, "WAIT_MS", 20)
    world = SimpleNamespace(
        calibrator=FakeCalibrator(),
        recognizer=fakes.FakeRecognizer(),
        made=0,
        saved=[],
        ledger=Ledger(tmp_path),
        app=None,
    )

    def make_recognizer(chosen):
        world.made += 1
        return world.recognizer

    def start(settings: Settings | None = None) -> Application:
        qt = QApplication.instance()
        assert isinstance(qt, QApplication)
        given = (world.recognizer, fakes.FakeClipboard(), fakes.FakeHotkeys(), fakes.FakeGrabber())
        parts = fakes.parts(*given, settings=settings, saved=world.saved)
        world.app = Application(
            qt,
            replace(
                parts, make_calibrator=lambda: world.calibrator, make_recognizer=make_recognizer, ledger=world.ledger
            ),
        )
        world.app.start()
        return world.app

    world.start = start
    yield world
    world.calibrator.hold.set()
    if world.app is not None:
        world.app.close()
    qapp.setStyleSheet("")


def messages(app: Application) -> list[tuple[Level, str]]:
    return [(message.level, message.text) for message in app.window.banners.messages()]


def test_an_idle_app_measures_once_and_uses_what_it_found(world, qtbot):
    app = world.start()
    world.calibrator.hold.set()
    with qtbot.waitSignal(app.tuner.measured):
        pass
    assert world.calibrator.left == []
    qtbot.waitUntil(lambda: app.jobs.pending == 0)
    assert world.made == 2  # at the start, and anew
    assert messages(app) == []
    app.tuner.rest()
    assert not app.tuner._timer.isActive()


def test_a_job_of_the_user_stops_it_and_it_goes_on_later(world, qtbot):
    app = world.start()
    qtbot.waitUntil(world.calibrator.begun.is_set)
    app.desk.take([fakes.image()])
    qtbot.waitUntil(lambda: world.recognizer.seen == ["screen"])
    qtbot.waitUntil(lambda: world.calibrator.stopped == 1)
    world.calibrator.hold.set()
    qtbot.waitUntil(lambda: world.calibrator.left == [])


@pytest.mark.parametrize("command", ["copy", "snip", "latency"])
def test_a_command_stops_it(world, qtbot, command):
    app = world.start()
    qtbot.waitUntil(world.calibrator.begun.is_set)
    app.run(command)
    qtbot.waitUntil(lambda: world.calibrator.stopped == 1)
    app.session.cancel()


def test_it_does_not_begin_while_something_is_read(world, qtbot):
    world.recognizer.hold.clear()
    app = world.start()
    app.desk.take([fakes.image()])
    qtbot.waitUntil(lambda: world.recognizer.seen == ["screen"])
    qtbot.wait(100)
    assert not world.calibrator.begun.is_set()
    world.recognizer.hold.set()
    qtbot.waitUntil(world.calibrator.begun.is_set)


def test_it_can_be_switched_off_and_on(world, qtbot):
    off = replace(Settings(), recognition=replace(Settings().recognition, calibrate=False))
    app = world.start(off)
    qtbot.wait(100)
    assert not world.calibrator.begun.is_set()
    dialog = app.show_settings("Recognition")
    dialog._set("recognition", calibrate=True)
    assert world.saved[-1].recognition.calibrate
    qtbot.waitUntil(world.calibrator.begun.is_set)
    dialog._set("recognition", calibrate=False)
    qtbot.waitUntil(lambda: world.calibrator.stopped == 1)
    qtbot.wait(60)
    assert not app.tuner.busy


def test_a_provider_that_dies_is_said_once_quietly(world, qtbot):
    world.calibrator.problem = "its process ended with -11"
    world.calibrator.hold.set()
    app = world.start()
    qtbot.waitUntil(lambda: bool(messages(app)))
    assert messages(app) == [(Level.INFO, "cuda is not used here: its process ended with -11.")]
    assert world.ledger.session().notes == ("cuda is not used here: its process ended with -11.",)


def test_what_cannot_be_measured_is_left_at_that(world, qtbot):
    world.calibrator.error = OSError("no space")
    app = world.start()
    qtbot.waitUntil(lambda: app.tuner._done)
    assert messages(app) == []


def test_closing_the_app_ends_it(world, qtbot):
    app = world.start()
    qtbot.waitUntil(world.calibrator.begun.is_set)
    app.close()
    assert world.calibrator.stopped == 1


def test_a_failure_while_reading_is_a_quiet_banner(world, qtbot):
    app = world.start(replace(Settings(), recognition=replace(Settings().recognition, calibrate=False)))
    world.ledger.note("cuda is not used any more: the card is gone.")
    app.desk.take([fakes.image()])
    qtbot.waitUntil(lambda: messages(app) == [(Level.INFO, "cuda is not used any more: the card is gone.")])
    app.window.banners.dismiss("fallback-0")
    app.desk.take([fakes.image("again")])
    qtbot.waitUntil(lambda: world.recognizer.seen == ["screen", "again"])
    qtbot.waitUntil(lambda: app.jobs.pending == 0)
    assert messages(app) == []


def test_a_process_that_measures_is_killed_at_once(world, qtbot):
    """For real: a process that would sleep for minutes."""

    class Sleeps(FakeCalibrator):
        def run(self, graphs, cancel) -> Generator[Measured]:
            self.begun.set()
            run_apart(Trial("", "encoder", CPU, 1, ""), [sys.executable, "-c", "import time; time.sleep(600)"], cancel)
            yield from ()

    world.calibrator = Sleeps()
    app = world.start()
    qtbot.waitUntil(world.calibrator.begun.is_set)
    qtbot.wait(300)
    app.tuner.set_wanted(False)
    app.desk.take([fakes.image()])
    qtbot.waitUntil(lambda: not app.tuner.busy)
