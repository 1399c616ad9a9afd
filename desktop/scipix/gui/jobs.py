"""The one owner of threads: plain functions run in two pools, results come back to the thread of `Jobs`.

The `work` pool has one thread that never expires: onnxruntime sessions, MathJax and PDFium are made and used there, in
order. The `io` pool has four for files and thumbnails. Results travel as (job id, object) through signals of the
long-lived `Jobs` into its slots; a signal object that dies with its job would lose them silently.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal, Slot

from scipix.errors import Cancelled
from scipix.inference.cancel import Cancel

log = logging.getLogger(__name__)


class Lane(StrEnum):
    """Where a job runs."""

    WORK = "work"
    IO = "io"


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


class _Run(QRunnable):
    """Carries a function and its data into a pool thread."""

    def __init__(
        self, job: Job, function: Callable[..., Any], data: tuple[Any, ...], report: Callable[[int, Any, Any], None]
    ) -> None:
        super().__init__()
        self._job, self._function, self._data, self._report = job, function, data, report

    def run(self) -> None:
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


class Jobs(QObject):
    """Runs jobs and calls back in the thread that made this object."""

    _reported = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pools = {lane: QThreadPool(self) for lane in Lane}
        self._pools[Lane.WORK].setMaxThreadCount(1)
        self._pools[Lane.WORK].setExpiryTimeout(-1)
        self._pools[Lane.IO].setMaxThreadCount(4)
        self._callbacks: dict[int, _Callbacks] = {}
        self._next_id = 1
        self._closed = False
        self._reported.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

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
        job = Job(self._next_id, Cancel())
        if self._closed:
            job.cancel.set()
            return job
        self._next_id += 1
        self._callbacks[job.id] = _Callbacks(done, failed, job.cancel)
        self._pools[lane].start(_Run(job, function, data, self._reported.emit), priority)
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
        for pool in self._pools.values():
            pool.clear()
        if last is not None:
            self._pools[Lane.WORK].start(_Run(Job(0, Cancel()), lambda cancel: last(), (), self._reported.emit))
        for pool in self._pools.values():
            pool.waitForDone()

    @Slot(int, object, object)
    def _deliver(self, job_id: int, result: object, error: object) -> None:
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
        elif not isinstance(error, Cancelled):
            log.error("a job failed", exc_info=error)
