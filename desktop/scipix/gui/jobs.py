"""The one owner of threads: plain functions run in two pools, results come back to the thread of `Jobs`.

The `work` pool has one thread that never expires: onnxruntime sessions are made and used there, in order. The `pages` pool
has one for PDFium, so that drawing pages keeps no reading waiting. The `io` pool has four for files, thumbnails and MathJax.
A long job may come in pieces: whatever is more urgent runs between
two of them. Results travel as (job id, object) through signals of the
long-lived `Jobs` into its slots; a signal object that dies with its job would lose them silently.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal, Slot

from scipix.errors import Cancelled, ScipixError
from scipix.inference.cancel import Cancel

log = logging.getLogger(__name__)


class Lane(StrEnum):
    """Where a job runs."""

    WORK = "work"
    IO = "io"
    PAGES = "pages"


@dataclass(frozen=True, slots=True)
class Job:
    """A handle on submitted work; `cancel.set()` stops it and makes it fail with `Cancelled`."""

    id: int
    cancel: Cancel


@dataclass(frozen=True, slots=True)
class _Callbacks:
    done: Callable[[Any], None] | None
    failed: Callable[[Exception], None] | None
    cancel: Cancel
    each: Callable[[Any], None] | None = None


class _Task(QRunnable):
    """Carries a function into a pool thread."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        self._work()


class _Line:
    """What waits for the threads of one lane. Thread-safe."""

    def __init__(self, pool: QThreadPool) -> None:
        self.pool = pool
        self._lock = threading.Lock()
        self._waiting: Counter[int] = Counter()

    def add(self, work: Callable[[], None], priority: int) -> None:
        def run() -> None:
            with self._lock:
                self._waiting[priority] -= 1
            work()

        with self._lock:
            self._waiting[priority] += 1
        self.pool.start(_Task(run), priority)

    def presses(self, priority: int) -> bool:
        """Whether something more urgent waits."""
        with self._lock:
            return any(count > 0 and other > priority for other, count in self._waiting.items())


class _Run:
    """A function, its data, and whom to tell what it returned or raised."""

    def __init__(
        self, job: Job, function: Callable[..., Any], data: tuple[Any, ...], report: Callable[[int, Any, Any], None]
    ) -> None:
        self._job, self._function, self._data, self._report = job, function, data, report

    def __call__(self) -> None:
        result: Any = None
        error: Exception | None = None
        try:
            if self._job.cancel.is_set():
                raise Cancelled("stopped")
            result = self._function(*self._data, cancel=self._job.cancel)
            if self._job.cancel.is_set():
                raise Cancelled("stopped")
        except Exception as exc:  # noqa: BLE001 - the one place where a fault of a job may end
            result, error = None, exc
        self._report(self._job.id, result, error)


class _Pieces:
    """A job that is an iterator, which is made, used and closed in the threads of its lane only."""

    def __init__(
        self,
        job: Job,
        begin: Callable[[], Iterable[Any]],
        line: _Line,
        priority: int,
        tell: Callable[[int, Any], None],
        report: Callable[[int, Any, Any], None],
    ) -> None:
        self._job, self._begin, self._line, self._priority = job, begin, line, priority
        self._tell, self._report = tell, report
        self._iterator: Iterator[Any] | None = None

    def __call__(self) -> None:
        """Go on until the end, or until something more urgent waits."""
        error: Exception | None = None
        try:
            if self._run():
                self._line.add(self, self._priority)
                return
        except Exception as exc:  # noqa: BLE001 - as in _Run
            error = exc
        try:
            self.close()
        except Exception as exc:  # noqa: BLE001 - as in _Run; else nobody would hear of the end
            error = error or exc
        self._report(self._job.id, None, error)

    def _run(self) -> bool:
        """True when it gives way."""
        if self._job.cancel.is_set():
            raise Cancelled("stopped")
        if self._iterator is None:
            self._iterator = iter(self._begin())
        for piece in self._iterator:
            if piece is not None:
                self._tell(self._job.id, piece)
            if self._job.cancel.is_set():
                raise Cancelled("stopped")
            if self._line.presses(self._priority):
                return True
        return False

    def close(self) -> None:
        """Stop what the iterator has under way."""
        if isinstance(self._iterator, Generator):
            self._iterator.close()


