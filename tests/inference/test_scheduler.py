"""Turns: tasks in real threads that are held and let go by hand."""

from __future__ import annotations

import gc
import random
import threading
import weakref
from collections.abc import Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import pytest

from scipix.errors import BackendUnavailable, Cancelled
from scipix.inference.agenda import DEVICE, PROCESSOR, Limit, Outcome, Priority
from scipix.inference.cancel import Cancel
from scipix.inference.scheduler import Scheduler, Turn

LONG = 60.0  # seconds that nothing here should ever take
ONE = {PROCESSOR: 1, DEVICE: 1}


class Joiner:
    """Doubles numbers, a group at a time."""

    def __init__(self, steps: int = 4, size: int = 1000) -> None:
        self.most = Limit(steps, size)
        self.groups: list[list[Any]] = []
        self.stopped: list[bool] = []
        self.gate = threading.Event()
        self.gate.set()
        self.started = threading.Event()

    def limit(self, key: Hashable) -> Limit:
        return self.most

    def run(self, requests: Sequence[Any], stop: Cancel) -> list[Outcome]:
        self.groups.append(list(requests))
        self.started.set()
        assert self.gate.wait(LONG)
        self.stopped.append(stop.is_set())
        return [Outcome(2 * request) for request in requests]


@pytest.fixture
def pool():
    with ThreadPoolExecutor(40) as pool:
        yield pool


class Tasks:
    """Tasks of a scheduler, in threads."""

    def __init__(self, pool: ThreadPoolExecutor, slots: dict[str, int] | None = None, linger: float = LONG) -> None:
        self.scheduler = Scheduler(slots or ONE, linger)
        self.pool = pool

    def start(self, rank: tuple[int, int], work, cancel: Cancel | None = None) -> Future[Any]:
        """work: called with its Turn."""
        entered = threading.Event()

        def task():
            with self.scheduler.task(rank, cancel or Cancel()) as turn:
                entered.set()
                return work(turn)

        future = self.pool.submit(task)
        assert entered.wait(LONG)
        return future

    def hold(self, place: str = PROCESSOR) -> tuple[threading.Event, Future[Any]]:
        """Fill a slot until the event is set."""
        release, running = threading.Event(), threading.Event()

        def step():
            running.set()
            assert release.wait(LONG)

        future = self.start((Priority.SNIP, -1), lambda turn: turn.run("hold", step, place))
        assert running.wait(LONG)
        return release, future


def until(condition) -> None:
    """Wait for another thread; the time is only a bound for a test that fails."""
    for _ in range(int(LONG / 0.005)):
        if condition():
            return
        threading.Event().wait(0.005)
    raise AssertionError("it did not happen")


def test_a_snip_overtakes_a_batch_between_two_steps(pool) -> None:
    tasks, order = Tasks(pool), []
    release, _ = tasks.hold()

    def steps(name: str, count: int):
        def work(turn: Turn):
            for number in range(count):
                turn.run("step", lambda number=number: order.append(f"{name}{number}"))

        return work

    batch = tasks.start((Priority.BATCH, 0), steps("b", 3))
    until(lambda: len(tasks.scheduler._agenda) == 1)
    snip = tasks.start((Priority.SNIP, 1), steps("s", 2))
    until(lambda: len(tasks.scheduler._agenda) == 2)
    release.set()
    wait([batch, snip], LONG)
    assert order[0] == "s0"
    assert [name for name in order if name[0] == "b"] == ["b0", "b1", "b2"]


class Arrays:
    """Stands for what a step holds."""


class Keeper(Joiner):
    def run(self, requests: Sequence[Any], stop: Cancel) -> list[Outcome]:
        return [Outcome() for _ in requests]


