"""Whose turn it is: the steps of many tasks share a few slots, and the most urgent step goes first.

A task (a picture to read) runs in a thread of its own and asks for a turn before each of its steps: opening the file,
preparing the picture, the encoder, the decoder once for every token. So a snip overtakes a batch between any two steps,
the steps of different pictures overlap, and steps that may run as one are handed out together (see batching.py): the
thread of the first of them runs all, the others wait for their parts.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

from scipix.errors import BackendUnavailable
from scipix.inference.agenda import DEVICE, PROCESSOR, Agenda, Combines, Priority, Rank, State, Ticket
from scipix.inference.cancel import Cancel

T = TypeVar("T")


class Scheduler:
    """Hands out turns. Thread-safe; the work itself runs in the threads that ask.

    Steps run as one when they wait at the same time, as they do while all slots are taken. Those that have run as one once
    wait for each other then, while tasks are on their way to their next step, `linger` seconds at most.
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
        try:
            with self._lock:
                while self._free.get(DEVICE) != self._slots.get(DEVICE):
                    self._idle.wait()
            yield
        finally:
            with self._lock:
                self._overtaking -= 1
                self._begin()

    @contextmanager
    def resting(self) -> Iterator[None]:
        """A task asks for no steps for the length of a `with` block, or only for such as none waits for."""
        with self._lock:
            self._on_their_way -= 1
            self._begin()
        try:
            yield
        finally:
            with self._lock:
                self._on_their_way += 1

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
            return self._lead(ticket) if ticket.state is State.LEADS else _value(ticket)
        finally:
            forget()

    def _wait(self, ticket: Ticket) -> None:
        patience = self._linger if ticket.mates > 1 else None
        while ticket.state in (State.WAITS, State.SHARES):
            woken = ticket.wake.wait(patience)
            with self._lock:
                if ticket.state in (State.WAITS, State.SHARES) and ticket.cancel.is_set():
                    self._agenda.discard(ticket)
                    self._end(ticket)
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
            with all_set([each.cancel for each in ticket.group]) as stop:
                outcomes = ticket.combiner.run([each.request for each in ticket.group], stop)
            for each, outcome in zip(ticket.group, outcomes, strict=True):
                each.outcome = outcome
            return _value(ticket)
        finally:
            with self._lock:
                self._free[ticket.place] += 1
                for each in ticket.group:
                    self._end(each)
                    each.wake.set()
                ticket.group = []  # it is in there itself: nothing would free the arrays of its step until Python looks
                self._begin()
                self._idle.notify_all()

    def _end(self, ticket: Ticket) -> None:
        """The task goes on from here, even if its thread does not know yet; the lock is held."""
        if ticket.state is not State.ENDED:
            ticket.state = State.ENDED
            self._on_their_way += 1

    def _begin(self) -> None:
        """Give free slots to waiting steps; the lock is held."""
        least = Priority.SNIP if self._overtaking else Priority.BATCH
        while group := self._agenda.take(self._free, self._on_their_way > 0, least):
            first, now = group[0], self.clock()
            self._free[first.place] -= 1
            first.group = group
            for ticket in group:
                ticket.state, ticket.began, ticket.mates = State.SHARES, now, len(group)
            first.state = State.LEADS
            first.wake.set()


class Turn:
    """A task's way to its turns. waited: milliseconds that it has waited for them, by stage. Used by one thread."""

    def __init__(self, scheduler: Scheduler, rank: Rank, cancel: Cancel) -> None:
        self.rank, self.cancel = rank, cancel
        self.waited: dict[str, float] = {}
        self._scheduler = scheduler
        self._mates = 1

    def run(self, stage: str, step: Callable[[], T], place: str = PROCESSOR) -> T:
        """Run a step when its turn comes; raises Cancelled and what the step raises."""
        return self._run(stage, Ticket(self.rank, step, self.cancel, place))

    def join(self, stage: str, combiner: Combines, key: Hashable, size: int, request: Any, place: str) -> Any:
        """Have a step run that may run as one with others of that key; raises Cancelled and what the step raises."""
        return self._run(stage, Ticket(self.rank, request, self.cancel, place, combiner, key, size, self._mates))

    @contextmanager
    def away(self) -> Iterator[None]:
        """For the length of a `with` block the task is not on its way to a step that others might wait for."""
        with self._scheduler.resting():
            yield

    def _run(self, stage: str, ticket: Ticket) -> Any:
        asked = self._scheduler.clock()
        try:
            return self._scheduler.run(ticket)
        finally:
            if ticket.began:
                self._mates = ticket.mates
                self.waited[stage] = self.waited.get(stage, 0.0) + (ticket.began - asked) * 1000


def _value(ticket: Ticket) -> Any:
    if ticket.outcome is None:  # the thread that ran it met a fault of ours
        raise BackendUnavailable("the run that this picture shared with others failed")
    if ticket.outcome.error is not None:
        raise ticket.outcome.error
    return ticket.outcome.value


@contextmanager
def all_set(cancels: Sequence[Cancel]) -> Iterator[Cancel]:
    """A flag that is set when all of them are."""
    every = Cancel()

    def look() -> None:
        if all(cancel.is_set() for cancel in cancels):
            every.set()

    with ExitStack() as stack:
        for cancel in cancels:
            stack.callback(cancel.on_set(look))
        yield every
