"""Readings to give again: the latest in memory, more of them in a file when there is one."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from scipix.datatypes import Reading, Timings
from scipix.inference.result_file import ResultFile

_TTL_S = 86400.0


@dataclass(frozen=True, slots=True)
class Question:
    """What a reading depends on. picture: digest of its pixels. options: frozen data whose repr tells all, what made
    the reading included (provider, version). model: the fingerprint."""

    picture: bytes
    options: Any
    model: str

    def digest(self) -> bytes:
        """32 bytes, the same in every process."""
        text = "\n".join((self.picture.hex(), repr(self.options), self.model))
        return hashlib.sha256(text.encode()).digest()


class Results:
    """size: how many to keep in memory; 0 keeps none at all. ttl: seconds in memory, after which the file is asked, which
    knows how old a reading really is. Used by one thread."""

    def __init__(
        self, size: int, file: ResultFile | None = None, ttl: float = _TTL_S, clock: Callable[[], float] = time.time
    ) -> None:
        self._size, self._ttl, self._clock = size, ttl, clock
        self._file = file if size > 0 else None
        self._latest: OrderedDict[Question, tuple[Reading, float]] = OrderedDict()  # and when it came here
        self._model = ""

    def get(self, question: Question) -> Reading | None:
        """The reading, its times 0 and marked as cached; None when it has to be made."""
        found = self._remembered(question)
        if found is None and self._file is not None:
            self._settle(question.model)
            found = self._file.get(question.digest())
            if found is not None:
                self._remember(question, found)
        return None if found is None else replace(found, cached=True, timings=Timings())

    def put(self, question: Question, reading: Reading) -> None:
        self._remember(question, reading)
        if self._file is not None:
            self._settle(question.model)
            self._file.put(question.digest(), question.model, reading)

    def forget(self) -> None:
        """Delete all, in memory and on the disk."""
        self._latest.clear()
        if self._file is not None:
            self._file.clear()

    def close(self) -> None:
        """Forget what is in memory; the file stays."""
        self._latest.clear()
        if self._file is not None:
            self._file.close()

    def _remembered(self, question: Question) -> Reading | None:
        known = self._latest.get(question)
        if known is None:
            return None
        if not 0 <= self._clock() - known[1] <= self._ttl:  # from the future: the clock was set back
            del self._latest[question]
            return None
        self._latest.move_to_end(question)
        return known[0]

    def _remember(self, question: Question, reading: Reading) -> None:
        self._latest[question] = (reading, self._clock())
        self._latest.move_to_end(question)
        while len(self._latest) > self._size:
            self._latest.popitem(last=False)

    def _settle(self, model: str) -> None:
        # What another model read is of no use any more.
        if self._file is not None and model != self._model:
            self._file.keep_only(model)
            self._model = model
