"""The models in memory: who needs each, how many are using it, which has rested longest.

Thread-safe. The lock is held for a few assignments, never while a model is loaded, runs or is closed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from scipix.inference.memory import give_back

Key = tuple[str, str]  # fingerprint and precision: what is the same may be shared


class Loaded(Protocol):
    """A model in memory. provider: where it runs."""

    @property
    def provider(self) -> str: ...

    def close(self) -> None: ...


@dataclass(slots=True, eq=False)
class Resident:
    """memory: bytes by which the process grew when it was loaded. load_ms, last_ms: how long loading it and its last run
    took. last_used: by the clock. names: who needs it. users: how many are using it now."""

    key: Key
    model: Loaded
    memory: int
    load_ms: float
    last_used: float
    names: set[str] = field(default_factory=set)
    users: int = 0
    last_ms: float = 0.0


class Residents:
    """The books. A model that nobody needs any more is closed at once, or by the last of its users."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._all: dict[Key, Resident] = {}

    def __len__(self) -> int:
        return len(self._all)

    def find(self, name: str) -> Resident | None:
        """The model that is there for that name."""
        with self._lock:
            return self._named(name)

    def take(self, name: str) -> Resident | None:
        """`find`, and count one more user; whoever takes it puts it back."""
        with self._lock:
            resident = self._named(name)
            if resident is not None:
                resident.users += 1
            return resident

    def put_back(self, resident: Resident) -> None:
        with self._lock:
            resident.users -= 1
            resident.last_used = self._clock()
        self._close_if_forlorn(resident)

    def share(self, name: str, key: Key) -> bool:
        """Let a name need the model with that key, too; False when there is none."""
        with self._lock:
            resident = self._all.get(key)
            if resident is not None:
                resident.names.add(name)
            return resident is not None

    def add(self, name: str, resident: Resident) -> None:
        with self._lock:
            resident.names.add(name)
            self._all[resident.key] = resident

    def release(self, name: str) -> bool:
        """That name needs its model no more; False when it had none."""
        with self._lock:
            resident = self._named(name)
            if resident is None:
                return False
            resident.names.discard(name)
        self._close_if_forlorn(resident)
        return True

    def resting(self) -> list[Resident]:
        """Those that nobody uses now, the one that has rested longest first."""
        with self._lock:
            found = [resident for resident in self._all.values() if not resident.users]
        return sorted(found, key=lambda resident: resident.last_used)

    def evict(self, resident: Resident) -> bool:
        """Close it, whoever needs it; False when it is in use."""
        with self._lock:
            if resident.users:
                return False
            resident.names.clear()
        self._close_if_forlorn(resident)
        return True

    def _named(self, name: str) -> Resident | None:
        return next((resident for resident in self._all.values() if name in resident.names), None)

    def _close_if_forlorn(self, resident: Resident) -> None:
        with self._lock:
            if resident.users or resident.names or self._all.get(resident.key) is not resident:
                return
            del self._all[resident.key]
        resident.model.close()
        give_back()
