"""Writes to the recent list one after another in the background, and loses none when the app closes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage

from scipix.datatypes import Image, Reading
from scipix.errors import HistoryError
from scipix.gui.convert import to_qimage
from scipix.gui.jobs import Jobs, Lane
from scipix.history.recent import Entry, NewEntry, Recent, Row
from scipix.inference.cancel import Cancel

# Twice the size at which the list shows it, for dense screens.
_THUMB = QSize(152, 88)


@dataclass(slots=True)
class Handle:
    """Stands for an entry that may not be written yet; id is None until it is."""

    id: int | None = None


class _Step:
    """Something to do once, by the pool or by `flush`, whichever comes first; the other waits for it."""

    def __init__(self, action: Callable[[], Any], done: Callable[[Any], None] | None) -> None:
        self.done = done
        self._action = action
        self._lock = threading.Lock()
        self._ran = False
        self._result: Any = None

    def __call__(self, *, cancel: Cancel | None = None) -> Any:
        with self._lock:
            if not self._ran:
                self._ran = True
                self._result = self._action()
        return self._result


class Keeper(QObject):
    """changed(): the list is another one now. failed(Exception): something could not be kept or read. set_aside(Path):
    the list was corrupt, is kept there, and a new one was begun. forgotten(): the user wants something to be gone.
    """

    changed = Signal()
    failed = Signal(object)
    set_aside = Signal(object)
    forgotten = Signal()

    def __init__(self, jobs: Jobs, open_recent: Callable[[], Recent], parent: QObject | None = None) -> None:
        """open_recent: called in the background; when it raises, the list is kept in memory only."""
        super().__init__(parent)
        self._jobs = jobs
        self._recent = Recent(None)
        self._steps: deque[_Step] = deque()
        self._running: _Step | None = None
        self.use(open_recent)

    def add(self, image: Image, reading: Reading, created: float) -> Handle:
        """Keep a reading; the pictures are encoded in the background."""
        handle = Handle()

        def action() -> None:
            picture = to_qimage(image)
            entry = NewEntry(created, reading, to_png(picture), to_png(thumbnail(picture)))
            handle.id = self._recent.add(entry)

        self._then(action, self._tell)
        return handle

    def update(self, handle: Handle, latex: str) -> None:
        def action() -> None:
            if handle.id is not None:
                self._recent.update(handle.id, latex)

        self._then(action, self._tell)

    def remove(self, entry_id: int) -> None:
        self._then(lambda: self._recent.remove(entry_id), self._tell)
        self.forgotten.emit()

    def clear(self, done: Callable[[tuple[int, ...]], None]) -> None:
        """Hide all; done gets their ids."""

        def tell(ids: tuple[int, ...]) -> None:
            self.changed.emit()
            done(ids)

        self._then(lambda: self._recent.clear(), tell)
        self.forgotten.emit()

    def restore(self, entry_ids: Iterable[int]) -> None:
        ids = tuple(entry_ids)
        self._then(lambda: self._recent.restore(ids), self._tell)

    def purge(self, entry_ids: Iterable[int]) -> None:
        """Delete what was removed for good."""
        ids = tuple(entry_ids)
        self._then(lambda: self._recent.purge(ids), None)

    def list(self, containing: str, done: Callable[[list[Row]], None]) -> None:
        self._then(lambda: self._recent.list(containing=containing), done)

    def get(self, entry_id: int, done: Callable[[Entry | None], None]) -> None:
        self._then(lambda: self._recent.get(entry_id), done)

    def use(self, open_recent: Callable[[], Recent]) -> None:
        """Keep in another list from now on; the one before is closed."""

        def action() -> Path | None:
            fresh = open_recent()
            old, self._recent = self._recent, fresh
            old.close()
            return fresh.set_aside

        def tell(aside: Path | None) -> None:
            if aside is not None:
                self.set_aside.emit(aside)
            self.changed.emit()

        self._then(action, tell)

    def set_limit(self, limit: int) -> None:
        """How many entries to keep, from the next one on."""

        def action() -> None:
            self._recent.limit = limit

        self._then(action, None)

    def flush(self) -> None:
        """Do now what waits, in this thread; for closing. Raises HistoryError, after all else was done."""
        steps = [self._running] if self._running else []
        steps += self._steps
        self._steps.clear()
        problem: HistoryError | None = None
        for step in steps:
            try:
                step()
            except HistoryError as error:
                problem = problem or error
        if problem is not None:
            raise problem

    def close(self) -> None:
        """Write all and close the list. Raises HistoryError."""
        try:
            self.flush()
            self._recent.purge()
        finally:
            self._recent.close()

    def _then(self, action: Callable[[], Any], done: Callable[[Any], None] | None) -> None:
        self._steps.append(_Step(action, done))
        if self._running is None:
            self._next()

    def _next(self) -> None:
        self._running = None
        if self._steps:
            self._running = self._steps.popleft()
            self._jobs.submit(Lane.IO, self._running, done=self._finish, failed=self._fail)

    def _finish(self, result: Any) -> None:
        step = self._running
        self._next()
        if step is not None and step.done is not None:
            step.done(result)

    def _fail(self, error: Exception) -> None:
        self._next()
        self.failed.emit(error)

    def _tell(self, result: object) -> None:
        self.changed.emit()


def thumbnail(picture: QImage) -> QImage:
    """The picture, made smaller to fit the list; never larger."""
    if picture.width() <= _THUMB.width() and picture.height() <= _THUMB.height():
        return picture
    return picture.scaled(_THUMB, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)


def to_png(picture: QImage) -> bytes:
    """The bytes of a PNG file."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # pyright: ignore[reportCallIssue, reportArgumentType]
    return bytes(data.data())
