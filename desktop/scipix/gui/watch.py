"""Joins the ledger of this session with the window (the dock of latencies, what went wrong) and with its file."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal

from scipix.gui.jobs import Jobs, Lane
from scipix.gui.reader import Reader
from scipix.gui.widgets.banner import Level, Message
from scipix.gui.widgets.latency_dock import LatencyDock
from scipix.gui.window import MainWindow
from scipix.inference.cancel import Cancel
from scipix.inference.ledger import Ledger


class Watch(QObject):
    """The dock is made when it is first shown.

    toggled(bool): the user wants it, or does not want it any more; whoever listens calls `show`.
    """

    toggled = Signal(bool)

    def __init__(
        self,
        window: MainWindow,
        ledger: Ledger,
        jobs: Jobs,
        reader: Reader,
        visible: bool,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._window, self._ledger, self._jobs = window, ledger, jobs
        self.dock: LatencyDock | None = None
        reader.finished.connect(self._on_finished)
        reader.failed.connect(self.tell)
        window.commands["latency"].setCheckable(True)
        self.show(visible)

    def toggle(self) -> None:
        """As the menu and the keyboard ask."""
        self.toggled.emit(self.dock is None or self.dock.isHidden())

    def show(self, visible: bool) -> None:
        """Show the dock or hide it."""
        self._window.commands["latency"].setChecked(visible)
        if visible and self.dock is None:
            self.dock = LatencyDock(self._window.theme, self._ledger, self._window)
            self.dock.closed.connect(lambda: self.toggled.emit(False))
            self._window.themed.connect(self.dock.set_theme)
            self._window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.dock)
        if self.dock is not None and self.dock.isHidden() == visible:
            self.dock.setVisible(visible)

    def tell(self) -> None:
        """Show what has gone wrong and was mended, once, in a quiet banner."""
        for number, note in enumerate(self._ledger.unsaid()):
            self._window.banners.show_message(Message(f"fallback-{number}", Level.INFO, note))

    def close(self) -> None:
        """Write what is not written yet."""
        self._ledger.write()

    def _on_finished(self) -> None:
        self.tell()
        if self._ledger.due:
            self._jobs.submit(Lane.IO, self._write)

    def _write(self, *, cancel: Cancel) -> None:
        self._ledger.write()
