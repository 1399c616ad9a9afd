"""Has this computer measured for the models while nobody uses the app: once for each model, in processes of its own.

It begins when the app was left alone for a while and something is due, and stops at once when the user does anything;
what was measured until then is kept, and the rest is done the next time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from scipix.errors import Cancelled
from scipix.gui.jobs import Job, Jobs, Lane
from scipix.gui.reader import Reader
from scipix.inference.cancel import Cancel
from scipix.inference.manifest import Model

if TYPE_CHECKING:
    from scipix.inference.calibration import Measured

log = logging.getLogger(__name__)

WAIT_MS = 30_000

Graphs = Sequence[tuple[Model, str]]


class Calibrates(Protocol):
    """What is needed of `scipix.inference.calibration.Calibrator`."""

    def due(self) -> Graphs: ...

    def run(self, graphs: Graphs, cancel: Cancel) -> Iterator[Measured]: ...


class Tuner(QObject):
    """measured(list of sentences): everything that was due is known now; the sentences are on providers that cannot be
    used on this computer."""

    measured = Signal(object)

    def __init__(
        self,
        jobs: Jobs,
        reader: Reader,
        make: Callable[[], Calibrates] | None,
        wanted: bool,
        parent: QObject | None = None,
    ) -> None:
        """make: called in another thread; None when nothing is ever measured. wanted: by the user."""
        super().__init__(parent)
        self._jobs, self._reader, self._make, self._wanted = jobs, reader, make, wanted
        self._job: Job | None = None
        self._done = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self._begin)
        reader.started.connect(self.rest)
        reader.idle.connect(self.rest)
        reader.rereading.connect(self.rest)

    @property
    def busy(self) -> bool:
        """Whether something is measured now."""
        return self._job is not None

    def set_wanted(self, wanted: bool) -> None:
        """As the user has it in the settings."""
        if wanted != self._wanted:
            self._wanted, self._done = wanted, False
            self.rest()

    def rest(self) -> None:
        """Stop at once, and begin (again) after a while: the user does something."""
        if self._job is not None:
            self._job.cancel.set()  # kills the process that measures
        if self._make is not None and self._wanted and not self._done:
            self._timer.start()
        else:
            self._timer.stop()

    def _begin(self) -> None:
        if self._jobs.pending:
            self._timer.start()
            return
        self._job = self._jobs.submit(Lane.IO, self._measure, done=self._finish, failed=self._fail)

    def _measure(self, *, cancel: Cancel) -> list[Measured]:
        """In a thread that waits for the processes."""
        if self._make is None:
            return []
        calibrator = self._make()
        return list(calibrator.run(calibrator.due(), cancel))

    def _finish(self, found: list[Measured]) -> None:
        self._job, self._done = None, True
        if found:
            self.measured.emit(list(dict.fromkeys(problem for item in found for problem in item.problems())))

    def _fail(self, error: Exception) -> None:
        self._job = None
        if isinstance(error, Cancelled):
            return
        # Such as a folder that cannot be written: the rules go on to decide, and the next start tries again.
        self._done = True
        log.info("nothing could be measured: %s", error)
