"""Gives the memory that work has freed back to the system."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from scipix.gui.jobs import Jobs, Lane
from scipix.gui.reader import Reader
from scipix.inference import memory
from scipix.inference.cancel import Cancel

_REST_MS = 10_000
_REST_AFTER_MANY_MS = 1_000  # they leave much more behind, and another snip would hardly come as fast


class Tidy(QObject):
    """Asks for it once the models are loaded, and whenever no picture has been read for a while."""

    def __init__(self, jobs: Jobs, reader: Reader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.tidy)
        self._many = False  # were read together since it was done last
        reader.many_ended.connect(self._note)
        reader.idle.connect(self._rest)

    @property
    def rest_ms(self) -> int:
        """How long the rest that is waited for has to be."""
        return self._timer.interval()

    def tidy(self) -> None:
        """Do it as soon as the work lane has done what waits there."""
        self._many = False
        self._jobs.submit(Lane.WORK, give_back)

    def _note(self) -> None:
        self._many = True

    def _rest(self) -> None:
        self._timer.start(_REST_AFTER_MANY_MS if self._many else _REST_MS)


def give_back(*, cancel: Cancel) -> bool:
    """A job; True when something was given back."""
    return memory.give_back()
