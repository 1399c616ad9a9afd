from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from scipix.gui.dialogs.crash import CrashDialog


def press(dialog: CrashDialog, text: str) -> None:
    (button,) = [button for button in dialog.findChildren(QPushButton) if button.text() == text]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_report_is_copied_as_shown(qtbot):
    dialog = CrashDialog("Traceback: one")
    qtbot.addWidget(dialog)
    dialog.add("Traceback: two")
    press(dialog, "Copy report")
    assert QGuiApplication.clipboard().text() == "Traceback: one\n\nTraceback: two"


def test_the_same_fault_is_told_once_and_many_do_not_pile_up(qtbot):
    dialog = CrashDialog("0")
    qtbot.addWidget(dialog)
    for number in (0, 1, 1, *range(100)):
        dialog.add(str(number))
    assert dialog.reports == [str(number) for number in range(20)]


def test_quitting_is_a_choice(qtbot):
    dialog = CrashDialog("report")
    qtbot.addWidget(dialog)
    with qtbot.assertNotEmitted(dialog.quit_wanted):
        press(dialog, "Go on")
    dialog.show()
    with qtbot.waitSignal(dialog.quit_wanted):
        press(dialog, "Quit Scipix")
    assert not dialog.isVisible()
