"""Pictures that were given together: read side by side, in one job that lets others go first, told in the order given."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal

from scipix.datatypes import Image
from scipix.errors import Cancelled
from scipix.gui.jobs import Job, Jobs, Lane
from scipix.inference.cancel import Cancel
from scipix.inference.latency import Latency

if TYPE_CHECKING:
    from scipix.recognize.many import Outcome

Given = Image | Path


class ReadsMany(Protocol):
    """What is needed of `scipix.gui.reader.Engine`."""

    def recognize_many(
        self, sources: Sequence[Image | Callable[[], Image]], *, cancel: Cancel
    ) -> Iterator[Outcome | None]: ...


class Batch(QObject):
    """Reads one lot of pictures after the other. Exactly one of finished and failed follows for each started picture.

    started(str name, int place, int total); finished(Image, Reading); failed(Image | None, Exception), the image is None
    when there is none; ended(): no lot is left.
    """

    started = Signal(str, int, int)
    finished = Signal(object, object)
    failed = Signal(object, object)
    ended = Signal()

    def __init__(self, jobs: Jobs, engine: ReadsMany, latency: Latency, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._engine, self._latency = jobs, engine, latency
        self._lots: deque[Sequence[Given]] = deque()
        self._lot: Sequence[Given] = ()
        self._outcomes: dict[int, Outcome] = {}  # of those whose turn has not come
        self._place = 0
        self._job: Job | None = None

    @property
    def busy(self) -> bool:
        return self._job is not None

    def read(self, lot: Sequence[Given]) -> None:
        """Read these after what was given before."""
        self._lots.append(lot)
        if self._job is None:
            self._next()

    def cancel(self) -> None:
        """Drop what waits and stop what is read now, which fails with Cancelled."""
        self._lots.clear()
        if self._job is not None:
            self._job.cancel.set()

    def _next(self) -> None:
        if not self._lots:
            self.ended.emit()
            return
        self._lot, self._place = self._lots.popleft(), 0
        self._outcomes.clear()
        self._announce()
        sources = [given if isinstance(given, Image) else partial(self._open, given) for given in self._lot]
        self._job = self._jobs.submit_pieces(
            Lane.WORK, self._engine.recognize_many, sources, each=self._take, done=self._end, failed=self._give_up
        )

    def _announce(self) -> None:
        if self._place < len(self._lot):
            self.started.emit(self._lot[self._place].name, self._place + 1, len(self._lot))

    def _take(self, outcome: Outcome) -> None:
        self._outcomes[outcome.index] = outcome
        while (ready := self._outcomes.pop(self._place, None)) is not None:
            if ready.reading is not None:
                self.finished.emit(ready.image, ready.reading)
            else:
                self.failed.emit(ready.image, ready.error)
            self._place += 1
            self._announce()

    def _end(self, _: None) -> None:
        self._job = None
        self._next()

    def _give_up(self, error: Exception) -> None:
        """It concerns all that is left: the user stopped it, or there is no model."""
        self._job = None
        if isinstance(error, Cancelled):
            self._lots.clear()
        self.failed.emit(None, error)
        if self._job is None:  # a listener may have asked for more already
            self._next()

    def _open(self, path: Path) -> Image:
        """In another thread."""
        with self._latency.measure("image"):
            from scipix.sources.images import read_image  # its libraries are loaded when the window is there

            return read_image(path)
