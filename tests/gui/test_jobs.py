import sys
import threading

import pytest
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QWidget

from scipix.errors import BackendUnavailable, Cancelled
from scipix.gui.jobs import Jobs, Lane


@pytest.fixture
def jobs(qapp):
    jobs = Jobs()
    yield jobs
    jobs.close()


def test_a_result_comes_back_in_the_thread_of_jobs(jobs, qtbot):
    seen = []

    def work(a, b, cancel):
        return a + b, threading.get_ident()

    jobs.submit(Lane.WORK, work, 2, 3, done=lambda result: seen.append((result, threading.get_ident())))
    qtbot.waitUntil(lambda: bool(seen))
    (total, worker), here = seen[0]
    assert total == 5
    assert worker != threading.get_ident()
    assert here == threading.get_ident()


def test_an_error_comes_back_as_it_is(jobs, qtbot):
    seen = []

    def work(cancel):
        raise ZeroDivisionError("by zero")

    jobs.submit(Lane.IO, work, done=seen.append, failed=seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert isinstance(seen[0], ZeroDivisionError)
    assert len(seen) == 1


def test_a_cancelled_job_fails_with_cancelled_even_when_it_ended(jobs, qtbot):
    seen = []
    started, go_on = threading.Event(), threading.Event()

    def work(cancel):
        started.set()
        go_on.wait(10)
        return "never delivered"

    job = jobs.submit(Lane.WORK, work, done=seen.append, failed=seen.append)
    waiting = jobs.submit(Lane.WORK, work, done=seen.append, failed=seen.append)
    assert started.wait(10)
    waiting.cancel.set()
    job.cancel.set()
    go_on.set()
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert all(isinstance(item, Cancelled) for item in seen)


def test_the_work_lane_is_one_thread_in_order_and_priority_overtakes(jobs, qtbot):
    order, threads, seen = [], set(), []
    go_on = threading.Event()

    def work(name, cancel):
        go_on.wait(10)
        order.append(name)
        threads.add(threading.get_ident())

    for name in ("a", "b", "c"):
        jobs.submit(Lane.WORK, work, name, done=seen.append)
    jobs.submit(Lane.WORK, work, "urgent", done=seen.append, priority=1)
    go_on.set()
    qtbot.waitUntil(lambda: len(seen) == 4)
    assert len(threads) == 1
    assert sorted(order) == ["a", "b", "c", "urgent"]
    assert order.index("urgent") <= 1
    assert [name for name in order if name != "urgent"] == ["a", "b", "c"]


class Pieces:
    """An iterator in pieces that are let go one by one."""

    def __init__(self, count=1000):
        self.count, self.closed, self.threads = count, 0, set()
        self.go_on = threading.Semaphore(0)

    def __call__(self, cancel):
        try:
            for number in range(self.count):
                assert self.go_on.acquire(timeout=30)
                self.threads.add(threading.get_ident())
                yield number if number % 2 else None
        finally:
            self.closed += 1
            self.threads.add(threading.get_ident())


def test_pages_have_one_thread_and_it_is_not_that_of_the_work(jobs, qtbot):
    seen, together = [], []
    gate = threading.Event()
    jobs.submit(Lane.WORK, lambda cancel: gate.wait(30))

    def draw(cancel):
        together.append(1)
        seen.append(len(together))
        together.pop()

    for _ in range(20):
        jobs.submit(Lane.PAGES, draw)
    qtbot.waitUntil(lambda: len(seen) == 20, timeout=30_000)
    gate.set()
    assert set(seen) == {1}


def test_a_job_in_pieces_tells_each(jobs, qtbot):
    told, seen, pieces = [], [], Pieces(6)
    pieces.go_on.release(6)
    jobs.submit_pieces(Lane.WORK, pieces, each=told.append, done=seen.append, failed=seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert (told, seen, pieces.closed) == ([1, 3, 5], [None], 1)


def test_what_is_more_urgent_runs_between_two_pieces(jobs, qtbot):
    told, order, pieces = [], [], Pieces(4)
    jobs.submit_pieces(Lane.WORK, pieces, each=told.append, done=lambda _: order.append("pieces"), failed=order.append)
    jobs.submit(Lane.WORK, lambda cancel: "equal", done=order.append)
    jobs.submit(Lane.WORK, lambda cancel: threading.get_ident(), done=order.append, priority=1)
    pieces.go_on.release(1)
    qtbot.waitUntil(lambda: len(order) >= 1)
    pieces.go_on.release(3)
    qtbot.waitUntil(lambda: len(order) == 3)
    assert told == [1, 3]
    assert {order[0]} == pieces.threads
    assert set(order[1:]) == {"pieces", "equal"}


def test_cancelled_pieces_are_closed_in_their_thread(jobs, qtbot):
    seen, pieces = [], Pieces()
    pieces.go_on.release(3)
    job = jobs.submit_pieces(Lane.WORK, pieces, each=seen.append, done=seen.append, failed=seen.append)
    qtbot.waitUntil(lambda: seen == [1])
    job.cancel.set()
    pieces.go_on.release()
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert isinstance(seen[1], Cancelled)
    assert pieces.closed == len(pieces.threads) == 1


def test_a_fault_in_a_piece_ends_the_job(jobs, qtbot):
    seen = []

    def pieces(cancel):
        yield 1
        raise ZeroDivisionError

    jobs.submit_pieces(Lane.WORK, pieces, each=seen.append, done=seen.append, failed=seen.append)
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert isinstance(seen[1], ZeroDivisionError)


def test_a_fault_while_pieces_are_closed_ends_the_job(jobs, qtbot):
    seen, go_on = [], threading.Event()

    def pieces(cancel):
        try:
            while True:
                yield 1
                go_on.wait(10)
        finally:
            raise ZeroDivisionError

    job = jobs.submit_pieces(Lane.WORK, pieces, each=seen.append, done=seen.append, failed=seen.append)
    qtbot.waitUntil(lambda: seen == [1])
    job.cancel.set()
    go_on.set()
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert isinstance(seen[1], Cancelled)


@pytest.mark.parametrize(("error", "logged"), [(BackendUnavailable("no library"), []), (KeyError(), ["a job failed"])])
def test_only_faults_of_ours_are_logged_when_nobody_listens(jobs, qtbot, caplog, error, logged):
    def fail(cancel):
        raise error

    jobs.submit(Lane.WORK, fail)
    qtbot.waitUntil(lambda: jobs.pending == 0)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == logged


def test_close_closes_pieces_that_gave_way(qapp, qtbot):
    jobs, pieces, freed, seen = Jobs(), Pieces(), [], []
    started, go_on = threading.Event(), threading.Event()

    def urgent(cancel):
        started.set()
        go_on.wait(10)

    jobs.submit_pieces(Lane.WORK, pieces, each=seen.append, done=seen.append, failed=seen.append)
    jobs.submit(Lane.WORK, urgent, priority=1)
    pieces.go_on.release()
    assert started.wait(10)
    threading.Timer(0.05, go_on.set).start()
    jobs.close(lambda: freed.append((pieces.closed, threading.get_ident())))
    assert freed[0][0] == 1
    assert pieces.threads == {freed[0][1]}
    late = jobs.submit_pieces(Lane.WORK, pieces, each=seen.append)
    assert late.cancel.is_set()
    assert seen == []


def test_close_waits_for_what_runs_and_delivers_nothing_after(qapp, qtbot):
    jobs = Jobs()
    seen, ended, freed = [], [], []
    started = threading.Event()

    def work(cancel):
        started.set()
        while not cancel.is_set():
            threading.Event().wait(0.001)
        ended.append(threading.get_ident())

    for _ in range(20):
        jobs.submit(Lane.WORK, work, done=seen.append, failed=seen.append)
    assert started.wait(10)
    jobs.close(lambda: freed.append(threading.get_ident()))
    assert len(ended) == 1
    assert freed == ended
    qtbot.wait(20)
    assert seen == []
    late = jobs.submit(Lane.IO, work, done=seen.append, failed=seen.append)
    qtbot.wait(20)
    assert late.cancel.is_set()
    assert seen == []


def test_20_000_jobs_with_failures_and_cancels_each_report_once(jobs, qtbot):
    count = 20_000
    reports: dict[int, list[str]] = {number: [] for number in range(count)}
    wrong_thread = []
    here = threading.get_ident()

    def work(number, cancel):
        if number % 5 == 0:
            raise ValueError(number)
        return number

    def done(number):
        if threading.get_ident() != here:
            wrong_thread.append(number)
        reports[number].append("done")

    def failed_for(number):
        def failed(error):
            reports[number].append("cancelled" if isinstance(error, Cancelled) else "failed")

        return failed

    for number in range(count):
        lane = Lane.WORK if number % 2 else Lane.IO
        job = jobs.submit(lane, work, number, done=done, failed=failed_for(number))
        if number % 7 == 0:
            job.cancel.set()
    qtbot.waitUntil(lambda: jobs.pending == 0, timeout=60_000)
    assert wrong_thread == []
    for number, report in reports.items():
        if number % 7 == 0:
            assert report == ["cancelled"]
        else:
            assert report == (["failed"] if number % 5 == 0 else ["done"])


def test_qt_calls_that_return_nothing_do_not_lose_none(qapp):
    """PySide6 6.12.0 drops a reference to None on each such call under Python 3.11 and aborts after some thousands."""
    widget, path = QWidget(), QPainterPath()
    calls = [lambda: widget.setToolTip("x"), lambda: path.clear(), lambda: path.moveTo(1, 1), lambda: widget.update()]
    before = sys.getrefcount(None)
    for _ in range(5_000):
        for call in calls:
            call()
    assert abs(sys.getrefcount(None) - before) < 1_000
