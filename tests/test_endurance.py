"""Reading again and again: memory stays level, and stopping at any moment does no harm to other pictures; one by one and
many side by side.

SCIPIX_ENDURANCE=1 makes as many readings and cancels as the app promises to stand, also with the model that ships; else
there are fewer, with the tiny one.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from scipix.datatypes import Image
from scipix.errors import Cancelled
from scipix.inference.cancel import Cancel
from scipix.inference.memory import give_back, resident_bytes
from scipix.pipeline import Pipeline, PipelineOptions
from scipix.recognize.many import Item
from scipix.sources.images import read_image
from tests.inference.tiny import make_models

ROOT = Path(__file__).parent.parent
FULL = bool(os.environ.get("SCIPIX_ENDURANCE"))
READINGS = 1000 if FULL else 150
FIRST = max(150, READINGS // 3)  # the arena of onnxruntime, those of the threads and the caches have to fill first
CANCELS = 200 if FULL else 30
HANGS_S = 900.0 if FULL else 120.0
GROWTH = 0.05
SHARED = 0.1  # of many threads: what stays in the holes of their heaps varies
BATCH = 16
DISTINCT = 5


@dataclass(frozen=True, slots=True)
class Subject:
    """models: the folder. picture: makes the picture of that number; another one for each."""

    models: Path
    picture: Callable[[int], Image]


def drawn(number: int) -> Image:
    pixels = np.full((40, 90, 3), 255, dtype=np.uint8)
    pixels[10:30, 10:14] = pixels[10:14, 10 : 20 + number % 60] = 0
    pixels[20:24, 30 : 40 + number % 40] = number // 60
    pixels.flags.writeable = False
    return Image(pixels, name=str(number))


def sample(number: int) -> Image:
    """One of the samples that ship, with a pixel that is a shade off."""
    paths = sorted((ROOT / "resources" / "samples").glob("*.png"))
    pixels = read_image(paths[number % len(paths)]).pixels.copy()
    pixels[divmod(number, pixels.shape[1])] ^= 1
    pixels.flags.writeable = False
    return Image(pixels, name=str(number))


@pytest.fixture(params=["tiny", "shipped"] if FULL else ["tiny"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Subject:
    if request.param == "shipped":
        return Subject(ROOT / "models", sample)
    return Subject(make_models(tmp_path / "models"), drawn)


def read_one_by_one(pipeline: Pipeline, images: Sequence[Image]) -> None:
    for image in images:
        assert not pipeline.recognize(image).cached


def read_side_by_side(pipeline: Pipeline, images: Sequence[Image]) -> None:
    for start in range(0, len(images), BATCH):
        for outcome in pipeline.recognize_many(images[start : start + BATCH]):
            assert outcome is not None
            assert not outcome.result().cached


def rested_bytes() -> int:
    """As after a rest, see gui/heap.py: what is still held then is needed, or lost."""
    give_back()
    return resident_bytes()


@pytest.mark.parametrize(("read", "growth"), [(read_one_by_one, GROWTH), (read_side_by_side, SHARED)])
def test_memory_stays_level(
    subject: Subject, tmp_path: Path, read: Callable[[Pipeline, Sequence[Image]], None], growth: float
) -> None:
    pipeline = Pipeline(PipelineOptions(subject.models, results_file=tmp_path / "results.sqlite3"))
    images = [subject.picture(number) for number in range(FIRST + READINGS)]
    read(pipeline, images[:FIRST])
    before = rested_bytes()
    read(pipeline, images[FIRST:])
    assert rested_bytes() < before * (1 + growth)
    pipeline.close()


class _Stopped:
    """Reads in a thread of its own, as the work lane does, and is cancelled from another one."""

    def __init__(self, subject: Subject) -> None:
        self.faults: list[str] = []
        self.stopped = self.read = 0
        self._subject = subject
        self._chance = random.Random(7)
        self._right: list[str] = []
        self._slowest = 0.0  # seconds

    def __call__(self) -> None:
        pipeline = Pipeline(PipelineOptions(self._subject.models, cache_size=0))
        images = [self._subject.picture(number) for number in range(DISTINCT)]
        self._right = [pipeline.recognize(image).latex for image in images]
        self._slowest = max(pipeline.recognize(image).timings.total for image in images) / 1000
        turn = 0
        while self.stopped + self.read < CANCELS:
            self._turn(pipeline, images, turn)
            turn += 1
        pipeline.close()

    def _turn(self, pipeline: Pipeline, images: Sequence[Image], turn: int) -> None:
        cancel, place, other = Cancel(), turn % DISTINCT, (turn + 1) % DISTINCT
        timer = self._later(cancel, self._slowest)
        try:
            found = pipeline.recognize(images[place], cancel=cancel).latex
        except Cancelled:
            self.stopped += 1
        else:
            self.read += 1
            self._compare(found, place)
        timer.cancel()
        timer.join()
        self._compare(pipeline.recognize(images[other]).latex, other)

    def _later(self, cancel: Cancel, seconds: float) -> threading.Timer:
        timer = threading.Timer(self._chance.uniform(0.0, 1.2 * seconds), cancel.set)
        timer.start()
        return timer

    def _compare(self, found: str, place: int) -> None:
        if found != self._right[place]:
            self.faults.append(f"{found} instead of {self._right[place]}")


class _StoppedAmongMany(_Stopped):
    """Some pictures of a batch are cancelled while the others are read; now and then the whole batch is."""

    def _turn(self, pipeline: Pipeline, images: Sequence[Image], turn: int) -> None:
        whole = Cancel()
        items = [Item(image) for image in (*images, *images)]
        chosen = self._chance.sample(items, 4) if turn % 4 else []
        seconds = self._slowest * len(items)
        timers = [self._later(item.cancel, seconds) for item in chosen] or [self._later(whole, seconds)]
        ended: set[int] = set()
        try:
            for outcome in pipeline.recognize_many(items, cancel=whole):
                if outcome is None:
                    continue
                ended.add(outcome.index)
                if isinstance(outcome.error, Cancelled) and items[outcome.index] in chosen:
                    self.stopped += 1
                else:
                    self.read += items[outcome.index] in chosen
                    self._compare(outcome.result().latex, outcome.index % DISTINCT)
        except Cancelled:
            self.stopped += 1
        else:
            self.read += not chosen
            if len(ended) != len(items):
                self.faults.append(f"{len(ended)} of {len(items)} ended")
        for timer in timers:
            timer.cancel()
            timer.join()


@pytest.mark.parametrize("kind", [_Stopped, _StoppedAmongMany])
def test_cancels_at_random_moments_do_no_harm(subject: Subject, kind: type[_Stopped]) -> None:
    stopped = kind(subject)
    thread = threading.Thread(target=stopped, daemon=True)
    thread.start()
    thread.join(HANGS_S)
    assert not thread.is_alive()
    assert stopped.faults == []
    assert stopped.stopped + stopped.read >= CANCELS
    assert stopped.stopped > CANCELS // 10
