"""Times what a person waits for: from the start to a window, and from the end of a drag to the clipboard; and what it
costs to show such times in the latency dock.

`measure` starts the app in processes of their own (offscreen, with a settings folder and a clipboard of their own, so
that nothing of the user's is touched); each of them calls `time_app` and prints what it measured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from scipix.datatypes import Image, Origin
from scipix.errors import BackendUnavailable
from scipix.gui.app import make_qt_app
from scipix.gui.application import Application
from scipix.gui.convert import to_image, to_qimage
from scipix.gui.hotkeys.none import NoHotkeys
from scipix.gui.jobs import Lane
from scipix.gui.reader import Read
from scipix.gui.real_parts import make_parts
from scipix.gui.widgets.latency_dock import EVERY_MS
from scipix.inference.cancel import Cancel
from scipix.inference.latency import STAGES, Latency, summarize
from scipix.paths import Paths
from scipix.pipeline import Pipeline, PipelineOptions

_TIMEOUT_S = 120
_UPDATES = 30  # of the latency dock
_START = {
    "python": "start: until the command line is loaded",
    "imports": "start: until Qt and the app are loaded",
    "window": "start: until the window is painted",
    "ready": "start: until the model is ready",
}
_DRAG = {
    "read": "drag: until the reading is there",
    "copied": "drag: until the LaTeX is on the clipboard",
}


def measure(command: Sequence[str], starts: int = 3) -> list[dict[str, Any]]:
    """Rows (what, unit, count, p50, p95, p99) for `scipix bench`; milliseconds from the start, or the end of the drag.

    command: prints the JSON of `time_app` when it is called with the time of its start (seconds since the epoch) as
    its last argument. starts: how many processes to time. Raises BackendUnavailable when one of them fails.
    """
    answers = [_child(command) for _ in range(starts)]
    rows = [_row(text, [answer["start"][part] for answer in answers]) for part, text in _START.items()]
    drags = [drag for answer in answers for drag in answer["drags"]]
    for part, text in _DRAG.items():
        times = [drag[part] for drag in drags if part in drag]
        rows += [_row(text, times)] if times else []
    updates = [update for answer in answers for update in answer["dock"]]
    rows.append(_row("latency dock: an update", updates))
    rows.append(_row("latency dock: share of the time it shows", [100 * ms / EVERY_MS for ms in updates], "%"))
    return rows


def _child(command: Sequence[str]) -> Mapping[str, Any]:
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    words = [*command, repr(time.time())]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=_TIMEOUT_S, env=env, check=False)
        return json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError) as exc:
        raise BackendUnavailable(f"the app could not be timed: {exc}") from exc


def _row(what: str, figures: Sequence[float], unit: str = "ms") -> dict[str, Any]:
    stats = summarize(figures)
    return {"what": what, "unit": unit, "count": stats.count, "p50": stats.p50, "p95": stats.p95, "p99": stats.p99}


def time_app(since: float, imported: float, images: Sequence[Image], paths: Paths, repeat: int) -> dict[str, Any]:
    """Start the app in this process, let it read each picture `repeat` times as if it had been framed, and close it.

    since: when the process was started; imported: when our first code ran (seconds since the epoch). paths: models and
    resources are used. Returns {"start": part -> ms, "drags": [part -> ms], "dock": [ms]}; see `measure`.
    """
    loaded = time.time()
    with tempfile.TemporaryDirectory(prefix="scipix-bench-") as folder:
        own = replace(paths, config=Path(folder) / "config", data=Path(folder) / "data", cache=Path(folder) / "cache")
        own.data.mkdir()
        qt = make_qt_app()
        # No cache, or every drag but the first would be timed as a look-up; no hotkey, which is the user's.
        pipeline = PipelineOptions(models=paths.models, cache_size=0, mapped=paths.mapped_folder)
        parts = replace(
            make_parts(own),
            make_recognizer=lambda chosen: Pipeline(pipeline),
            make_hotkeys=lambda: NoHotkeys("the app is being timed"),
            make_calibrator=None,
        )
        app = Application(qt, parts)
        try:
            painted, ready = _start(app)
            moments = {"python": imported, "imports": loaded, "window": painted, "ready": ready}
            drag = _Drag(app)
            drags = [drag.run(image) for _ in range(repeat) for image in images]
            dock = _dock_updates(app, parts.ledger.latency)
        finally:
            app.close()
            # The offscreen clipboard outlives Python, and would free our Python object in it: a crash at exit.
            qt.clipboard().clear()
    start = {part: (moment - since) * 1000 for part, moment in moments.items()}
    return {"start": start, "drags": drags, "dock": dock}


def _dock_updates(app: Application, latency: Latency) -> list[float]:
    """Milliseconds that the window's thread works to show that every stage has been met once more."""
    # What else this computer does is not the dock's; Windows counts a thread's time in steps too coarse for this.
    fine = time.get_clock_info("thread_time").resolution < 1e-4
    clock = time.thread_time if fine and sys.platform != "win32" else time.perf_counter
    app.watch.show(True)
    QApplication.processEvents()
    times = []
    for update in range(_UPDATES):
        for stage in STAGES:
            latency.record(stage, 5.0 + update % 7)
        begun = clock()
        if app.watch.dock is not None:
            app.watch.dock.refresh()
        QApplication.processEvents()
        times.append((clock() - begun) * 1000)
    return times


