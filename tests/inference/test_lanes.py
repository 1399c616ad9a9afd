"""Readings that are carried on in step: each ends as it would alone, whatever becomes of the thread that leads."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest

from scipix.errors import BackendUnavailable, Cancelled
from scipix.inference.agenda import DEVICE, PROCESSOR, Outcome, Priority
from scipix.inference.batching import Combiner, Limits
from scipix.inference.cancel import Cancel
from scipix.inference.lanes import Lanes, _Job
from scipix.inference.scheduler import Scheduler

LONG = 60.0


class Adds:
    """A graph that adds one; it runs when `gate` is open, and fails for numbers of `bad`."""

    def __init__(self) -> None:
        self.gate, self.running = threading.Event(), threading.Event()
        self.gate.set()
        self.bad: set[float] = set()
        self.sizes: list[int] = []

    def run(self, feeds, cancel=None, outputs=None):
        self.running.set()
        assert self.gate.wait(LONG)
        if cancel is not None:
            cancel.raise_if_set()
        self.sizes.append(len(feeds["x"]))
        if self.bad & set(feeds["x"].ravel().tolist()):
            raise BackendUnavailable("it does not like that number")
        return {"y": feeds["x"] + 1}

    attempt = run


class Bench:
    """Lanes over that graph, and threads that have readings carried on."""

    def __init__(self, lanes: int = 1, limits: Limits | None = None) -> None:
        self.graph = Adds()
        self.scheduler = Scheduler({PROCESSOR: 2, DEVICE: 1})
        self.combiner = Combiner(self.graph, limits or Limits(rows=8), lambda: 0.0)
        self.lanes = Lanes(self.combiner, lanes, lambda: PROCESSOR)
        self.pool = ThreadPoolExecutor(16)

    def read(self, start: float, steps: int, cancel: Cancel | None = None) -> Future[float]:
        """Count up from `start`, so many steps."""
        return self.pool.submit(self._read, reading(start, steps), cancel or Cancel())

    def _read(self, steps, cancel: Cancel) -> float:
        with self.scheduler.task((Priority.BATCH, 0), cancel) as turn:
            try:
                return self.lanes.run(steps, turn)
            finally:
                assert turn.waited["decode"] >= 0

    def assert_free(self) -> None:
        self.pool.shutdown(wait=True)
        assert (self.lanes._lanes, self.lanes._waiting) == (0, [])
        assert (self.scheduler._on_their_way, self.scheduler._free) == (0, self.scheduler._slots)


def reading(start: float, steps: int):
    value = np.full((1, 2), start, dtype=np.float32)
    for _ in range(steps):
        value = (yield {"x": value})["y"]
    return float(value[0, 0])


def hold(bench: Bench, count: int, steps: int = 5, cancels: dict[int, Cancel] | None = None) -> list[Future[float]]:
    """So many readings, the first of which leads and stands still in its first step while the others wait."""
    bench.graph.gate.clear()
    bench.graph.running.clear()
    cancels = cancels or {}
    found = [bench.read(0, steps, cancels.get(0))]
    assert bench.graph.running.wait(LONG)
    found += [bench.read(100.0 * place, steps, cancels.get(place)) for place in range(1, count)]
    until = threading.Event()
    while len(bench.lanes._waiting) < count - 1:
        until.wait(0.001)
    return found


@pytest.mark.parametrize("lanes", [1, 3])
def test_all_end_as_they_would_alone(lanes: int) -> None:
    bench = Bench(lanes)
    found = [bench.read(100.0 * place, 1 + place % 7) for place in range(40)]
    for place, future in enumerate(found):
        assert future.result(LONG) == 100.0 * place + 1 + place % 7
    bench.assert_free()


def test_steps_of_one_round_run_as_one() -> None:
    bench = Bench()
    found = hold(bench, 4)
    for count in (2, 3):
        bench.combiner.sizer().tried(count, 0.0, 100.0, 1.0)
    bench.graph.gate.set()
    assert [future.result(LONG) for future in found] == [5, 105, 205, 305]
    assert max(bench.graph.sizes) == 4
    bench.assert_free()


def test_a_reading_without_steps() -> None:
    bench = Bench()
    assert bench.read(7, 0).result(LONG) == 7
    bench.assert_free()


def test_waiting_adds_up_over_all_readings_of_a_picture() -> None:
    bench = Bench()
    with bench.scheduler.task((Priority.BATCH, 0), Cancel()) as turn:
        turn.waited["decode"] = 7.0  # milliseconds, of an earlier line
        assert bench.lanes.run(reading(0, 3), turn) == 3
        assert turn.waited["decode"] >= 7.0
    bench.assert_free()


def test_one_that_fails_leaves_the_others_alone() -> None:
    bench = Bench(limits=Limits(rows=1))
    bench.graph.bad = {102.0}
    found = hold(bench, 4)
    bench.graph.gate.set()
    assert [found[place].result(LONG) for place in (0, 2, 3)] == [5, 205, 305]
    with pytest.raises(BackendUnavailable):
        found[1].result(LONG)
    bench.assert_free()


def test_who_waits_hears_of_a_cancel_at_once() -> None:
    cancels = {2: Cancel()}
    bench = Bench()
    found = hold(bench, 4, cancels=cancels)
    cancels[2].set()
    with pytest.raises(Cancelled):
        found[2].result(LONG)  # while the step still runs
    assert not found[0].done()
    bench.graph.gate.set()
    assert [found[place].result(LONG) for place in (0, 1, 3)] == [5, 105, 305]
    bench.assert_free()


def test_who_begins_to_wait_while_it_ends_is_woken() -> None:
    bench = Bench()

    class Late(Cancel):
        """Another thread has carried the reading to its end at the very moment in which its own looks."""

        def is_set(self) -> bool:
            if not job.ended:
                job.outcome, job.ended = Outcome(7.0), True
                job.wake.set()
            return super().is_set()

    with bench.scheduler.task((Priority.BATCH, 0), Late()) as turn:
        job = _Job(reading(1, 1), turn)
        waiting = threading.Thread(target=bench.lanes._wait, args=[job], daemon=True)
        waiting.start()
        waiting.join(LONG / 6)
        assert not waiting.is_alive()
    bench.assert_free()


def test_when_the_one_that_leads_is_cancelled_another_leads() -> None:
    cancels = {0: Cancel()}
    bench = Bench()
    found = hold(bench, 4, cancels=cancels)
    cancels[0].set()
    bench.graph.gate.set()
    with pytest.raises(Cancelled):
        found[0].result(LONG)
    assert [found[place].result(LONG) for place in (1, 2, 3)] == [105, 205, 305]
    bench.assert_free()


def test_when_all_are_cancelled_nothing_is_left() -> None:
    cancels = {place: Cancel() for place in range(4)}
    bench = Bench()
    found = hold(bench, 4, cancels=cancels)
    for cancel in cancels.values():
        cancel.set()
    bench.graph.gate.set()
    for future in found:
        with pytest.raises(Cancelled):
            future.result(LONG)
    bench.assert_free()


def test_a_fault_of_ours_is_heard_and_the_others_go_on() -> None:
    def broken():
        yield {"x": np.zeros((1, 2), dtype=np.float32)}
        raise ZeroDivisionError

    bench = Bench()
    found = hold(bench, 2)
    wrong = bench.pool.submit(bench._read, broken(), Cancel())
    until = threading.Event()
    while len(bench.lanes._waiting) < 2:
        until.wait(0.001)
    bench.graph.gate.set()
    with pytest.raises((BackendUnavailable, ZeroDivisionError)):
        wrong.result(LONG)
    with pytest.raises(ZeroDivisionError):
        found[0].result(LONG)  # it led, so the fault is found in its thread
    assert found[1].result(LONG) == 105
    bench.assert_free()


def test_a_snip_overtakes() -> None:
    bench = Bench()
    with bench.scheduler.overtake():
        found = [bench.read(0, 3), bench.read(100, 3)]
        assert not bench.graph.running.wait(0.05)
    assert [future.result(LONG) for future in found] == [3, 103]
    bench.assert_free()
