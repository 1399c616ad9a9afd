"""The overlay driven by mouse and keys, without a display."""

from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from scipix.gui.capture.geometry import PixelRect
from scipix.gui.capture.lens import lens_rect
from scipix.gui.capture.options import OverlayOptions
from scipix.gui.capture.overlay import Overlay

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


def make(scale: float = 1.0, options: OverlayOptions | None = None) -> Overlay:
    grab = QImage(int(600 * scale), int(400 * scale), QImage.Format.Format_RGB32)
    grab.fill(QColor(200, 180, 160))
    overlay = Overlay(grab, None, options)
    overlay.setFixedSize(600, 400)
    overlay.show()
    return overlay


@pytest.fixture
def overlay(qapp: QApplication) -> Iterator[Overlay]:
    made = make()
    yield made
    made.close_quietly()


def drag(overlay: Overlay, start: tuple[int, int], end: tuple[int, int], modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.mousePress(overlay, LEFT, modifiers, QPoint(*start))
    QTest.mouseMove(overlay, QPoint((start[0] + end[0]) // 2, (start[1] + end[1]) // 2))
    QTest.mouseMove(overlay, QPoint(*end))
    QTest.mouseRelease(overlay, LEFT, modifiers, QPoint(*end))


def test_release_accepts_the_box(overlay: Overlay) -> None:
    spy = QSignalSpy(overlay.accepted)
    drag(overlay, (50, 60), (250, 160))
    assert [spy.at(i)[0] for i in range(spy.count())] == [PixelRect(50, 60, 250, 160)]


@pytest.mark.parametrize("scale", [1.5, 2.0])
def test_box_is_in_pixels_of_the_grab(qapp: QApplication, scale: float) -> None:
    overlay = make(scale)
    spy = QSignalSpy(overlay.accepted)
    drag(overlay, (51, 60), (251, 160))
    expected = PixelRect(int(51 * scale + 0.5), int(60 * scale), int(251 * scale + 0.5), int(160 * scale))
    assert spy.at(0)[0] == expected
    assert overlay.measured_scale == scale
    overlay.close_quietly()


def test_click_accepts_nothing(overlay: Overlay) -> None:
    spy = QSignalSpy(overlay.accepted)
    QTest.mouseClick(overlay, LEFT, NONE, QPoint(100, 100))
    assert spy.count() == 0
    assert overlay.selection is None


@pytest.mark.parametrize("way", ["escape", "right click", "closed by the window system"])
def test_every_way_out_rejects_once(overlay: Overlay, way: str) -> None:
    spy = QSignalSpy(overlay.rejected)
    QTest.mousePress(overlay, LEFT, NONE, QPoint(50, 60))
    if way == "escape":
        QTest.keyClick(overlay, Qt.Key.Key_Escape)
    elif way == "right click":
        QTest.mouseClick(overlay, RIGHT, NONE, QPoint(10, 10))
    else:
        overlay.close()
    overlay.close()
    assert spy.count() == 1


def test_control_on_release_waits_for_enter_and_arrows_adjust(overlay: Overlay) -> None:
    spy = QSignalSpy(overlay.accepted)
    drag(overlay, (50, 60), (250, 160), CTRL)
    assert spy.count() == 0
    QTest.keyClick(overlay, Qt.Key.Key_Right)
    QTest.keyClick(overlay, Qt.Key.Key_Down, SHIFT)
    assert overlay.selection == PixelRect(51, 70, 251, 170)
    QTest.keyClick(overlay, Qt.Key.Key_Left, CTRL)
    QTest.keyClick(overlay, Qt.Key.Key_Down, ALT | SHIFT)
    assert overlay.selection == PixelRect(51, 70, 250, 180)
    QTest.keyClick(overlay, Qt.Key.Key_Return)
    assert spy.at(0)[0] == PixelRect(51, 70, 250, 180)


def test_setting_lets_the_box_stand_to_be_moved_resized_and_double_clicked(qapp: QApplication) -> None:
    overlay = make(options=OverlayOptions(adjust_before_accept=True))
    spy = QSignalSpy(overlay.accepted)
    drag(overlay, (50, 60), (250, 160))
    drag(overlay, (150, 110), (170, 100))
    assert overlay.selection == PixelRect(70, 50, 270, 150)
    drag(overlay, (270, 150), (300, 190))
    assert overlay.selection == PixelRect(70, 50, 300, 190)
    assert spy.count() == 0
    QTest.mouseDClick(overlay, LEFT, NONE, QPoint(150, 100))
    assert spy.at(0)[0] == PixelRect(70, 50, 300, 190)
    overlay.close_quietly()


def test_space_moves_the_box_while_it_is_drawn(overlay: Overlay) -> None:
    QTest.mousePress(overlay, LEFT, NONE, QPoint(50, 60))
    QTest.mouseMove(overlay, QPoint(150, 110))
    QTest.keyPress(overlay, Qt.Key.Key_Space)
    QTest.mouseMove(overlay, QPoint(160, 130))
    QTest.keyRelease(overlay, Qt.Key.Key_Space)
    assert overlay.selection == PixelRect(60, 80, 160, 130)
    QTest.mouseMove(overlay, QPoint(200, 200))
    assert overlay.selection == PixelRect(60, 80, 200, 200)


@pytest.mark.parametrize("start", [Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_keyboard_alone_is_enough(overlay: Overlay, start: Qt.Key) -> None:
    spy = QSignalSpy(overlay.accepted)
    QTest.mouseMove(overlay, QPoint(100, 100))
    QTest.keyClick(overlay, Qt.Key.Key_Left, SHIFT)
    QTest.keyClick(overlay, Qt.Key.Key_Up)
    QTest.keyClick(overlay, start)
    for _ in range(3):
        QTest.keyClick(overlay, Qt.Key.Key_Right, SHIFT)
    QTest.keyClick(overlay, Qt.Key.Key_Down, SHIFT)
    QTest.keyClick(overlay, Qt.Key.Key_Return)
    rect = spy.at(0)[0]
    assert (rect.width, rect.height) == (30, 10)


def test_enter_on_nothing_accepts_nothing(overlay: Overlay) -> None:
    spy = QSignalSpy(overlay.accepted)
    QTest.keyClick(overlay, Qt.Key.Key_Return)
    QTest.keyClick(overlay, Qt.Key.Key_Return)
    assert spy.count() == 0


def test_inside_is_bright_and_untouched_outside_is_dimmed(overlay: Overlay) -> None:
    drag(overlay, (50, 60), (250, 160), CTRL)
    shown = overlay.grab().toImage()
    assert shown.pixelColor(150, 100) == QColor(200, 180, 160)
    # The corner of the box has a handle; beside it the first pixel inside is untouched.
    assert shown.pixelColor(80, 60) == QColor(200, 180, 160)
    assert shown.pixelColor(500, 300).lightness() < QColor(200, 180, 160).lightness() - 40


def test_partial_repaint_shows_the_same_as_a_full_one(overlay: Overlay, qapp: QApplication) -> None:
    QTest.mousePress(overlay, LEFT, NONE, QPoint(30, 40))
    for x, y in ((90, 90), (300, 200), (180, 120), (400, 380), (120, 70)):
        QTest.mouseMove(overlay, QPoint(x, y))
        qapp.processEvents()
    # What the backing store gathered, piece by piece, against one paint of everything.
    pieces = overlay.screen().grabWindow(overlay.winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)
    whole = overlay.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    assert pieces == whole


def lens_pixel(overlay: Overlay, across: int, down: int) -> QColor:
    """The middle of a cell of the magnifier, so many pixels from the cursor."""
    assert overlay._scene is not None
    view, zoom = lens_rect(overlay._scene), overlay._scene.zoom
    middle = view.topLeft().toPoint() + QPoint(10 * zoom, 10 * zoom)
    return overlay.grab().toImage().pixelColor(middle + QPoint(across * zoom + zoom // 2, down * zoom + zoom // 2))


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_magnifier_shows_what_of_the_pixels_is_in_the_box(qapp: QApplication, scale: float) -> None:
    overlay = make(scale)
    QTest.mousePress(overlay, LEFT, NONE, QPoint(50, 60))
    QTest.mouseMove(overlay, QPoint(250, 160))
    paper = QColor(200, 180, 160)
    assert lens_pixel(overlay, -1, -1) == paper
    for across, down in ((-1, 0), (0, -1), (0, 0)):
        assert lens_pixel(overlay, across, down).lightness() < paper.lightness() - 40
    QTest.mouseMove(overlay, QPoint(54, 63))  # the box is smaller than what the lens shows
    assert lens_pixel(overlay, -2, -2) == paper
    assert lens_pixel(overlay, -1 - int(4 * scale), -1).lightness() < paper.lightness() - 40
    overlay.close_quietly()


def test_an_overlay_that_is_gone_tells_nothing(qapp: QApplication, qtbot: QtBot) -> None:
    overlay = make()
    told: list[bool] = []
    overlay.painted.connect(lambda: told.append(True))
    overlay.grab()
    with qtbot.captureExceptions() as raised:
        shiboken6.delete(overlay)
        qapp.processEvents()
    assert (told, raised) == ([], [])


def test_the_magnifier_comes_where_there_is_something_to_aim_at(overlay: Overlay) -> None:
    QTest.mouseMove(overlay, QPoint(100, 100))
    assert overlay._scene is not None
    assert not overlay._scene.magnifier
    overlay.grab_image.setPixelColor(309, 300, QColor(0, 0, 0))
    QTest.mouseMove(overlay, QPoint(300, 300))
    assert overlay._scene.magnifier
    QTest.mouseMove(overlay, QPoint(0, 399))  # half of it lies outside of the screen
    assert not overlay._scene.magnifier
    QTest.mousePress(overlay, LEFT, NONE, QPoint(100, 100))
    assert overlay._scene.magnifier