@pytest.mark.parametrize("joined", [False, True])
def test_what_a_step_held_is_freed_when_it_has_ended(joined: bool) -> None:
    """At once: Python looks for what hangs together in a circle long after many batches."""
    scheduler, arrays = Scheduler(ONE), Arrays()
    freed = weakref.ref(arrays)
    gc.disable()
    try:
        with scheduler.task((Priority.BATCH, 0), Cancel()) as turn:
            if joined:
                turn.join("decode", Keeper(), None, 1, arrays, PROCESSOR)
            else:
                turn.run("decode", lambda arrays=arrays: None)
            del arrays
            assert freed() is None
    finally:
        gc.enable()


def test_overtaking_stops_a_batch_and_waits_for_the_device(pool) -> None:
    tasks, done = Tasks(pool), []
    release, held = tasks.hold(DEVICE)
    entered, leave = threading.Event(), threading.Event()

    def owner():
        with tasks.scheduler.overtake():
            entered.set()
            assert leave.wait(LONG)

    overtaking = pool.submit(owner)
    until(lambda: tasks.scheduler._overtaking == 1)
    batch = tasks.start((Priority.BATCH, 0), lambda turn: turn.run("step", lambda: done.append("batch")))
    assert not entered.wait(0.05)
    release.set()
    assert entered.wait(LONG)
    assert done == []
    leave.set()
    wait([overtaking, batch, held], LONG)
    assert done == ["batch"]


def test_steps_that_fit_run_as_one_and_each_gets_its_own(pool) -> None:
    tasks, joiner = Tasks(pool), Joiner(3)

    def work(number: int):
        return lambda turn: turn.join("decode", joiner, "key", 1, number, PROCESSOR)

    release, _ = tasks.hold()
    futures = [tasks.start((Priority.BATCH, place), work(place)) for place in range(5)]
    until(lambda: len(tasks.scheduler._agenda) == 5)
    release.set()
    assert [future.result(LONG) for future in futures] == [0, 2, 4, 6, 8]
    assert joiner.groups == [[0, 1, 2], [3, 4]]


def test_tasks_in_step_stay_together(pool) -> None:
    tasks, joiner = Tasks(pool), Joiner(4)

    def work(number: int):
        return lambda turn: [turn.join("decode", joiner, step, 1, number, PROCESSOR) for step in range(5)]

    release, _ = tasks.hold()
    futures = [tasks.start((Priority.BATCH, place), work(place)) for place in range(3)]
    until(lambda: len(tasks.scheduler._agenda) == 3)
    release.set()
    wait(futures, LONG)
    assert joiner.groups == [[0, 1, 2]] * 5


def test_one_cancel_does_not_stop_the_others_of_a_group(pool) -> None:
    tasks, joiner = Tasks(pool), Joiner(3)
    joiner.gate.clear()
    cancels = [Cancel() for _ in range(3)]
    release, _ = tasks.hold()
    futures = []
    for place, cancel in enumerate(cancels):
        futures.append(
            tasks.start(
                (Priority.BATCH, place),
                lambda turn, place=place: turn.join("decode", joiner, "key", 1, place, PROCESSOR),
                cancel,
            )
        )
    until(lambda: len(tasks.scheduler._agenda) == 3)
    release.set()
    assert joiner.started.wait(LONG)
    cancels[1].set()  # it waits for the thread of the first, and goes at once
    assert isinstance(futures[1].exception(LONG), Cancelled)
    joiner.gate.set()
    assert [futures[0].result(LONG), futures[2].result(LONG)] == [0, 4]
    assert joiner.stopped == [False]


def test_when_all_of_a_group_are_cancelled_the_run_is_told(pool) -> None:
    tasks, joiner = Tasks(pool), Joiner(2)
    joiner.gate.clear()
    cancels = [Cancel(), Cancel()]

    def join(turn: Turn):
        return turn.join("decode", joiner, "key", 1, 0, PROCESSOR)

    release, _ = tasks.hold()
    futures = [tasks.start((Priority.BATCH, place), join, cancel) for place, cancel in enumerate(cancels)]
    until(lambda: len(tasks.scheduler._agenda) == 2)
    release.set()
    assert joiner.started.wait(LONG)
    for cancel in cancels:
        cancel.set()
    joiner.gate.set()
    wait(futures, LONG)
    assert joiner.stopped == [True]


