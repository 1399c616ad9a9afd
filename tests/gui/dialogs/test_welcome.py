import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from scipix.errors import CaptureError
from scipix.gui.capture.permission import ScreenTest
from scipix.gui.dialogs.welcome import WelcomeDialog
from scipix.gui.theme import load_theme
from scipix.gui.window import sample_path
from tests.gui.fakes import RESOURCES, FakeGrabber


@pytest.fixture
def make(qtbot):
    def build(test: ScreenTest | None = None, sample: bool = True) -> WelcomeDialog:
        picture = QPixmap(str(sample_path(RESOURCES))) if sample else None
        dialog = WelcomeDialog(load_theme(RESOURCES, "light"), picture, test)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return build


def press(dialog: WelcomeDialog, text: str) -> None:
    (button,) = [button for button in dialog.findChildren(QPushButton) if button.text() == text]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_hotkey_that_works_is_named(make):
    dialog = make()
    dialog.set_hotkey("Ctrl+Alt+M")
    assert dialog.hotkey.isVisible()
    assert dialog.hotkey.text() == "Ctrl+Alt+M"
    dialog.set_hotkey("")
    assert not dialog.hotkey.isVisible()
    assert "No hotkey works" in dialog.hotkey_note.text()


def test_the_sample_is_wanted_and_the_welcome_is_over(make, qtbot):
    dialog = make()
    with qtbot.waitSignal(dialog.sample_wanted):
        press(dialog, "Read this sample")
    assert not dialog.isVisible()


def test_other_keys_can_be_chosen(make, qtbot):
    dialog = make()
    with qtbot.waitSignal(dialog.hotkey_wanted):
        press(dialog, "Change…")


def test_without_a_sample_there_is_one_way_on(make):
    dialog = make(sample=False)
    press(dialog, "Start")
    assert not dialog.isVisible()


def test_nothing_is_to_be_allowed_where_nobody_asks(make):
    assert not make().test_button.isVisible()


def test_a_permission_that_is_there(make):
    grabber = FakeGrabber()
    dialog = make(ScreenTest(grabber, "Your desktop asks once."))
    assert dialog.test_result.text() == "Your desktop asks once."
    press(dialog, "Test")
    assert grabber.grabs == 1
    assert "It works" in dialog.test_result.text()
    assert not dialog.test_button.isEnabled()


def test_a_permission_that_is_refused_can_be_tried_again(make):
    grabber = FakeGrabber(CaptureError("Allow screenshots in the settings."))
    dialog = make(ScreenTest(grabber, ""))
    press(dialog, "Test")
    assert dialog.test_result.text() == "Allow screenshots in the settings."
    grabber.error = None
    press(dialog, "Test again")
    assert "It works" in dialog.test_result.text()


def test_no_text_is_cut_off(make, qtbot):
    dialog = make(ScreenTest(FakeGrabber(CaptureError("A long sentence of what to do. " * 8)), "note"))
    press(dialog, "Test")
    for label in (dialog.hotkey_note, dialog.test_result):
        qtbot.waitUntil(lambda label=label: label.height() >= label.heightForWidth(label.width()))