class _FirstPaint(QObject):
    """painted(): a widget has been painted for the first time, at `moment` (seconds since the epoch)."""

    painted = Signal()
    moment = 0.0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and not self.moment:
            # The filter sees the event before the widget does; the widget has painted when the next event comes.
            QTimer.singleShot(0, self._note)
        return False

    def _note(self) -> None:
        if not self.moment:
            self.moment = time.time()
            self.painted.emit()


def _start(app: Application) -> tuple[float, float]:
    """When the window was painted, and when the work thread had done what the start gave it (loading the model)."""
    paint, loop = _FirstPaint(), QEventLoop()
    app.window.installEventFilter(paint)
    paint.painted.connect(loop.quit)
    app.start()
    ready: list[float] = []

    def on_ready(_: object) -> None:
        ready.append(time.time())
        loop.quit()

    app.jobs.submit(Lane.WORK, _nothing, done=on_ready)
    while not (ready and paint.moment):
        _run(loop)
    app.window.removeEventFilter(paint)
    return paint.moment, ready[0]


def _nothing(*, cancel: Cancel) -> None:
    """Behind everything that waits in the lane."""


class _Drag(QObject):
    """Hands over a framed picture as the overlay does, and notes when it was read and copied."""

    def __init__(self, app: Application) -> None:
        super().__init__()
        self._app, self._loop, self._start = app, QEventLoop(), 0.0
        self._times: dict[str, float] = {}
        self._error: Exception | None = None
        app.reader.finished.connect(self._on_read)
        app.reader.failed.connect(self._on_failed)
        app.desk.copier.copied.connect(self._on_copied)

    def run(self, image: Image) -> dict[str, float]:
        """Milliseconds until `read`, and until `copied` unless the reading is not fit for it. Raises what failed."""
        picture = to_qimage(image)
        self._times, self._error, self._start = {}, None, time.perf_counter()
        self._app.session.selected.emit(to_image(picture, Origin.SCREEN, 96.0, "screen"))
        _run(self._loop)
        if self._error is not None:
            raise self._error
        return self._times

    def _on_read(self, read: Read) -> None:
        self._note("read")
        if not read.reading.readable:
            self._loop.quit()

    def _on_copied(self, _: object) -> None:
        self._note("copied")
        self._loop.quit()

    def _on_failed(self, _: object, error: Exception) -> None:
        self._error = error
        self._loop.quit()

    def _note(self, part: str) -> None:
        self._times[part] = (time.perf_counter() - self._start) * 1000


def _run(loop: QEventLoop) -> None:
    """Until something quits the loop. Raises BackendUnavailable when nothing does."""
    timer = QTimer()
    timer.setSingleShot(True)
    timer.timeout.connect(lambda: loop.exit(1))
    timer.start(_TIMEOUT_S * 1000)
    if loop.exec():
        raise BackendUnavailable(f"the app did nothing for {_TIMEOUT_S} s")
