"""Starts the app: Qt, the one instance, and the screen at once when a snip is wanted; the rest after that."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication

from scipix import __version__
from scipix.errors import ScipixError
from scipix.gui.hand_over import send
from scipix.gui.instance import Instance
from scipix.gui.launch import Launch
from scipix.gui.qt_app import QtApp
from scipix.gui.wish import Message, snip_mode
from scipix.inference.memory import few_heaps
from scipix.paths import default_paths

# The name of the desktop file, by which portals and Wayland compositors know the app.
APP_ID = "org.scipix.Scipix"
_SIGNAL_POLL_MS = 250


def main(argv: Sequence[str]) -> int:
    """Run the app until it is quit; hand over to the app that runs already when there is one.

    argv: picture files to read, a PDF to open, --hidden to start without the window, or `snip_words`. Returns the exit
    code. Raises FolderUnusable, UsageError, or ScipixError when the other one does not answer.
    """
    paths = default_paths(os.environ)
    paths.make_data()
    app = make_qt_app()
    wish = _wish(argv)
    instance = Instance(paths.data)
    if not instance.claim():
        if send(wish, paths.data):
            return 0
        raise ScipixError("Scipix runs already, but does not answer; end it and start it again")
    launch = Launch(app, paths)
    instance.received.connect(launch.obey)
    app.file_wanted.connect(lambda path: launch.obey(Message("open", paths=(path,))))
    timer = _let_signals_in(app)
    try:
        launch.begin(wish, "--hidden" not in argv)
        return app.exec()
    finally:
        timer.stop()
        launch.close()
        instance.close()
        if app.platformName() == "offscreen":
            # Its clipboard outlives Python, and would free our Python object in it: a crash at exit.
            app.clipboard().clear()


def make_qt_app() -> QtApp:
    """The QApplication with the app's names; at fractional scales nothing is rounded."""
    few_heaps()  # before there are threads
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    QGuiApplication.setDesktopFileName(APP_ID)
    app = QtApp([sys.argv[0]])
    app.setApplicationName("Scipix")
    app.setApplicationDisplayName("Scipix")
    app.setApplicationVersion(__version__)
    return app


def _wish(argv: Sequence[str]) -> Message:
    mode = snip_mode(argv)
    if mode is not None:
        return Message("snip", mode)
    files = tuple(str(Path(word).absolute()) for word in argv if not word.startswith("-"))
    return Message("open", paths=files) if files else Message("show")


def _let_signals_in(app: QtApp) -> QTimer:
    """Ctrl+C in the terminal and SIGTERM quit properly; Python sees a signal only when it runs."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, frame: app.quit())
    timer = QTimer()
    timer.timeout.connect(lambda: None)
    timer.start(_SIGNAL_POLL_MS)
    return timer
