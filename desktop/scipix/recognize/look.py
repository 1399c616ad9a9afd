"""A first look at a picture, which costs little; a closer one only where it may change something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scipix.datatypes import Reading
from scipix.recognize.preprocess import Prepared


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """reading: what was read token by token. others: the likeliest reading once at most so many doubtful tokens were
    tried otherwise, with the other likely ones beside it; raises Cancelled or BackendUnavailable."""

    reading: Reading
    others: Callable[[int], Reading]

    @property
    def confidence(self) -> float:
        return self.reading.confidence


Looks = Callable[[Prepared], Look]
