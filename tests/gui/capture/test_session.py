"""A capture from start to one of its three ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from scipix.datatypes import Image, Origin
from scipix.errors import Cancelled, CaptureError
from scipix.gui.capture.grabber import Failed, Finished, Grab, ScreenShot, read_screens
from scipix.gui.capture.options import CaptureOptions
from scipix.gui.capture.session import CaptureSession

ROOT = Path(__file__).parents[3]


class Later:
    """A grabber whose answer the test gives when it likes."""

    name = "later"

    def __init__(self) -> None:
        self.finished: Finished | None = None
        self.failed: Failed | None = None
        self.starts = 0
        self.cancels = 0

    def start(self, finished: Finished, failed: Failed) -> None:
        self.finished, self.failed, self.starts = finished, failed, self.starts + 1

    def cancel(self) -> None:
        self.cancels += 1

    def answer(self) -> Grab:
        """Every screen, at twice its logical size, with a gradient."""
        shots = []
        for screen in read_screens():
            width, height = int(2 * screen.logical.width), int(2 * screen.logical.height)
            rows = np.arange(width * height, dtype=np.uint32).reshape(height, width) | np.uint32(0xFF000000)
            picture = QImage(rows.tobytes(), width, height, 4 * width, QImage.Format.Format_RGB32).copy()
            shots.append(ScreenShot(screen, picture))
        grab = Grab(tuple(shots))
        assert self.finished is not None
        self.finished(grab)
        return grab


class Ends:
    """Counts the three signals."""

    def __init__(self, session: CaptureSession) -> None:
        self.selected = QSignalSpy(session.selected)
        self.cancelled = QSignalSpy(session.cancelled)
        self.failed = QSignalSpy(session.failed)

    @property
    def counts(self) -> tuple[int, int, int]:
        return self.selected.count(), self.cancelled.count(), self.failed.count()


@pytest.fixture
def grabber() -> Later:
    return Later()


@pytest.fixture
def session(grabber: Later, qtbot: QtBot) -> CaptureSession:
    return CaptureSession(grabber)


def begin(session: CaptureSession, grabber: Later, qtbot: QtBot, starts: int = 1) -> None:
    session.start()
    qtbot.waitUntil(lambda: grabber.starts == starts)


def test_box_becomes_an_image_of_its_pixels(session: CaptureSession, grabber: Later, qtbot: QtBot) -> None:
    ends = Ends(session)
    begin(session, grabber, qtbot)
    grab = grabber.answer()
    overlay = session.overlays[0]
    assert session.active
    QTest.mousePress(overlay, Qt.MouseButton.LeftButton, pos=QPoint(20, 30))
    QTest.mouseMove(overlay, QPoint(60, 50))
    QTest.mouseRelease(overlay, Qt.MouseButton.LeftButton, pos=QPoint(60, 50))
    assert ends.counts == (1, 0, 0)
    image = ends.selected.at(0)[0]
    assert isinstance(image, Image)
    assert (image.width, image.height, image.origin, image.dpi) == (80, 40, Origin.SCREEN, 192.0)
    corner = QColor(grab.shots[0].image.pixel(40, 60))
    assert image.pixels[0, 0].tolist() == [corner.red(), corner.green(), corner.blue()]
    assert not session.active
    assert session.overlays == ()


def escape(session: CaptureSession) -> None:
    QTest.keyClick(session.overlays[0], Qt.Key.Key_Escape)


@pytest.mark.parametrize("way", [escape, CaptureSession.cancel])
def test_cancelled_once_and_ready_for_the_next(
    session: CaptureSession, grabber: Later, qtbot: QtBot, way: Callable[[CaptureSession], None]
) -> None:
    ends = Ends(session)
    for number in (1, 2, 3):
        begin(session, grabber, qtbot, number)
        grabber.answer()
        way(session)
        session.cancel()
        assert ends.counts == (0, number, 0)


def test_answer_after_cancel_is_dropped(session: CaptureSession, grabber: Later, qtbot: QtBot) -> None:
    ends = Ends(session)
    begin(session, grabber, qtbot)
    session.cancel()
    grabber.answer()
    assert session.overlays == ()
    assert ends.counts == (0, 1, 0)
    assert grabber.cancels == 1


def test_second_start_while_active_does_nothing(session: CaptureSession, grabber: Later, qtbot: QtBot) -> None:
    begin(session, grabber, qtbot)
    grabber.answer()
    session.start()
    QApplication.processEvents()
    assert grabber.starts == 1
    session.cancel()


def test_error_and_refusal_end_the_capture(session: CaptureSession, grabber: Later, qtbot: QtBot) -> None:
    ends = Ends(session)
    begin(session, grabber, qtbot)
    assert grabber.failed is not None
    grabber.failed(CaptureError("no portal"))
    assert list(ends.failed.at(0)) == ["capture", "no portal"]
    begin(session, grabber, qtbot, 2)
    grabber.failed(Cancelled("refused"))
    assert ends.counts == (0, 1, 1)


def test_area_framed_in_the_desktops_dialog_needs_no_overlay(
    session: CaptureSession, grabber: Later, qtbot: QtBot
) -> None:
    ends = Ends(session)
    begin(session, grabber, qtbot)
    picture = QImage(50, 20, QImage.Format.Format_RGB32)
    picture.fill(QColor("#102030"))
    assert grabber.finished is not None
    grabber.finished(Grab(chosen=picture))
    assert ends.selected.at(0)[0].pixels[19, 49].tolist() == [0x10, 0x20, 0x30]


def test_own_windows_are_hidden_for_the_grab_and_come_back(
    session: CaptureSession, grabber: Later, qtbot: QtBot
) -> None:
    shown, already_hidden = QWidget(), QWidget()
    qtbot.addWidget(shown)
    qtbot.addWidget(already_hidden)
    shown.show()
    session.start(hide=(shown, already_hidden))
    assert not shown.isVisible()
    qtbot.waitUntil(lambda: grabber.starts == 1)
    grabber.answer()
    assert not shown.isVisible()
    session.cancel()
    assert shown.isVisible()
    assert not already_hidden.isVisible()


def test_silent_desktop_is_told_and_hidden_windows_come_back_to_be_asked(grabber: Later, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    session = CaptureSession(grabber, CaptureOptions(settle_ms=0, patience_ms=0))
    with qtbot.waitSignal(session.waiting):
        session.start(hide=(window,))
    assert window.isVisible()
    assert session.active
    assert grabber.failed is not None
    grabber.failed(CaptureError("no answer"))
    # The next try keeps its window in front, the one after a success hides it again.
    session.start(hide=(window,))
    assert window.isVisible()
    qtbot.waitUntil(lambda: grabber.starts == 2)
    grabber.answer()
    session.cancel()
    session.start(hide=(window,))
    assert not window.isVisible()
    session.cancel()


# Three screens at 100, 150 and 200 %, the first at negative coordinates, on Qt's offscreen platform.
SCREENS = [
    {"name": "left", "x": -1920, "y": 0, "width": 1920, "height": 1080, "logicalDpi": 96, "dpr": 1.0},
    {"name": "middle", "x": 0, "y": 0, "width": 1280, "height": 720, "logicalDpi": 96, "dpr": 1.5},
    {"name": "right", "x": 1280, "y": -360, "width": 1920, "height": 1080, "logicalDpi": 96, "dpr": 2.0},
]

MANY = """
import json
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from scipix.gui.capture.grabber import Grab, ScreenShot, read_screens
from scipix.gui.capture.options import CaptureOptions
from scipix.gui.capture.session import CaptureSession