class Jobs(QObject):
    """Runs jobs and calls back in the thread that made this object."""

    _reported = Signal(int, object, object)
    _told = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines = {lane: _Line(QThreadPool(self)) for lane in Lane}
        self._lines[Lane.WORK].pool.setMaxThreadCount(1)
        self._lines[Lane.WORK].pool.setExpiryTimeout(-1)
        self._lines[Lane.PAGES].pool.setMaxThreadCount(1)
        self._lines[Lane.IO].pool.setMaxThreadCount(4)
        self._callbacks: dict[int, _Callbacks] = {}
        self._pieces: dict[int, _Pieces] = {}
        self._next_id = 1
        self._closed = False
        self._reported.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._told.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)

    def submit(
        self,
        lane: Lane,
        function: Callable[..., Any],
        *data: Any,
        done: Callable[[Any], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
        priority: int = 0,
    ) -> Job:
        """Queue `function(*data, cancel=Cancel)`.

        Exactly one of `done(result)` and `failed(exception)` is called later, in the thread of this object, unless
        `close` comes first; a cancelled job fails with `Cancelled` even when its function ran to the end. A higher
        `priority` overtakes waiting jobs of the lane. After `close` nothing is run (a timer may still ask).
        """
        job = self._new_job(done, failed)
        if not self._closed:
            self._lines[lane].add(_Run(job, function, data, self._reported.emit), priority)
        return job

    def submit_pieces(
        self,
        lane: Lane,
        function: Callable[..., Iterable[Any]],
        *data: Any,
        each: Callable[[Any], None],
        done: Callable[[None], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
        priority: int = 0,
    ) -> Job:
        """As `submit`, for a function that returns an iterator; each piece that is not None goes to `each`.

        Between two pieces, waiting jobs of the lane with a higher priority are run. The iterator is closed when the job is
        cancelled, in the lane.
        """
        job = self._new_job(done, failed, each)
        if not self._closed:
            begin = lambda: function(*data, cancel=job.cancel)  # noqa: E731
            pieces = _Pieces(job, begin, self._lines[lane], priority, self._told.emit, self._reported.emit)
            self._pieces[job.id] = pieces
            self._lines[lane].add(pieces, priority)
        return job

    @property
    def pending(self) -> int:
        """Jobs whose callback has not been called."""
        return len(self._callbacks)

    def cancel_all(self) -> None:
        """Ask every job to stop; each still reports `Cancelled`."""
        for callbacks in list(self._callbacks.values()):
            callbacks.cancel.set()

    def close(self, last: Callable[[], None] | None = None) -> None:
        """Cancel all, drop what waits, run `last` in the work thread (to free sessions there), wait for the threads.

        No callback is called after this. A second call does nothing.
        """
        if self._closed:
            return
        self._closed = True
        self.cancel_all()
        self._callbacks.clear()
        for line in self._lines.values():
            line.pool.clear()
        started = list(self._pieces.values())  # those that gave way wait no more; nobody else closes them

        def end(cancel: Cancel) -> None:
            for pieces in started:
                pieces.close()
            if last is not None:
                last()

        self._lines[Lane.WORK].add(_Run(Job(0, Cancel()), end, (), self._reported.emit), 0)
        for line in self._lines.values():
            line.pool.waitForDone()

    def _new_job(
        self,
        done: Callable[[Any], None] | None,
        failed: Callable[[Exception], None] | None,
        each: Callable[[Any], None] | None = None,
    ) -> Job:
        job = Job(self._next_id, Cancel())
        if self._closed:
            job.cancel.set()
        else:
            self._next_id += 1
            self._callbacks[job.id] = _Callbacks(done, failed, job.cancel, each)
        return job

    @Slot(int, object)
    def _pass_on(self, job_id: int, piece: object) -> None:
        callbacks = self._callbacks.get(job_id)
        if callbacks is not None and callbacks.each is not None and not callbacks.cancel.is_set():
            callbacks.each(piece)

    @Slot(int, object, object)
    def _deliver(self, job_id: int, result: object, error: object) -> None:
        self._pieces.pop(job_id, None)
        callbacks = self._callbacks.pop(job_id, None)
        if callbacks is None:
            return
        # What was stopped may fail in any way (onnxruntime has its own errors for it); to the caller it was stopped.
        if callbacks.cancel.is_set():
            self._fail(callbacks, Cancelled("stopped"))
        elif isinstance(error, Exception):
            self._fail(callbacks, error)
        elif callbacks.done is not None:
            callbacks.done(result)

    def _fail(self, callbacks: _Callbacks, error: Exception) -> None:
        if callbacks.failed is not None:
            callbacks.failed(error)
        elif isinstance(error, ScipixError):
            log.info("a job that nobody listens to failed: %s", error)  # such as a second one that misses the backend
        else:
            log.error("a job failed", exc_info=error)
