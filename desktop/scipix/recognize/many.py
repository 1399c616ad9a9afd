"""Many pictures, carried on side by side: opening, preparing, encoding and decoding of different ones overlap.

What is kept of the results, and what is known already, is asked of the thread that wants them, between the steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from scipix.datatypes import Image, Reading, Timings
from scipix.errors import NothingToRead
from scipix.inference.agenda import Priority
from scipix.inference.cancel import Cancel
from scipix.inference.crew import Crew
from scipix.inference.scheduler import Turn
from scipix.inference.sharing import Sharing
from scipix.recognize.math import MathOptions, MathRecognizer
from scipix.recognize.preprocess import prepare

Source = Image | Callable[[], Image]

_AHEAD = 4  # pictures that are opened at a time before there is a model


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A picture, or how to get it (called in another thread). cancel: stops this one alone."""

    source: Source
    cancel: Cancel = field(default_factory=Cancel)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What became of the item at that place. image: None when it could not be had. error: why there is no reading."""

    index: int
    image: Image | None = None
    reading: Reading | None = None
    error: BaseException | None = None

    def result(self) -> Reading:
        """The reading; raises the error."""
        if self.reading is None:
            raise self.error or ValueError("an outcome without a reading and without an error")
        return self.reading


@dataclass(frozen=True, slots=True)
class Desk:
    """Called in the thread that wants the results. find: a reading that is known already. keep: notes a new one, and what
    its stages have waited for their turns (milliseconds)."""

    find: Callable[[Image], Reading | None]
    keep: Callable[[Image, Reading, float], None]


class ManyReader:
    """Reads many pictures with one model. One `run` at a time."""

    def __init__(
        self, share: Callable[[Image], Sharing], desk: Desk, options: MathOptions, cancel: Cancel | None = None
    ) -> None:
        """share: loads the model; called with a picture that is open and not known, and what it raises ends the run:
        pictures that cannot be opened need no model. NothingToRead, too, concerns that picture alone."""
        self._share, self._desk, self._options = share, desk, options
        self._sharing: Sharing | None = None
        self._cancel = cancel or Cancel()
        self._live: dict[int, Cancel] = {}
        self._images: dict[int, Image] = {}  # of those that are being read

    def run(self, items: Iterable[Item | Source], patience: float | None = None) -> Iterator[Outcome | None]:
        """One outcome for each item, in the order in which they end. None whenever nothing has ended for `patience`
        seconds, so that the caller's thread can do something else.

        Raises Cancelled and what else `share` raises, and then stops all. So does closing the iterator.
        """
        waiting = enumerate(item if isinstance(item, Item) else Item(item) for item in items)
        with Crew() as crew, self._cancel.calling(lambda: self._stop(crew)):
            try:
                while True:
                    self._cancel.raise_if_set()
                    yield from self._start(waiting, crew)
                    if not self._live:
                        break
                    ended = crew.wait(patience)
                    self._cancel.raise_if_set()
                    if ended is None:
                        yield None
                    else:
                        yield from self._go_on(*ended, crew)
            finally:
                self._stop(crew)
                self._live.clear()
                self._images.clear()
                if self._sharing is not None:
                    self._sharing.clear()

    def _stop(self, crew: Crew) -> None:
        """From any thread."""
        for cancel in list(self._live.values()):
            cancel.set()
        crew.wake()

    def _start(self, waiting: Iterator[tuple[int, Item]], crew: Crew) -> Iterator[Outcome]:
        """Begin with as many items as may be under way."""
        while len(self._live) < (_AHEAD if self._sharing is None else self._sharing.window):
            index, item = next(waiting, (-1, None))
            if item is None:
                return
            self._live[index] = item.cancel
            source = item.source
            if isinstance(source, Image):
                yield from self._look(index, source, crew)
            else:
                crew.start(index, partial(self._open, index, source, item.cancel))

    def _go_on(self, index: int, ended: Future[Any], crew: Crew) -> Iterator[Outcome]:
        """A task of the crew has ended: a picture is open, or it is read."""
        error = ended.exception()
        if error is not None:
            yield self._end(Outcome(index, self._images.get(index), error=error))
        elif isinstance(ended.result(), Image):
            yield from self._look(index, ended.result(), crew)
        else:
            image, (reading, waited) = self._images[index], ended.result()
            self._desk.keep(image, reading, waited)
            yield self._end(Outcome(index, image, reading))

    def _look(self, index: int, image: Image, crew: Crew) -> Iterator[Outcome]:
        known = self._desk.find(image)
        if known is not None:
            yield self._end(Outcome(index, image, known))
            return
        if self._sharing is None:
            try:
                self._sharing = self._share(image)
            except NothingToRead as error:
                yield self._end(Outcome(index, image, error=error))
                return
        self._images[index] = image
        crew.start(index, partial(self._read, self._sharing, index, image, self._live[index]))

    def _end(self, outcome: Outcome) -> Outcome:
        self._live.pop(outcome.index, None)
        self._images.pop(outcome.index, None)
        return outcome

    def _open(self, index: int, source: Callable[[], Image], cancel: Cancel) -> Image:
        """In a thread of the crew, as `_read`."""
        sharing = self._sharing
        if sharing is None:
            cancel.raise_if_set()
            return source()
        with sharing.scheduler.task((Priority.BATCH, index), cancel) as turn:
            return turn.run("image", source)

    def _read(self, sharing: Sharing, index: int, image: Image, cancel: Cancel) -> tuple[Reading, float]:
        with sharing.scheduler.task((Priority.BATCH, index), cancel) as turn:
            seat = sharing.seat(turn)
            recognizer = MathRecognizer(seat, lambda image: turn.run("preprocess", lambda: prepare(image)))
            reading = recognizer.recognize(image, self._options, cancel)
            return replace(reading, timings=_without_waiting(reading.timings, turn)), sum(turn.waited.values())


def _without_waiting(times: Timings, turn: Turn) -> Timings:
    stages = {stage: max(0.0, getattr(times, stage) - waited) for stage, waited in turn.waited.items()}
    return replace(times, **stages, total=max(0.0, times.total - sum(turn.waited.values())))
