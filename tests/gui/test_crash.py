import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer

from scipix import __version__
from scipix.gui.crash import CrashGuard, make_report


@pytest.fixture
def guard(qapp):
    seen: list[object] = []
    hooks = sys.excepthook, threading.excepthook
    # What was there before is called as well; here it only takes note.
    sys.excepthook = lambda kind, error, trace: seen.append(error)
    threading.excepthook = lambda fault: seen.append(fault.exc_value)
    guard = CrashGuard(lambda: seen.append("quit"))
    guard.install()
    guard.seen = seen
    yield guard
    guard.remove()
    sys.excepthook, threading.excepthook = hooks


def fail() -> None:
    raise ZeroDivisionError("in a slot")


def test_a_fault_in_a_slot_opens_the_dialog(guard, qtbot):
    QTimer.singleShot(0, fail)
    qtbot.waitUntil(lambda: guard.dialog is not None)
    report = guard.dialog.text.toPlainText()
    assert "ZeroDivisionError: in a slot" in report
    assert f"Scipix {__version__}" in report
    assert "Thread: MainThread" in report
    assert isinstance(guard.seen[0], ZeroDivisionError)


def test_a_fault_in_a_thread_is_told_in_the_same_dialog(guard, qtbot):
    QTimer.singleShot(0, fail)
    qtbot.waitUntil(lambda: guard.dialog is not None)
    thread = threading.Thread(target=fail, name="worker")
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(guard.dialog.reports) == 2)
    assert "Thread: worker" in guard.dialog.reports[1]


def test_the_user_may_quit(guard, qtbot):
    QTimer.singleShot(0, fail)
    qtbot.waitUntil(lambda: guard.dialog is not None)
    guard.dialog.quit_wanted.emit()
    guard.dialog.accept()
    assert guard.seen[-1] == "quit"
    assert guard.dialog is None


def test_ctrl_c_is_no_fault(guard, qtbot):
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    qtbot.wait(20)
    assert guard.dialog is None
    assert isinstance(guard.seen[0], KeyboardInterrupt)


def test_removing_it_brings_back_what_was_there(guard):
    ours = sys.excepthook
    guard.remove()
    assert sys.excepthook is not ours
    guard.install()


def test_the_report_does_not_name_the_user():
    try:
        raise OSError("cannot open /home/ada/secret.png")
    except OSError as error:
        report = make_report(error, "MainThread", Path("/home/ada"))
    assert "~/secret.png" in report
    assert "ada" not in report
