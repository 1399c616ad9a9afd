"""Threads that carry many tasks on at the same time; what they bring comes back to the thread that started them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any

_MOST = 64  # threads; they are started as they are needed


class Crew:
    """Used by one thread, as a context; leaving it waits for the tasks, so whoever leaves early stops them first."""

    def __init__(self, most: int = _MOST) -> None:
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="scipix-crew")
        self._ended: SimpleQueue[tuple[int, Future[Any]] | None] = SimpleQueue()
        self.busy = 0

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def start(self, tag: int, task: Callable[[], Any]) -> None:
        """Run a task in some thread; `wait` gives its tag back with what it returned or raised."""
        self.busy += 1
        self._pool.submit(task).add_done_callback(lambda future: self._ended.put((tag, future)))

    def wait(self, seconds: float | None = None) -> tuple[int, Future[Any]] | None:
        """The next task that has ended, once; None when none has for so many seconds, or after `wake`."""
        try:
            ended = self._ended.get(timeout=seconds)
        except Empty:
            return None
        if ended is not None:
            self.busy -= 1
        return ended

    def wake(self) -> None:
        """Have `wait` return None, once. From any thread."""
        self._ended.put(None)
