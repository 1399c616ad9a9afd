"""Whose turn it is: the steps of many tasks share a few slots, and the most urgent step goes first.

A task (a picture to read) runs in a thread of its own and asks for a turn before each of its steps: opening the file,
preparing the picture, the encoder, the decoder once for every token. So a snip overtakes a batch between any two steps,
the steps of different pictures overlap, and steps that may run as one are handed out together (see batching.py): the
thread of the first of them runs all, the others wait for their parts.
"""

from __future__ import annotations

import threading
import time
from bisect import insort
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any, Protocol, TypeVar

from scipix.errors import BackendUnavailable
from scipix.inference.cancel import Cancel

T = TypeVar("T")
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

    def limit(self) -> Limit: ...

    def run(self, requests: Sequence[Any], stop: Cancel) -> Sequence[Outcome]:
        """One outcome for each request, in order. stop is set when nobody waits for any of them."""
        ...


class _State(Enum):
    WAITS = 1
    LEADS = 2  # its thread has to run the group
    SHARES = 3  # another thread runs it
    ENDED = 4


@dataclass(slots=True, eq=False)
class Ticket:
    """One step that waits for its turn. rank: (priority, place in line). place: PROCESSOR or DEVICE. key: steps of one
    combiner with equal keys may run as one. size: bytes. hurried: waits for no others any more."""

    rank: Rank
    request: Any
    cancel: Cancel
    place: str = PROCESSOR
    combiner: Combines | None = None
    key: Hashable = None
    size: int = 0
    hurried: bool = False
    state: _State = _State.WAITS
    group: list[Ticket] = field(default_factory=list)
    outcome: Outcome | None = None
    began: float = 0.0
    wake: threading.Event = field(default_factory=threading.Event)


class Agenda:
    """The steps that wait, most urgent first. Plain data: no threads, no clock."""

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

        free: slots by place. more_may_come: a step that others might join waits for them, unless it is hurried. least:
        leave out what is less urgent. Empty when nothing may run.
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
        """The steps that would run with the first, and whether no other could join them."""
        if first.combiner is None:
            return [first], True
        limit, group, size = first.combiner.limit(), [first], first.size
        for other in self._waiting:
            alike = other.combiner is first.combiner and other.key == first.key
            # A batch must not hold a snip up.
            if other is first or not alike or other.rank[0] != first.rank[0]:
                continue
            if len(group) >= limit.steps or size + other.size > limit.size:
                return group, True
            group.append(other)
            size += other.size
        return group, len(group) >= limit.steps


