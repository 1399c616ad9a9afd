"""Tasks in other threads come back to the one that started them."""

from __future__ import annotations

import threading

from scipix.inference.crew import Crew

LONG = 60.0


def test_results_and_errors_come_back_with_their_tags() -> None:
    def fails() -> None:
        raise ZeroDivisionError

    with Crew() as crew:
        crew.start(1, threading.get_ident)
        crew.start(2, fails)
        assert crew.busy == 2
        found = {}
        while crew.busy:
            ended = crew.wait(LONG)
            assert ended is not None
            found[ended[0]] = ended[1]
    assert found[1].result() != threading.get_ident()
    assert isinstance(found[2].exception(), ZeroDivisionError)


def test_tasks_run_side_by_side() -> None:
    meet = threading.Barrier(3)
    with Crew() as crew:
        for tag in range(3):
            crew.start(tag, lambda: meet.wait(LONG))
        assert sorted(ended[0] for ended in (crew.wait(LONG) for _ in range(3)) if ended) == [0, 1, 2]


def test_waiting_ends_after_a_while_or_when_it_is_woken() -> None:
    go_on = threading.Event()
    with Crew() as crew:
        crew.start(1, lambda: go_on.wait(LONG))
        assert crew.wait(0.001) is None
        crew.wake()
        assert crew.wait(LONG) is None
        go_on.set()
        assert crew.wait(LONG) is not None


def test_leaving_waits_for_what_runs_and_drops_what_does_not() -> None:
    started, go_on, ran = threading.Event(), threading.Event(), []

    def first() -> None:
        started.set()
        go_on.wait(LONG)
        ran.append(1)

    with Crew(most=1) as crew:
        crew.start(1, first)
        crew.start(2, lambda: ran.append(2))
        assert started.wait(LONG)
        threading.Timer(0.02, go_on.set).start()
    assert ran == [1]
