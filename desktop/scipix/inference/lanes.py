"""Decodes many readings in step: whoever waits for one of them carries all on, each by one step of the decoder in a round.

A reading is a generator that gives what the decoder is to be fed, and is sent what came out (see decoding.py). So a step
costs no change of threads, and readings that take their steps in the same round may run as one (see batching.py). The
thread that leads a lane leaves it when its own reading is done, and the thread of another one goes on ("flat combining",
Hendler, Incze, Shavit, Tzafrir, 2010).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from scipix.errors import BackendUnavailable, ScipixError
from scipix.inference.agenda import Outcome
from scipix.inference.batching import Combiner, Request
from scipix.inference.scheduler import Turn, all_set
from scipix.inference.steps import Steps

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Job:
    """A reading. request: its next step, None before the first. spent: seconds that were its own. leads: its thread is to
    carry a lane on. ended: outcome is there."""

    steps: Steps[Any]
    turn: Turn
    request: Request | None = None
    spent: float = 0.0
    leads: bool = False
    ended: bool = False
    outcome: Outcome = Outcome(error=BackendUnavailable("the run that this picture shared with others failed"))  # noqa: RUF009
    wake: threading.Event = field(default_factory=threading.Event)

    def go_on(self, give: Callable[[], Any]) -> None:
        """Have the reading take what came out, up to its next step. Raises what only a fault of ours can raise."""
        start = time.perf_counter()
        try:
            self.request = Request(give(), self.turn.cancel)
        except StopIteration as done:
            self.end(Outcome(done.value))
        except ScipixError as error:
            self.end(Outcome(error=error))
        finally:
            self.spent += time.perf_counter() - start

    def end(self, outcome: Outcome) -> None:
        """Say what became of it; its thread may be told."""
        self.outcome, self.ended, self.request = outcome, True, None


class Lanes:
    """Carries readings on. Thread-safe."""

    def __init__(self, combiner: Combiner, most: int, place: Callable[[], str]) -> None:
        """most: lanes side by side. place: where the decoder's steps run now, see agenda.py."""
        self._combiner, self._most, self._place = combiner, most, place
        self._lock = threading.Lock()
        self._waiting: list[_Job] = []  # for a lane to take them
        self._lanes = 0

    def run(self, steps: Steps[T], turn: Turn) -> T:
        """Carry a reading on to its end, in some lane; turn: of this thread. Raises Cancelled, at once when another thread
        carries it on, and what the reading raises."""
        job, start = _Job(steps, turn), time.perf_counter()
        forget = turn.cancel.on_set(job.wake.set)
        try:
            with self._lock:
                self._waiting.append(job)
                if self._lanes < self._most:
                    self._lanes += 1
                    job.leads = True
            while not (job.leads or job.ended):
                turn.cancel.raise_if_set()
                job.wake.wait()
                with self._lock:
                    if not (job.leads or job.ended):
                        job.wake.clear()
            if job.leads:
                self._lead(job)
        finally:
            forget()
            turn.waited["decode"] = time.perf_counter() - start - job.spent
            turn.waited["decode"] *= 1000
        if job.outcome.error is not None:
            raise job.outcome.error
        return job.outcome.value

    def _lead(self, own: _Job) -> None:
        """Carry a lane on until the own reading is done; then somebody else does."""
        jobs: list[_Job] = []
        try:
            while not own.ended:
                own.turn.cancel.raise_if_set()
                jobs = self._taken(jobs)
                for group in self._groups([job for job in jobs if job.request is not None]):
                    self._step(group, own.turn)
                for job in jobs:
                    if job.ended:
                        job.wake.set()
        finally:
            own.end(own.outcome)
            self._leave(jobs)

    def _taken(self, jobs: list[_Job]) -> list[_Job]:
        """Those of the lane that go on, and those that wait."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        jobs = [job for job in (*jobs, *waiting) if not job.ended]
        for job in jobs:
            if job.turn.cancel.is_set():
                job.end(Outcome())  # its thread raises it by itself
            elif job.request is None:
                self._guarded(job, lambda job=job: next(job.steps))
        return jobs

    def _leave(self, jobs: Sequence[_Job]) -> None:
        with self._lock:
            self._waiting[:0] = [job for job in jobs if not job.ended]
            heir = next((job for job in self._waiting if not job.turn.cancel.is_set()), None)
            if heir is None:
                self._lanes -= 1
            else:
                heir.leads = True
                heir.wake.set()
        for job in jobs:
            if job.ended:
                job.wake.set()

    def _groups(self, jobs: Sequence[_Job]) -> Iterator[list[_Job]]:
        """Those that may run as one, as far as they may."""
        kinds: dict[Hashable, list[_Job]] = {}
        for job in jobs:
            assert job.request is not None
            kinds.setdefault(self._combiner.key(job.request), []).append(job)
        for key, alike in kinds.items():
            while alike:
                limit, size, count = self._combiner.limit(key), 0, 0
                while count < min(len(alike), max(1, limit.steps)) and (not count or size <= limit.size):
                    size += alike[count].request.size  # type: ignore[union-attr]
                    count += 1
                yield alike[:count]
                alike = alike[count:]

    def _step(self, group: Sequence[_Job], turn: Turn) -> None:
        """One run of the decoder, in turn; then each of the readings goes on."""
        requests = [job.request for job in group if job.request is not None]

        def run() -> tuple[Sequence[Outcome], float]:
            start = time.perf_counter()
            with all_set([request.cancel for request in requests]) as stop:
                outcomes = self._combiner.run(requests, stop)
            return outcomes, time.perf_counter() - start

        outcomes, seconds = turn.run("decode", run, self._place())
        for job, outcome in zip(group, outcomes, strict=True):
            job.spent += seconds / len(group)
            if outcome.error is not None:
                job.end(outcome)
            else:
                self._guarded(job, lambda job=job, value=outcome.value: job.steps.send(value))

    def _guarded(self, job: _Job, give: Callable[[], Any]) -> None:
        """Should it meet a fault of ours, its own thread hears of it, too."""
        done = False
        try:
            job.go_on(give)
            done = True
        finally:
            if not done:
                job.end(job.outcome)