class Grabber:
    name = "fake"
    def start(self, finished, failed):
        shots = []
        for screen in read_screens():
            size = [round(n * screen.ratio) for n in (screen.logical.width, screen.logical.height)]
            image = QImage(*size, QImage.Format.Format_RGB32)
            image.fill(0xFF112233)
            shots.append(ScreenShot(screen, image))
        finished(Grab(tuple(shots)))
    def cancel(self): pass

app = QApplication([])
session = CaptureSession(Grabber())
found = []
session.selected.connect(lambda image: found.append([image.width, image.height, image.dpi]))
places = []
for index in range(len(app.screens())):
    session.start()
    while not session.overlays:
        app.processEvents()
    if not places:
        places = [list(overlay.geometry().getRect()) for overlay in session.overlays]
    # A box that stands on another screen is forgotten when one is begun here.
    other = session.overlays[index - 1]
    QTest.mousePress(other, Qt.LeftButton, pos=QPoint(5, 5))
    QTest.mouseMove(other, QPoint(50, 50))
    QTest.mouseRelease(other, Qt.LeftButton, Qt.ControlModifier, QPoint(50, 50))
    assert other.selection is not None
    overlay = session.overlays[index]
    QTest.mousePress(overlay, Qt.LeftButton, pos=QPoint(100, 200))
    assert other.selection is None
    QTest.mouseMove(overlay, QPoint(300, 300))
    QTest.mouseRelease(overlay, Qt.LeftButton, pos=QPoint(300, 300))
print(json.dumps({"names": [s.name() for s in app.screens()], "places": places, "found": found}))
"""


def test_every_screen_has_its_overlay_at_its_own_scale(tmp_path: Path) -> None:
    config = tmp_path / "screens.json"
    config.write_text(json.dumps({"screens": SCREENS}))
    env = {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={config}", "PYTHONPATH": str(ROOT / "desktop")}
    command = [sys.executable, "-c", MANY]
    child = subprocess.run(command, env=env, check=True, timeout=120, capture_output=True, text=True)
    answer = json.loads(child.stdout)
    by_name = dict(zip(answer["names"], zip(answer["places"], answer["found"], strict=True), strict=True))
    assert by_name["left"] == ([-1920, 0, 1920, 1080], [200, 100, 96.0])
    assert by_name["middle"] == ([0, 0, 1280, 720], [300, 150, 144.0])
    assert by_name["right"] == ([1280, -360, 1920, 1080], [400, 200, 192.0])
