"""The last line: exceptions that reach no handler, in the window's thread or any other, end in a dialog.

Faults of jobs do not come here: Jobs hands them to whoever asked.
"""

from __future__ import annotations

import platform
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal, Slot, qVersion

from scipix import __version__
from scipix.gui.dialogs.crash import CrashDialog


class CrashGuard(QObject):
    """Shows faults between `install` and `remove`. quit_app: called when the user would rather end the app."""

    _faulted = Signal(str)

    def __init__(self, quit_app: Callable[[], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.dialog: CrashDialog | None = None
        self._quit_app = quit_app
        self._opening = False
        self._old_hooks = (sys.excepthook, threading.excepthook)
        # Queued: a fault may come from another thread, or in the middle of painting.
        self._faulted.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        self._old_hooks = (sys.excepthook, threading.excepthook)
        sys.excepthook, threading.excepthook = self._on_fault, self._on_thread_fault

    def remove(self) -> None:
        sys.excepthook, threading.excepthook = self._old_hooks
        if self.dialog is not None:
            self.dialog.close()

    def _on_fault(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self._old_hooks[0](kind, error, trace)  # to standard error, as ever
        # A fault of the dialog itself must not open the next one.
        if issubclass(kind, Exception) and not self._opening:
            self._faulted.emit(make_report(error, threading.current_thread().name))

    def _on_thread_fault(self, fault: threading.ExceptHookArgs) -> None:
        self._old_hooks[1](fault)
        if isinstance(fault.exc_value, Exception):
            name = fault.thread.name if fault.thread else "unknown"
            self._faulted.emit(make_report(fault.exc_value, name))

    @Slot(str)
    def _show(self, report: str) -> None:
        if self.dialog is not None:
            self.dialog.add(report)
            return
        self._opening = True
        dialog = CrashDialog(report)
        dialog.quit_wanted.connect(self._quit_app)
        dialog.finished.connect(self._forget)
        self.dialog = dialog
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        self._opening = False

    @Slot()
    def _forget(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None


def make_report(error: BaseException, thread: str, home: Path | None = None) -> str:
    """What a developer needs: versions, system, thread, traceback. The user's folder is written as ~."""
    trace = "".join(traceback.format_exception(error)).rstrip()
    system = f"{platform.system()} {platform.release()}, {platform.machine()}"
    head = f"Scipix {__version__}, Python {platform.python_version()}, Qt {qVersion()}, {system}\nThread: {thread}"
    return f"{head}\n\n{trace}".replace(str(home or Path.home()), "~")
