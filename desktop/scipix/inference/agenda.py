"""The steps that wait for their turn, and which go next: plain data, no threads, no clock."""

from __future__ import annotations

import threading
from bisect import insort
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any, Protocol

from scipix.inference.cancel import Cancel

Rank = tuple[int, int]

PROCESSOR, DEVICE = "processor", "device"


class Priority(IntEnum):
    """The smaller goes first."""

    SNIP = 0  # somebody waits for it
    BATCH = 1


@dataclass(frozen=True, slots=True)
class Limit:
    """How many steps may run as one, and how many bytes they may take together."""

    steps: int
    size: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step gave: a value, or an error."""

    value: Any = None
    error: Exception | None = None


class Combines(Protocol):
    """Runs steps as one; see `scipix.inference.batching.Combiner`."""

    def limit(self, key: Hashable) -> Limit:
        """Of steps with that key."""
        ...

    def run(self, requests: Sequence[Any], stop: Cancel) -> Sequence[Outcome]:
        """One outcome for each request, in order. stop is set when nobody waits for any of them."""
        ...


class State(Enum):
    """Of a ticket."""

    WAITS = 1
    LEADS = 2  # its thread has to run the group
    SHARES = 3  # another thread runs it
    ENDED = 4


@dataclass(slots=True, eq=False)
class Ticket:
    """One step that waits for its turn. rank: (priority, place in line). place: PROCESSOR or DEVICE. key: steps of one
    combiner with equal keys may run as one. size: bytes. mates: how many ran as one when its task took its last step.
    hurried: waits for no others any more."""

    rank: Rank
    request: Any
    cancel: Cancel
    place: str = PROCESSOR
    combiner: Combines | None = None
    key: Hashable = None
    size: int = 0
    mates: int = 1
    hurried: bool = False
    state: State = State.WAITS
    group: list[Ticket] = field(default_factory=list)
    outcome: Outcome | None = None
    began: float = 0.0
    wake: threading.Event = field(default_factory=threading.Event)


class Agenda:
    """The steps that wait, most urgent first."""

    def __init__(self) -> None:
        self._waiting: list[Ticket] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, ticket: Ticket) -> None:
        insort(self._waiting, ticket, key=lambda other: other.rank)

    def discard(self, ticket: Ticket) -> None:
        """Take a ticket out, if it is there."""
        if ticket in self._waiting:
            self._waiting.remove(ticket)

    def take(self, free: Mapping[str, int], more_may_come: bool = False, least: int = Priority.BATCH) -> list[Ticket]:
        """The steps to run next, as one: the most urgent one that has a free slot, and those that may join it.

        free: slots by place. more_may_come: a step whose task has gone together with others waits for as many, unless it
        is hurried. least: leave out what is less urgent. Empty when nothing may run.
        """
        for first in self._waiting:
            if first.rank[0] > least:
                break
            if not free[first.place]:
                continue
            group, whole = self._group(first)
            if whole or not more_may_come or first.hurried:
                self._waiting = [ticket for ticket in self._waiting if ticket not in group]
                return group
        return []

    def _group(self, first: Ticket) -> tuple[list[Ticket], bool]:
        """The steps that would run with the first, and whether those are all that it would wait for."""
        if first.combiner is None:
            return [first], True
        limit, group, size = first.combiner.limit(first.key), [first], first.size
        for other in self._waiting:
            alike = other.combiner is first.combiner and other.key == first.key
            # A batch must not hold a snip up.
            if other is first or not alike or other.rank[0] != first.rank[0]:
                continue
            if len(group) >= limit.steps or size + other.size > limit.size:
                return group, True
            group.append(other)
            size += other.size
        return group, len(group) >= min(limit.steps, first.mates)
