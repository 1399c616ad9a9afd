"""Pictures wait here in the order in which the user gave them. Those that come alone (snips) are read one at a time, and
go before those that came together, which are read side by side (see batch.py)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal

from scipix.datatypes import Image, Reading
from scipix.errors import Cancelled
from scipix.gui.batch import Batch, Given
from scipix.gui.jobs import Job, Jobs, Lane
from scipix.inference.cancel import Cancel
from scipix.inference.latency import Latency

if TYPE_CHECKING:
    from scipix.recognize.choice import Choice
    from scipix.recognize.many import Outcome

_PATIENCE = 0.01  # seconds after which a batch looks whether something more urgent waits


class Recognizer(Protocol):
    """What is needed of `scipix.pipeline.Pipeline`."""

    def recognize(self, image: Image, *, cancel: Cancel | None = None) -> Reading: ...

    def reread(self, image: Image, reading: Reading, choice: Choice, *, cancel: Cancel | None = None) -> Reading: ...

    def recognize_many(
        self,
        items: Sequence[Image | Callable[[], Image]],
        *,
        cancel: Cancel | None = None,
        patience: float | None = None,
    ) -> Iterator[Outcome | None]: ...

    def warm_up(self) -> object: ...

    def load(self, feature: str, cancel: Cancel | None = None) -> object: ...

    def forget(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """A picture and what was read in it. aside: of a batch that another picture has overtaken; it is not to be shown."""

    image: Image
    reading: Reading
    aside: bool = False


class Engine:
    """The recognizer of the work thread: made when first used, made anew after `reset`."""

    def __init__(self, make: Callable[[], Recognizer]) -> None:
        self._make = make
        self._recognizer: Recognizer | None = None

    def recognize(self, image: Image, *, cancel: Cancel) -> Reading:
        return self._ready().recognize(image, cancel=cancel)

    def reread(self, image: Image, reading: Reading, choice: Choice, *, cancel: Cancel) -> Reading:
        return self._ready().reread(image, reading, choice, cancel=cancel)

    def recognize_many(
        self, sources: Sequence[Image | Callable[[], Image]], *, cancel: Cancel
    ) -> Iterator[Outcome | None]:
        return self._ready().recognize_many(sources, cancel=cancel, patience=_PATIENCE)

    def warm_up(self, *, cancel: Cancel) -> None:
        """Load the models; raises ModelMissing, ModelCorrupt or BackendUnavailable."""
        self._ready().warm_up()

    def load(self, feature: str, *, cancel: Cancel) -> None:
        """Load a feature's model; raises what `warm_up` raises, or FeatureDisabled."""
        self._ready().load(feature, cancel)

    def forget(self, *, cancel: Cancel) -> None:
        """Delete every remembered result, in memory and on the disk."""
        self._ready().forget()

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
    """The queue. Exactly one of finished and failed follows for each picture, in order; one that comes alone overtakes
    those that came together.

    started(str name, int place, int total); loaded(Image): its pixels are there; finished(Read);
    failed(Image | None, Exception), the image is None when the file could not be read; lost(Exception): instead of failed,
    when it is not to be shown (see Read.aside); idle(): nothing waits. many_ended(): of what came
    together nothing waits; before idle. rereading(): a picture is read again, beside the queue.
    """

    started = Signal(str, int, int)
    loaded = Signal(object)
    finished = Signal(object)
    failed = Signal(object, object)
    lost = Signal(object)
    idle = Signal()
    many_ended = Signal()
    rereading = Signal()

    def __init__(
        self,
        jobs: Jobs,
        engine: Engine,
        threshold: float,
        parent: QObject | None = None,
        latency: Latency | None = None,
    ) -> None:
        """threshold: readings with less confidence are not readable. latency: where to record waiting and opening."""
        super().__init__(parent)
        self.threshold = threshold
        self._jobs, self._engine = jobs, engine
        self._latency = latency or Latency()
        self._waiting: deque[tuple[Image | Path, float]] = deque()  # and when it was given
        self._waited = 0.0  # seconds that the picture whose turn it is has waited for it
        self._job: Job | None = None
        self._place = self._total = 0
        self._batch = Batch(jobs, engine, self._latency, self)
        self._aside = False  # a picture has overtaken the batch
        self._batch.started.connect(self._on_batch_started)
        self._batch.finished.connect(
            lambda image, reading: self.finished.emit(Read(image, self._judged(reading), self._aside))
        )
        self._batch.failed.connect(self._on_batch_failed)
        self._batch.ended.connect(self._on_batch_ended)

    @property
    def busy(self) -> bool:
        return self._job is not None or self._batch.busy

    def read(self, sources: Iterable[Given]) -> None:
        """Add pictures to the queue; files are opened when their turn comes."""
        given = list(sources)
        if len(given) > 1:
            self._batch.read(given)
            return
        now = time.perf_counter()
        self._waiting.extend((source, now) for source in given)
        self._total += len(given)
        if self._job is None:
            self._next()

    def reread(
        self,
        image: Image,
        reading: Reading,
        choice: Choice,
        done: Callable[[Reading], None],
        failed: Callable[[Exception], None],
    ) -> Job:
        """Read again with a choice, beside the queue; exactly one of done and failed is called."""
        self.rereading.emit()
        return self._jobs.submit(
            Lane.WORK,
            self._engine.reread,
            image,
            reading,
            choice,
            done=lambda found: done(self._judged(found)),
            failed=failed,
            priority=1,
        )

    def cancel(self) -> None:
        """Drop what waits and stop what is read now, which fails with Cancelled."""
        self._waiting.clear()
        self._total = self._place
        if self._job is not None:
            self._job.cancel.set()
        self._batch.cancel()

    def forget(self) -> None:
        """Delete remembered results, that of the picture which is read now included."""
        self._jobs.submit(Lane.WORK, self._engine.forget)

    def _next(self) -> None:
        if not self._waiting:
            self._place = self._total = 0
            if not self._batch.busy:
                self.idle.emit()
            return
        source, given = self._waiting.popleft()
        self._waited = time.perf_counter() - given
        self._place += 1
        self._aside = self._batch.busy
        name = source.name
        self.started.emit(name, self._place, self._total)
        if isinstance(source, Image):
            self._recognize(source)
        else:
            self._job = self._jobs.submit(
                Lane.IO, self._load, source, done=self._recognize, failed=lambda error: self._fail(None, error)
            )

    def _recognize(self, image: Image) -> None:
        self.loaded.emit(image)
        self._job = self._jobs.submit(
            Lane.WORK,
            self._recognize_now,
            image,
            time.perf_counter() - self._waited,
            done=lambda reading: self._finish(image, reading),
            failed=lambda error: self._fail(image, error),
            priority=1,
        )

    def _finish(self, image: Image, reading: Reading) -> None:
        self._job = None
        self.finished.emit(Read(image, self._judged(reading)))
        self._continue()

    def _judged(self, reading: Reading) -> Reading:
        return replace(reading, readable=False) if reading.confidence < self.threshold else reading

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

    def _on_batch_started(self, name: str, place: int, total: int) -> None:
        if not self._aside:
            self.started.emit(name, place, total)

    def _on_batch_failed(self, image: Image | None, error: Exception) -> None:
        if self._aside and not isinstance(error, Cancelled):
            self.lost.emit(error)
        else:
            self.failed.emit(image, error)

    def _on_batch_ended(self) -> None:
        self._aside = False
        self.many_ended.emit()
        if self._job is None:
            self.idle.emit()

    def _load(self, path: Path, *, cancel: Cancel) -> Image:
        """In a thread for files."""
        cancel.raise_if_set()
        with self._latency.measure("image"):
            from scipix.sources.images import read_image  # its libraries are loaded when the window is there

            return read_image(path)

    def _recognize_now(self, image: Image, since: float, *, cancel: Cancel) -> Reading:
        """In the work thread. since: when the waiting began, less the time for opening the file."""
        self._latency.record("queue", (time.perf_counter() - since) * 1000)
        return self._engine.recognize(image, cancel=cancel)
