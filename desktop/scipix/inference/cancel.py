"""A flag that one thread sets to stop the work of another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from scipix.errors import Cancelled


class Cancel:
    """Thread-safe; once set it stays set. One for each job."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set = False
        self._callbacks: dict[int, Callable[[], None]] = {}
        self._next = 0

    def set(self) -> None:
        """Stop the job: run the callbacks, in this thread, once."""
        with self._lock:
            if self._set:
                return
            self._set = True
            callbacks = list(self._callbacks.values())
            self._callbacks.clear()
        for callback in callbacks:
            callback()

    def is_set(self) -> bool:
        return self._set

    def raise_if_set(self) -> None:
        """Raise Cancelled if the flag is set."""
        if self._set:
            raise Cancelled("stopped by the user")

    def on_set(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have `callback` called by `set`, from the thread that calls it; at once if the flag is set already.

        Returns a function that takes the callback back (it does nothing once the callback was called).
        """
        with self._lock:
            if not self._set:
                key = self._next
                self._next += 1
                self._callbacks[key] = callback
                return lambda: self._forget(key)
        callback()
        return lambda: None

    @contextmanager
    def calling(self, callback: Callable[[], None]) -> Iterator[None]:
        """`on_set` for the length of a `with` block."""
        forget = self.on_set(callback)
        try:
            yield
        finally:
            forget()

    def _forget(self, key: int) -> None:
        with self._lock:
            self._callbacks.pop(key, None)