class Scheduler:
    """Hands out turns. Thread-safe; the work itself runs in the threads that ask.

    A turn that others might join is held back while tasks are on their way to their next step, `linger` seconds at most.
    """

    def __init__(
        self, slots: Mapping[str, int], linger: float = 0.002, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """slots: how many steps may run at a time, by place."""
        self._free = dict(slots)
        self._slots = dict(slots)
        self._linger, self.clock = linger, clock
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._agenda = Agenda()
        self._on_their_way = 0  # tasks between two steps
        self._overtaking = 0

    @contextmanager
    def task(self, rank: Rank, cancel: Cancel) -> Iterator[Turn]:
        """A task for the length of a `with` block, in one thread."""
        with self._lock:
            self._on_their_way += 1
        try:
            yield Turn(self, rank, cancel)
        finally:
            with self._lock:
                self._on_their_way -= 1
                self._begin()

    @contextmanager
    def overtake(self) -> Iterator[None]:
        """Begin no step of a batch for the length of a `with` block; those that run on a device end first."""
        with self._lock:
            self._overtaking += 1
            while self._free.get(DEVICE) != self._slots.get(DEVICE):
                self._idle.wait()
        try:
            yield
        finally:
            with self._lock:
                self._overtaking -= 1
                self._begin()

    def run(self, ticket: Ticket) -> Any:
        """Wait for the ticket's turn, run it (or have it run with others), and return its value.

        Raises Cancelled, at once when it waits or another thread runs it, and what the step raises.
        """
        ticket.cancel.raise_if_set()
        forget = ticket.cancel.on_set(ticket.wake.set)
        with self._lock:
            self._on_their_way -= 1
            self._agenda.add(ticket)
            self._begin()
        try:
            self._wait(ticket)
            return self._lead(ticket) if ticket.state is _State.LEADS else _value(ticket)
        finally:
            forget()
            with self._lock:
                self._on_their_way += 1

    def _wait(self, ticket: Ticket) -> None:
        patience = None if ticket.combiner is None else self._linger
        while ticket.state in (_State.WAITS, _State.SHARES):
            woken = ticket.wake.wait(patience)
            with self._lock:
                if ticket.state in (_State.WAITS, _State.SHARES) and ticket.cancel.is_set():
                    self._agenda.discard(ticket)
                    ticket.cancel.raise_if_set()
                if not woken:
                    patience, ticket.hurried = None, True
                    self._begin()

    def _lead(self, ticket: Ticket) -> Any:
        """Run a group in this thread. Whatever happens, each of the others hears of it."""
        try:
            if ticket.combiner is None:
                ticket.cancel.raise_if_set()
                return ticket.request()
            with _all_set([each.cancel for each in ticket.group]) as stop:
                outcomes = ticket.combiner.run([each.request for each in ticket.group], stop)
            for each, outcome in zip(ticket.group, outcomes, strict=True):
                each.outcome = outcome
            return _value(ticket)
        finally:
            with self._lock:
                self._free[ticket.place] += 1
                for other in ticket.group[1:]:
                    other.state = _State.ENDED
                    other.wake.set()
                self._begin()
                self._idle.notify_all()

    def _begin(self) -> None:
        """Give free slots to waiting steps; the lock is held."""
        least = Priority.SNIP if self._overtaking else Priority.BATCH
        while group := self._agenda.take(self._free, self._on_their_way > 0, least):
            first, now = group[0], self.clock()
            self._free[first.place] -= 1
            first.group = group
            for ticket in group:
                ticket.state, ticket.began = _State.SHARES, now
            first.state = _State.LEADS
            first.wake.set()


class Turn:
    """A task's way to its turns. waited: milliseconds that it has waited for them, by stage. Used by one thread."""

    def __init__(self, scheduler: Scheduler, rank: Rank, cancel: Cancel) -> None:
        self.rank, self.cancel = rank, cancel
        self.waited: dict[str, float] = {}
        self._scheduler = scheduler

    def run(self, stage: str, step: Callable[[], T], place: str = PROCESSOR) -> T:
        """Run a step when its turn comes; raises Cancelled and what the step raises."""
        return self._run(stage, Ticket(self.rank, step, self.cancel, place))

    def join(self, stage: str, combiner: Combines, key: Hashable, size: int, request: Any, place: str) -> Any:
        """Have a step run that may run as one with others of that key; raises Cancelled and what the step raises."""
        return self._run(stage, Ticket(self.rank, request, self.cancel, place, combiner, key, size))

    def _run(self, stage: str, ticket: Ticket) -> Any:
        asked = self._scheduler.clock()
        try:
            return self._scheduler.run(ticket)
        finally:
            if ticket.began:
                self.waited[stage] = self.waited.get(stage, 0.0) + (ticket.began - asked) * 1000


def _value(ticket: Ticket) -> Any:
    if ticket.outcome is None:  # the thread that ran it met a fault of ours
        raise BackendUnavailable("the run that this picture shared with others failed")
    if ticket.outcome.error is not None:
        raise ticket.outcome.error
    return ticket.outcome.value


@contextmanager
def _all_set(cancels: Sequence[Cancel]) -> Iterator[Cancel]:
    """A flag that is set when all of them are."""
    every = Cancel()

    def look() -> None:
        if all(cancel.is_set() for cancel in cancels):
            every.set()

    with ExitStack() as stack:
        for cancel in cancels:
            stack.callback(cancel.on_set(look))
        yield every
