"""From the first moment to the window: a snip comes first, and nothing that is asked for meanwhile is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from scipix.errors import CaptureError, SettingsError
from scipix.gui import launch, real_parts
from scipix.gui.capture import choose
from scipix.gui.capture.overlay import Overlay
from scipix.gui.capture.session import CaptureSession
from scipix.gui.convert import to_qimage
from scipix.gui.launch import Launch
from scipix.gui.parts import Early, Parts
from scipix.gui.wish import READY, Message
from scipix.paths import Paths, default_paths
from scipix.settings import CaptureSettings, Settings, save
from tests.gui import fakes

LEFT = Qt.MouseButton.LeftButton


@dataclass
class World:
    """The start of an app whose screen, model and clipboard are stand-ins."""

    paths: Paths
    launch: Launch
    grabber: fakes.FakeGrabber = field(default_factory=fakes.FakeGrabber)
    recognizer: fakes.FakeRecognizer = field(default_factory=fakes.FakeRecognizer)
    clipboard: fakes.FakeClipboard = field(default_factory=fakes.FakeClipboard)
    early: Early | None = None
    rest: threading.Event = field(default_factory=threading.Event)  # set: the rest is loaded

    def make_parts(self, paths: Paths, early: Early | None = None) -> Parts:
        self.early = early
        parts = fakes.parts(self.recognizer, self.clipboard, fakes.FakeHotkeys(), self.grabber)
        if early is None:
            return parts
        return replace(parts, settings=early.settings, jobs=early.jobs, session=early.session)

    @property
    def session(self) -> CaptureSession:
        assert self.launch.session is not None
        return self.launch.session

    def overlay(self, qtbot: QtBot) -> Overlay:
        qtbot.waitUntil(lambda: bool(self.session.overlays))
        return self.session.overlays[0]

    def drag(self, overlay: Overlay) -> None:
        QTest.mousePress(overlay, LEFT, pos=QPoint(100, 100))
        QTest.mouseMove(overlay, QPoint(200, 160))
        QTest.mouseRelease(overlay, LEFT, pos=QPoint(200, 160))

    def built(self, qtbot: QtBot) -> None:
        qtbot.waitUntil(lambda: self.launch.application is not None, timeout=60_000)


@pytest.fixture
def world(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    paths = default_paths({"HOME": str(tmp_path)}, "linux")
    world = World(paths, Launch(qapp, paths))
    font = qapp.font()
    monkeypatch.setattr(choose, "make_grabber", lambda choice, jobs: world.grabber)
    monkeypatch.setattr(real_parts, "make_parts", world.make_parts)
    monkeypatch.setattr(launch, "_import_the_rest", lambda *, cancel: world.rest.wait(60))
    world.rest.set()
    yield world
    world.rest.set()
    world.launch.close()
    qapp.setStyleSheet("")
    qapp.setFont(font)


def test_the_app_is_built_behind_the_frozen_screen_and_reads_what_is_framed_then(world: World, qtbot: QtBot) -> None:
    world.rest.clear()
    world.launch.begin(Message("snip"))
    overlay = world.overlay(qtbot)
    assert world.launch.application is None
    world.rest.set()
    world.built(qtbot)
    application = world.launch.application
    assert application is not None
    assert not application.window.isVisible()
    assert application.session is world.session
    world.drag(overlay)
    qtbot.waitUntil(lambda: world.clipboard.text == r"\frac{a}{b}")
    assert world.recognizer.seen == ["screen"]
    assert application.window.isVisible()


def test_a_box_drawn_before_the_rest_is_loaded_is_read_once_it_is(world: World, qtbot: QtBot) -> None:
    world.rest.clear()
    world.launch.begin(Message("snip"))
    overlay = world.overlay(qtbot)
    world.drag(overlay)
    qtbot.wait(50)
    assert world.launch.application is None
    assert not world.session.active
    world.rest.set()
    world.built(qtbot)
    qtbot.waitUntil(lambda: world.clipboard.text == r"\frac{a}{b}")
    assert world.recognizer.seen == ["screen"]


def test_the_pointer_is_not_held_up_while_a_box_is_drawn(world: World, qtbot: QtBot) -> None:
    world.rest.clear()
    world.launch.begin(Message("snip"))
    overlay = world.overlay(qtbot)
    QTest.mousePress(overlay, LEFT, pos=QPoint(100, 100))
    QTest.mouseMove(overlay, QPoint(180, 160))
    world.rest.set()
    qtbot.waitUntil(lambda: world.launch.loaded, timeout=60_000)
    qtbot.wait(50)
    assert world.launch.application is None
    QTest.mouseRelease(overlay, LEFT, pos=QPoint(180, 160))
    world.built(qtbot)
    qtbot.waitUntil(lambda: world.recognizer.seen == ["screen"])


@pytest.mark.parametrize("when", ["before it is built", "after"])
def test_giving_up_shows_the_window_and_the_welcome(world: World, qtbot: QtBot, when: str) -> None:
    world.rest.clear()
    world.launch.begin(Message("snip"))
    overlay = world.overlay(qtbot)
    if when == "after":
        world.rest.set()
        world.built(qtbot)
    QTest.keyClick(overlay, Qt.Key.Key_Escape)
    world.rest.set()
    world.built(qtbot)
    application = world.launch.application
    assert application is not None
    qtbot.waitUntil(application.window.isVisible)
    assert world.recognizer.seen == []
    assert application._dialog is not None


def test_a_screen_that_cannot_be_seen_is_told_of_in_the_window(world: World, qtbot: QtBot) -> None:
    world.grabber.error = CaptureError("The screen is kept from programs.")
    world.launch.begin(Message("snip"))
    world.built(qtbot)
    application = world.launch.application
    assert application is not None
    assert [message.text for message in application.window.banners.messages()] == ["The screen is kept from programs."]
    assert application.window.isVisible()


def test_what_others_ask_for_meanwhile_waits_and_is_done(world: World, qtbot: QtBot, tmp_path: Path) -> None:
    picture = tmp_path / "formula.png"
    assert to_qimage(fakes.image()).save(str(picture))
    world.rest.clear()
    world.launch.begin(Message("snip"))
    overlay = world.overlay(qtbot)
    world.launch.obey(Message(READY))
    world.launch.obey(Message("snip"))
    assert world.session.overlays == (overlay,)  # not another one
    world.launch.obey(Message("open", paths=(str(picture),)))
    qtbot.wait(50)
    assert world.launch.application is None
    world.rest.set()
    world.built(qtbot)
    qtbot.waitUntil(lambda: world.recognizer.seen == [str(picture)])


def test_the_second_snip_is_the_apps_own(world: World, qtbot: QtBot) -> None:
    world.launch.begin(Message("snip"))
    world.drag(world.overlay(qtbot))
    world.built(qtbot)
    qtbot.waitUntil(lambda: world.recognizer.seen == ["screen"])
    world.launch.obey(Message("snip"))
    world.drag(world.overlay(qtbot))
    qtbot.waitUntil(lambda: len(world.recognizer.seen) == 2)
    qtbot.wait(50)
    assert len(world.recognizer.seen) == 2


def test_the_settings_are_read_once_and_what_is_wrong_with_them_is_told(world: World, qtbot: QtBot) -> None:
    world.paths.config.mkdir(parents=True)
    world.paths.settings_file.write_text("broken")
    world.launch.begin(Message("snip"))
    world.built(qtbot)
    assert world.early is not None
    assert world.early.problem is not None


def test_the_box_stands_for_adjusting_where_that_is_set(world: World, qtbot: QtBot) -> None:
    world.paths.config.mkdir(parents=True)
    save(Settings(capture=CaptureSettings(adjust=True)), world.paths.settings_file)
    world.launch.begin(Message("snip"))
    overlay = world.overlay(qtbot)
    world.drag(overlay)
    assert overlay.selection is not None
    assert world.session.active


def test_quitting_while_the_screen_is_frozen_builds_nothing(world: World, qtbot: QtBot) -> None:
    world.rest.clear()
    world.launch.begin(Message("snip"))
    world.overlay(qtbot)
    threading.Timer(0.2, world.rest.set).start()  # closing waits for what is being loaded
    world.launch.close()
    qtbot.wait(50)
    assert world.launch.application is None
    assert not world.session.active


def test_an_app_that_cannot_be_built_ends_with_the_code_of_what_is_wrong(
    world: World, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, qapp: QApplication
) -> None:
    def fail(paths: Paths, early: Early | None) -> Parts:
        raise SettingsError("no settings")

    codes: list[int] = []
    monkeypatch.setattr(real_parts, "make_parts", fail)
    monkeypatch.setattr(qapp, "exit", codes.append)
    world.launch.begin(Message("snip"))
    qtbot.waitUntil(lambda: codes == [int(SettingsError.exit_code)], timeout=60_000)


def test_without_a_snip_the_window_is_there_at_once(world: World, qtbot: QtBot) -> None:
    world.launch.begin(Message("show"))
    assert world.launch.application is not None
    assert world.launch.application.window.isVisible()
    assert world.launch.session is None
