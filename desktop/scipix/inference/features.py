"""What can be switched on, and the models that are in memory for it.

A feature is bound to a model by the key `feature` of the manifest. Its model is loaded when it is first used or asked
for, shared by all features that have the same files and precision, and unloaded when the feature is switched
off, after it was idle for a time, or when this process nears its ceiling of memory.

Threads: the thread that works (the work lane) loads and unloads; `using` may be called from several threads, `statuses`
and `listen` from any. A lock lets models be loaded one after another, because making two sessions at once races inside
onnxruntime; none is held while a model runs. A model that is in use when it should go goes when its last user has done
with it.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from scipix.errors import Cancelled, FeatureDisabled, ModelCorrupt, ModelMissing, ScipixError, UsageError
from scipix.inference.cancel import Cancel
from scipix.inference.manifest import Model
from scipix.inference.memory import give_back, resident_bytes
from scipix.inference.residents import Loaded, Resident, Residents
from scipix.inference.runtime import load_onnxruntime
from scipix.inference.store import Store, Verified

FEATURES = ("math", "text", "handwriting", "layout", "tables")
_NEAR = 0.9  # of the ceiling


class State(StrEnum):
    """Of a feature; the first three are not for this program to change."""

    NOT_INSTALLED = "not-installed"
    UNSUPPORTED = "unsupported"  # there is a model, but this version has no use for it
    FAILED = "failed"
    OFF = "off"
    UNLOADED = "unloaded"
    LOADING = "loading"
    READY = "ready"


Loader = Callable[[Verified], Loaded]


@dataclass(frozen=True, slots=True)
class FeatureOptions:
    """enabled: the features that are switched on. idle_seconds: unload what was not used for so long, 0 for never. ceiling:
    bytes that this process should not exceed, 0 for no limit."""

    enabled: frozenset[str] = frozenset(FEATURES)
    idle_seconds: float = 0.0
    ceiling: int = 0


@dataclass(frozen=True, slots=True)
class FeatureStatus:
    """reason: why it is not installed, not supported or failed, or what is being done to load it. size: bytes of its
    files. memory: bytes by which this process grew when it was loaded. load_ms, last_ms: how long loading it and its last
    run took. provider: where it runs, empty while it is not loaded. model, precision, license: empty when there is none.
    """

    feature: str
    state: State
    enabled: bool
    reason: str = ""
    model: str = ""
    precision: str = ""
    license: str = ""
    size: int = 0
    provider: str = ""
    memory: int = 0
    load_ms: float = 0.0
    last_ms: float = 0.0


class Features:
    """See above."""

    def __init__(
        self,
        store: Store,
        loaders: Mapping[str, Loader],
        options: FeatureOptions | None = None,
        clock: Callable[[], float] = time.monotonic,
        held: Callable[[], int] = resident_bytes,
    ) -> None:
        """loaders: how a feature's model is loaded from its checked files; a feature that is not named is not supported.
        held: bytes that this process has in memory."""
        self._store, self._loaders, self._options = store, dict(loaders), options or FeatureOptions()
        self._clock, self._held = clock, held
        self._loading = threading.Lock()
        self._residents = Residents(clock)
        self._marks: dict[str, tuple[State, str]] = {}  # loading or failed, and why
        self._chosen: dict[str, Model] = {}  # what was loaded last
        self._changed: Callable[[], None] = lambda: None

    @property
    def options(self) -> FeatureOptions:
        return self._options

    @property
    def loaded(self) -> bool:
        """Whether anything is in memory."""
        return len(self._residents) > 0

    def bind(self, store: Store, loaders: Mapping[str, Loader]) -> None:
        """Load other models, or the same in another way, from now on; those that are loaded go."""
        self.close()
        self._store, self._loaders = store, dict(loaders)
        self._marks.clear()
        self._chosen.clear()
        self._changed()

    def listen(self, changed: Callable[[], None]) -> None:
        """Have `changed` called after each change of a status, in the thread that made it."""
        self._changed = changed

    def check(self, feature: str) -> None:
        """Raises UsageError (no such feature) or FeatureDisabled."""
        if feature not in FEATURES:
            raise UsageError(f"no such feature: {feature} (there are {', '.join(FEATURES)})")
        if feature not in self._options.enabled:
            raise FeatureDisabled(feature)

    @contextmanager
    def using(self, feature: str, cancel: Cancel | None = None) -> Iterator[Any]:
        """The feature's model, which stays in memory until the end of the `with` block; loaded when it is not.

        Raises what `load` raises.
        """
        self.check(feature)
        while (resident := self._residents.take(feature)) is None:
            self.load(feature, cancel)
        try:
            yield resident.model
        finally:
            self._residents.put_back(resident)

    def load(self, feature: str, cancel: Cancel | None = None) -> float:
        """Load the feature's model; milliseconds, 0 when it was there.

        Raises UsageError, FeatureDisabled, ModelMissing, ModelCorrupt, BackendUnavailable, Cancelled, or what its loader
        raises.
        """
        self.check(feature)
        with self._loading:
            if self._residents.find(feature) is not None:
                return 0.0
            start, ended, reason = time.perf_counter(), State.FAILED, ""
            try:
                self._load(feature, cancel or Cancel())
                ended = State.READY
            except Cancelled:
                ended = State.UNLOADED
                raise
            except ScipixError as exc:
                reason = str(exc)
                raise
            finally:
                self._mark(feature, ended, reason or (repr(sys.exception()) if ended is State.FAILED else ""))
            return (time.perf_counter() - start) * 1000

    def unload(self, feature: str) -> bool:
        """Give the memory back, at once or when whoever uses the model has done; False when it was not loaded."""
        released = self._residents.release(feature)
        if released:
            self._changed()
        return released

    def ran(self, feature: str, milliseconds: float) -> None:
        """Note how long a run of the feature's model took."""
        if (resident := self._residents.find(feature)) is not None:
            resident.last_ms = milliseconds
            self._changed()

    def configure(self, options: FeatureOptions) -> None:
        """Use other options from now on; what is switched off is unloaded."""
        self._options = options
        for feature in FEATURES:
            if feature not in options.enabled:
                self.unload(feature)
                self._marks.pop(feature, None)
        self._changed()

    def tidy(self) -> int:
        """Unload what was idle for too long, and when the ceiling is near what was used least lately; how many models."""
        idle, now, count = self._options.idle_seconds, self._clock(), 0
        for resident in self._residents.resting():
            if (idle and now - resident.last_used >= idle) or self._is_near():
                count += self._residents.evict(resident)
        if count:
            self._changed()
        return count

    def close(self) -> None:
        """Unload everything; what is used next is loaded again."""
        for feature in FEATURES:
            self.unload(feature)

    def statuses(self) -> tuple[FeatureStatus, ...]:
        """Of every feature, in the order of FEATURES."""
        try:
            listed, problem = self._store.manifest().models, ""
        except (ModelMissing, ModelCorrupt) as exc:
            listed, problem = (), str(exc)
        models = {model.feature: model for model in reversed(listed)}
        # Which variant of a model fits this computer is found out when it is loaded: it may take long. Meanwhile another
        # thread may load one: a copy is made in one step.
        models |= {feature: model for feature, model in self._chosen.copy().items() if feature in models}
        return tuple(self._status(feature, models.get(feature), problem) for feature in FEATURES)

    def _status(self, feature: str, model: Model | None, problem: str) -> FeatureStatus:
        enabled = feature in self._options.enabled
        if model is None:
            return FeatureStatus(feature, State.NOT_INSTALLED, enabled, problem or "no model is installed")
        state, reason = self._marks.get(feature, (State.UNLOADED, ""))
        resident = self._residents.find(feature)
        lost = [file.path for file in model.files if not (self._store.folder / file.path).is_file()]
        if lost and resident is None:
            state, reason = State.NOT_INSTALLED, f"{lost[0]} is missing"
        elif feature not in self._loaders:
            state, reason = State.UNSUPPORTED, "this version of Scipix has no use for it"
        elif not enabled:
            state, reason = State.OFF, ""
        elif resident is not None:
            state = State.READY
        elif state is State.READY:
            state = State.UNLOADED
        size = sum(file.size for file in model.files)
        status = FeatureStatus(feature, state, enabled, reason, model.id, model.precision, model.license, size)
        if resident is None:
            return status
        figures = {"memory": resident.memory, "load_ms": resident.load_ms, "last_ms": resident.last_ms}
        return replace(status, provider=resident.model.provider, **figures)

    def _load(self, feature: str, cancel: Cancel) -> None:
        self._mark(feature, State.LOADING, "checking its files")
        model = self._chosen[feature] = self._store.preferred(feature)
        if feature not in self._loaders:
            raise UsageError(f"this version of Scipix has no use for {model.id}")
        key = (model.fingerprint, model.precision)
        if self._residents.share(feature, key):
            return
        load_onnxruntime()  # its own time and memory are not the model's
        start = time.perf_counter()
        verified = self._store.verify(model)
        cancel.raise_if_set()
        self._mark(feature, State.LOADING, "loading")
        self._make_room(sum(file.size for file in model.files))
        before = self._held()
        loaded = self._loaders[feature](verified)
        took = (time.perf_counter() - start) * 1000
        give_back()  # what loading took and needs no more
        memory = max(0, self._held() - before)
        self._residents.add(feature, Resident(key, loaded, memory, took, self._clock()))

    def _make_room(self, size: int) -> None:
        for resident in self._residents.resting():
            if self._is_near(size):
                self._residents.evict(resident)

    def _is_near(self, more: int = 0) -> bool:
        ceiling = self._options.ceiling
        return ceiling > 0 and self._held() + more >= _NEAR * ceiling

    def _mark(self, feature: str, state: State, reason: str = "") -> None:
        self._marks[feature] = (state, reason)
        self._changed()
