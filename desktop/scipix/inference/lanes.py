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
    carry a lane on. gone: its thread does not wait any more. ended: there is an outcome, or a fault of ours."""

    steps: Steps[Any]
    turn: Turn
    request: Request | None = None
    spent: float = 0.0
    leads: bool = False
    gone: bool = False
    ended: bool = False
    outcome: Outcome | None = None
    wake: threading.Event = field(default_factory=threading.Event)

    def go_on(self, give: Callable[[], Any]) -> None:
        """Have the reading take what came out, up to its next step. Raises what only a fault of ours can raise."""
        start, going = time.perf_counter(), False
        try:
            self.request = Request(give(), self.turn.cancel)
            going = True
        except StopIteration as done:
            self.outcome = Outcome(done.value)
        except ScipixError as error:
            self.outcome = Outcome(error=error)
        finally:
            self.spent += time.perf_counter() - start
            self.ended = not going  # last: its thread may look at any moment


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
        job, start, before = _Job(steps, turn), time.perf_counter(), turn.waited.get("decode", 0.0)
        with self._lock:
            job.leads = self._lanes < self._most
            if job.leads:
                self._lanes += 1
            else:
                self._waiting.append(job)
        try:
            with turn.away(), turn.cancel.calling(job.wake.set):
                self._wait(job)
                if job.leads:
                    self._lead(job)
        finally:
            turn.waited["decode"] = before + max(0.0, time.perf_counter() - start - job.spent) * 1000
        if job.outcome is None:
            raise BackendUnavailable("the run that this picture shared with others failed")
        if job.outcome.error is not None:
            raise job.outcome.error
        return job.outcome.value

    def _wait(self, job: _Job) -> None:
        """Until another thread is through with it, or this one is to lead; raises Cancelled."""
        while True:
            job.wake.clear()  # before looking: whoever ends the job in between is not missed
            with self._lock:
                if job.leads or job.ended:
                    return
                job.gone = job.turn.cancel.is_set()
            if job.gone:  # not whenever the flag is set: by now the lane may be this thread's
                job.turn.cancel.raise_if_set()
            job.wake.wait()

    def _lead(self, own: _Job) -> None:
        """Carry a lane on until the own reading is done; then somebody else does."""
        jobs = [own]
        try:
            while not own.ended:
                own.turn.cancel.raise_if_set()
                self._take(jobs)
                for group in self._groups(jobs):
                    self._step(group, own.turn)
                for job in jobs:
                    if job.ended:
                        job.wake.set()
                jobs[:] = [job for job in jobs if not job.ended]
        finally:
            own.gone = True
            self._leave(jobs)

    def _take(self, jobs: list[_Job]) -> None:
        """Let go of those that nobody waits for, and add those that wait for a lane."""
        with self._lock:
            jobs += self._waiting
            self._waiting = []
        jobs[:] = [job for job in jobs if not job.gone]
        for job in jobs:
            if job.request is None:
                job.go_on(lambda job=job: next(job.steps))

    def _leave(self, jobs: Sequence[_Job]) -> None:
        """Let another thread carry the lane on."""
        for job in jobs:
            if job.ended:
                job.wake.set()
        with self._lock:
            self._waiting[:0] = [job for job in jobs if not job.ended]
            self._waiting = [job for job in self._waiting if not job.gone]
            if not self._waiting:
                self._lanes -= 1
                return
            heir = self._waiting.pop(0)
            heir.leads = True
            heir.wake.set()

    def _groups(self, jobs: Sequence[_Job]) -> Iterator[list[_Job]]:
        """Those that may run as one, as far as they may."""
        kinds: dict[Hashable, list[_Job]] = {}
        for job in jobs:
            if job.request is not None and not job.ended:
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
                job.outcome, job.ended = outcome, True
            else:
                job.go_on(lambda job=job, value=outcome.value: job.steps.send(value))
