"""Joins what is loaded for each feature with the settings and with whoever shows it."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject, QTimer, Signal

from scipix.errors import ScipixError
from scipix.gui.jobs import Jobs, Lane
from scipix.gui.reader import Engine
from scipix.inference.cancel import Cancel
from scipix.inference.features import FeatureOptions, Features, FeatureStatus, State
from scipix.inference.memory import memory_bytes
from scipix.settings import Settings

log = logging.getLogger(__name__)

_TIDY_MS = 20_000
_ABSENT = (State.NOT_INSTALLED, State.UNSUPPORTED)  # nothing can be loaded


class Models(QObject):
    """Everything is loaded and unloaded in the work lane, after what waits there.

    changed(): a status is another one; comes in the thread of this object.
    """

    changed = Signal()

    def __init__(
        self, jobs: Jobs, engine: Engine, features: Features, settings: Settings, parent: QObject | None = None
    ) -> None:
        """engine: loads, since it knows how the models are to be loaded."""
        super().__init__(parent)
        self._jobs, self._engine, self._features = jobs, engine, features
        self._options = options_of(settings)
        features.configure(self._options)  # nothing is loaded yet
        features.listen(self.changed.emit)
        self._timer = QTimer(self)
        self._timer.setInterval(_TIDY_MS)
        self._timer.timeout.connect(self.tidy)
        self._timer.start()

    def statuses(self) -> tuple[FeatureStatus, ...]:
        """Of every feature, as it is now."""
        return self._features.statuses()

    def use(self, settings: Settings) -> None:
        """As the user has it now: what was switched off goes, what was switched on and has a model is loaded."""
        old, self._options = self._options, options_of(settings)
        if self._options == old:
            return
        # Whatever their state is now: the other thread may be about to switch them off, or on, already.
        installed = {status.feature for status in self.statuses() if status.state not in _ABSENT}
        self._jobs.submit(Lane.WORK, self._configure, self._options)
        for feature in sorted(self._options.enabled - old.enabled):
            if feature in installed:
                self.load(feature)

    def load(self, feature: str) -> None:
        """What comes of it is told by `statuses`."""
        self._jobs.submit(Lane.WORK, self._engine.load, feature, failed=self._note)

    def unload(self, feature: str) -> None:
        self._jobs.submit(Lane.WORK, self._unload, feature)

    def tidy(self) -> None:
        """Unload what has rested for long, or stands in the way of other programs."""
        if self._features.loaded:
            self._jobs.submit(Lane.WORK, self._tidy, priority=-1)

    def close(self) -> None:
        """Listen no more."""
        self._timer.stop()
        self._features.listen(lambda: None)

    def _configure(self, options: FeatureOptions, *, cancel: Cancel) -> None:
        self._features.configure(options)

    def _unload(self, feature: str, *, cancel: Cancel) -> None:
        self._features.unload(feature)

    def _tidy(self, *, cancel: Cancel) -> None:
        self._features.tidy()

    def _note(self, error: Exception) -> None:
        if not isinstance(error, ScipixError):
            log.error("a model could not be loaded", exc_info=error)


def options_of(settings: Settings) -> FeatureOptions:
    """The part of the settings that concerns features."""
    limits = settings.models
    ceiling = limits.memory_mb * 1_000_000 or memory_bytes() // 2
    return FeatureOptions(settings.features.enabled, limits.unload_minutes * 60.0, ceiling)