def test_a_fault_in_a_shared_run_reaches_every_thread(pool) -> None:
    class Broken(Joiner):
        def run(self, requests: Sequence[Any], stop: Cancel) -> list[Outcome]:
            raise ZeroDivisionError

    tasks, broken = Tasks(pool), Broken(2)
    release, _ = tasks.hold()
    join = lambda turn: turn.join("decode", broken, "key", 1, 0, PROCESSOR)  # noqa: E731
    futures = [tasks.start((Priority.BATCH, place), join) for place in range(2)]
    until(lambda: len(tasks.scheduler._agenda) == 2)
    release.set()
    assert {type(future.exception(LONG)) for future in futures} == {ZeroDivisionError, BackendUnavailable}
    assert tasks.start((Priority.BATCH, 9), lambda turn: turn.run("step", lambda: 7)).result(LONG) == 7


def test_those_that_went_together_wait_for_each_other_but_not_for_long(pool) -> None:
    tasks, joiner = Tasks(pool, linger=0.001), Joiner(8)
    thinks = threading.Event()

    def join(turn: Turn, number: int) -> int:
        return turn.join("decode", joiner, "key", 1, number, PROCESSOR)

    def slow(turn: Turn) -> int:
        join(turn, 1)
        assert thinks.wait(LONG)
        return join(turn, 2)

    release, _ = tasks.hold()
    other = tasks.start((Priority.BATCH, 1), slow)
    found = tasks.start((Priority.BATCH, 0), lambda turn: (join(turn, 5), join(turn, 6)))
    until(lambda: len(tasks.scheduler._agenda) == 2)
    release.set()
    assert found.result(LONG) == (10, 12)
    thinks.set()
    assert other.result(LONG) == 4
    assert joiner.groups == [[5, 1], [6], [2]]


def test_waiting_is_measured(pool) -> None:
    times = iter(range(100))
    scheduler = Scheduler(ONE, clock=lambda: float(next(times)))
    with scheduler.task((Priority.BATCH, 0), Cancel()) as turn:
        turn.run("encode", lambda: None)
        turn.run("encode", lambda: None)
    assert turn.waited == {"encode": 2000.0}


def test_200_cancels_at_random_moments_lose_nothing_else(pool) -> None:
    """Tasks of many steps, alone and joined; whoever is not cancelled gets what is his, whoever is ends, all slots come
    back."""
    chance = random.Random(3)
    tasks, joiner = Tasks(pool, {PROCESSOR: 2, DEVICE: 1}, linger=0.0005), Joiner(4)

    def work(number: int):
        def steps(turn: Turn) -> list[int]:
            found = []
            for step in range(6):
                found.append(turn.run("prepare", lambda step=step: 100 * number + step))
                found.append(turn.join("decode", joiner, step % 2, 1, number, (PROCESSOR, DEVICE)[step % 2]))
            return found

        return steps

    for _ in range(10):
        jobs = []
        for number in range(30):
            cancel = Cancel()
            rank = (chance.choice(list(Priority)), number)
            jobs.append((number, cancel, tasks.start(rank, work(number), cancel)))
        stopped = chance.sample(range(30), 20)
        for number in stopped:
            jobs[number][1].set()
            threading.Event().wait(chance.choice([0, 0, 0.0005]))
        for number, cancel, future in jobs:
            error = future.exception(LONG)
            assert error is None or (cancel.is_set() and isinstance(error, Cancelled))
            if error is None:
                right = [value for step in range(6) for value in (100 * number + step, 2 * number)]
                assert future.result() == right
    assert tasks.scheduler._free == {PROCESSOR: 2, DEVICE: 1}
    assert len(tasks.scheduler._agenda) == 0
