"""Sessions on the CPU that say they are on a device which is not at hand."""

from __future__ import annotations

from typing import Any

from scipix.inference import sessions
from scipix.inference.providers import COREML, CPU


class Pretending:
    """broken: its runs fail; wrong: what it gives is off. lasts: the runs that go well before it breaks, None for all."""

    def __init__(self, session: Any, provider: str = COREML, lasts: int | None = None) -> None:
        self._session, self._provider, self._lasts = session, provider, lasts
        self.broken = self.wrong = False

    def get_providers(self) -> list[str]:
        return [self._provider, CPU]

    def run(self, names, feeds, options=None):
        if self._lasts is not None:
            self._lasts -= 1
            self.broken = self._lasts < 0
        if self.broken:
            raise sessions.run_faults()[0]("the card is gone")
        found = self._session.run(names, feeds, options)
        return [value * 2 for value in found] if self.wrong else found

    def __getattr__(self, name: str):
        return getattr(self._session, name)


def unbound(session, feeds, names, device, options=None):
    """In place of `run_bound`: nothing stays on the device."""
    return dict(zip(names, session.run(names, sessions.in_memory(feeds), options), strict=True))
