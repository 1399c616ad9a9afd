"""Pictures wait here in the order in which the user gave them, and are read one at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from scipix.datatypes import Image, Reading
from scipix.errors import Cancelled
from scipix.gui.jobs import Job, Jobs, Lane
from scipix.inference.cancel import Cancel
from scipix.sources.images import read_image


class Recognizer(Protocol):
    """What is needed of `scipix.pipeline.Pipeline`."""

    def recognize(self, image: Image, *, cancel: Cancel | None = None) -> Reading: ...

    def warm_up(self) -> object: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """A picture and what was read in it."""

    image: Image
    reading: Reading


class Engine:
    """The recognizer of the work thread: made when first used, made anew after `reset`."""

    def __init__(self, make: Callable[[], Recognizer]) -> None:
        self._make = make
        self._recognizer: Recognizer | None = None

    def recognize(self, image: Image, *, cancel: Cancel) -> Reading:
        return self._ready().recognize(image, cancel=cancel)

    def warm_up(self, *, cancel: Cancel) -> None:
        """Load the models; raises ModelMissing, ModelCorrupt or BackendUnavailable."""
        self._ready().warm_up()

    def reset(self, make: Callable[[], Recognizer], *, cancel: Cancel) -> None:
        """Use another recognizer from now on."""
        self.close()
        self._make = make

    def close(self) -> None:
        """Free the sessions; call in the work thread."""
        if self._recognizer is not None:
            self._recognizer.close()
            self._recognizer = None

    def _ready(self) -> Recognizer:
        if self._recognizer is None:
            self._recognizer = self._make()
        return self._recognizer


class Reader(QObject):
    """The queue. Exactly one of finished and failed follows for each picture, in order.

    started(str name, int place, int total); loaded(Image): its pixels are there; finished(Read);
    failed(Image | None, Exception), the image is None when the file could not be read; idle(): nothing waits.
    """

    started = Signal(str, int, int)
    loaded = Signal(object)
    finished = Signal(object)
    failed = Signal(object, object)
    idle = Signal()

    def __init__(self, jobs: Jobs, engine: Engine, threshold: float, parent: QObject | None = None) -> None:
        """threshold: readings with less confidence are not readable."""
        super().__init__(parent)
        self.threshold = threshold
        self._jobs, self._engine = jobs, engine
        self._waiting: deque[Image | Path] = deque()
        self._job: Job | None = None
        self._place = self._total = 0

    @property
    def busy(self) -> bool:
        return self._job is not None

    def read(self, sources: Iterable[Image | Path]) -> None:
        """Add pictures to the queue; files are opened when their turn comes."""
        added = list(sources)
        self._waiting.extend(added)
        self._total += len(added)
        if self._job is None:
            self._next()

    def cancel(self) -> None:
        """Drop what waits and stop what is read now, which fails with Cancelled."""
        self._waiting.clear()
        self._total = self._place
        if self._job is not None:
            self._job.cancel.set()

    def _next(self) -> None:
        if not self._waiting:
            self._place = self._total = 0
            self.idle.emit()
            return
        source = self._waiting.popleft()
        self._place += 1
        name = source.name
        self.started.emit(name, self._place, self._total)
        if isinstance(source, Image):
            self._recognize(source)
        else:
            self._job = self._jobs.submit(
                Lane.IO, _load, source, done=self._recognize, failed=lambda error: self._fail(None, error)
            )

    def _recognize(self, image: Image) -> None:
        self.loaded.emit(image)
        self._job = self._jobs.submit(
            Lane.WORK,
            self._engine.recognize,
            image,
            done=lambda reading: self._finish(image, reading),
            failed=lambda error: self._fail(image, error),
        )

    def _finish(self, image: Image, reading: Reading) -> None:
        self._job = None
        if reading.confidence < self.threshold:
            reading = replace(reading, readable=False)
        self.finished.emit(Read(image, reading))
        self._continue()

    def _fail(self, image: Image | None, error: Exception) -> None:
        self._job = None
        self.failed.emit(image, error)
        if isinstance(error, Cancelled):
            self._waiting.clear()
        self._continue()

    def _continue(self) -> None:
        # A listener may have asked for more already.
        if self._job is None:
            self._next()


def _load(path: Path, *, cancel: Cancel) -> Image:
    cancel.raise_if_set()
    return read_image(path)
