"""Gives the memory that work has freed back to the system."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from scipix.gui.jobs import Jobs, Lane
from scipix.gui.reader import Reader
from scipix.inference import memory
from scipix.inference.cancel import Cancel

_REST_MS = 10_000


class Tidy(QObject):
    """Asks for it once the models are loaded, and whenever no picture has been read for a while."""

    def __init__(self, jobs: Jobs, reader: Reader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REST_MS)
        self._timer.timeout.connect(self.tidy)
        reader.idle.connect(self._timer.start)

    def tidy(self) -> None:
        """Do it as soon as the work lane has done what waits there."""
        self._jobs.submit(Lane.WORK, give_back)


def give_back(*, cancel: Cancel) -> bool:
    """A job; True when something was given back."""
    return memory.give_back()
