from dataclasses import dataclass, field, replace
from pathlib import Path

import PIL.Image
import pytest
from PySide6.QtWidgets import QApplication

from scipix.gui.application import Application
from scipix.inference.ledger import Ledger, sessions
from scipix.settings import Settings
from tests.gui import fakes


@dataclass
class World:
    """The app with a ledger of its own."""

    folder: Path
    saved: list[Settings] = field(default_factory=list)
    app: Application | None = None

    def start(self, settings: Settings | None = None) -> Application:
        qt = QApplication.instance()
        assert isinstance(qt, QApplication)
        given = (fakes.FakeRecognizer(), fakes.FakeClipboard(), fakes.FakeHotkeys(), fakes.FakeGrabber())
        parts = replace(fakes.parts(*given, settings=settings, saved=self.saved), ledger=Ledger(self.folder))
        self.app = Application(qt, parts)
        self.app.start()
        return self.app


@pytest.fixture
def world(qapp, tmp_path):
    world = World(tmp_path)
    yield world
    if world.app is not None:
        world.app.close()
    qapp.setStyleSheet("")


def test_off_until_wanted_and_then_remembered(world):
    app = world.start()
    assert app.watch.dock is None
    app.window.commands["latency"].trigger()
    assert app.watch.dock.isVisible()
    assert app.window.commands["latency"].isChecked()
    assert world.saved[-1].appearance.latency
    app.watch.dock._close.click()
    assert not app.watch.dock.isVisible()
    assert not app.window.commands["latency"].isChecked()
    assert not world.saved[-1].appearance.latency
    app.window.commands["latency"].trigger()
    assert app.watch.dock.isVisible()


def test_shown_at_the_start_when_it_was_left_so(world):
    app = world.start(Settings().with_latency(True))
    assert app.watch.dock.isVisible()
    app.window.close()
    assert app.watch.dock is not None
    assert world.saved == []  # closing the window is no wish to hide it


def test_reading_shows_and_is_written(world, qtbot):
    app = world.start(Settings().with_latency(True))
    path = world.folder / "a.png"
    PIL.Image.new("RGB", (20, 10), "white").save(path)
    app.desk.take([path])
    qtbot.waitUntil(lambda: not app.reader.busy and app.jobs.pending == 0)
    app.watch.dock.refresh()  # as its timer does
    assert app.watch.dock.table.text(0, 7) == "1"  # waiting
    assert app.watch.dock.table.text(2, 7) == "1"  # opening the file
    app.close()
    (session,) = sessions(world.folder)
    assert session.stages["queue"].count == session.stages["image"].count == 1


def test_a_change_in_the_settings_does_not_hide_what_was_shown_meanwhile(world):
    app = world.start()
    dialog = app.show_settings()
    app.window.commands["latency"].trigger()
    dialog._set("appearance", font_size=14)
    assert world.saved[-1].appearance.latency
    assert world.saved[-1].appearance.font_size == 14
    assert app.watch.dock.isVisible()


def test_it_squeezes_nothing_in_a_small_window(world, qapp):
    app = world.start(Settings().with_latency(True))
    window = app.window
    qapp.processEvents()
    window.resize(1, 1)
    qapp.processEvents()
    body = window.centralWidget()
    assert body.height() >= body.minimumSizeHint().height()
    assert app.watch.dock.height() >= app.watch.dock.minimumSizeHint().height()
    assert body.width() >= 760
