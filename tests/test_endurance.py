"""Reading again and again: memory stays level, and stopping at any moment does no harm to other pictures.

SCIPIX_ENDURANCE=1 makes as many readings and cancels as the app promises to stand; else there are fewer.
"""

from __future__ import annotations

import os
import random
import threading
from pathlib import Path

import numpy as np

from scipix.datatypes import Image
from scipix.errors import Cancelled
from scipix.inference.cancel import Cancel
from scipix.inference.memory import resident_bytes
from scipix.pipeline import Pipeline, PipelineOptions
from tests.inference.tiny import make_models

FULL = bool(os.environ.get("SCIPIX_ENDURANCE"))
READINGS = 1000 if FULL else 150
CANCELS = 200 if FULL else 30
HANGS_S = 120.0
GROWTH = 0.05


def picture(number: int) -> Image:
    pixels = np.full((40, 90, 3), 255, dtype=np.uint8)
    pixels[10:30, 10:14] = pixels[10:14, 10 : 20 + number % 60] = 0
    pixels[20:24, 30 : 40 + number % 40] = number // 60
    pixels.flags.writeable = False
    return Image(pixels, name=str(number))


def test_memory_stays_level(tmp_path: Path) -> None:
    models = make_models(tmp_path / "models")
    pipeline = Pipeline(PipelineOptions(models, results_file=tmp_path / "results.sqlite3"))
    for number in range(READINGS // 3):  # the arena of onnxruntime and the caches have to fill first
        pipeline.recognize(picture(number))
    before = resident_bytes()
    for number in range(READINGS // 3, READINGS // 3 + READINGS):
        assert not pipeline.recognize(picture(number)).cached
    assert resident_bytes() < before * (1 + GROWTH)
    pipeline.close()


class _Stopped:
    """Reads in a thread of its own, as the work lane does, and is cancelled from another one."""

    def __init__(self, models: Path) -> None:
        self.faults: list[str] = []
        self.stopped = self.read = 0
        self._models = models

    def __call__(self) -> None:
        pipeline = Pipeline(PipelineOptions(self._models, cache_size=0))
        right = {number: pipeline.recognize(picture(number)).latex for number in range(5)}
        slowest = max(pipeline.recognize(picture(number)).timings.total for number in range(5)) / 1000
        chance = random.Random(7)
        for turn in range(CANCELS):
            cancel = Cancel()
            timer = threading.Timer(chance.uniform(0.0, 1.2 * slowest), cancel.set)
            timer.start()
            try:
                found = pipeline.recognize(picture(turn % 5), cancel=cancel).latex
            except Cancelled:
                self.stopped += 1
            else:
                self.read += 1
                self._compare(found, right[turn % 5])
            timer.cancel()
            timer.join()
            other = (turn + 1) % 5
            self._compare(pipeline.recognize(picture(other)).latex, right[other])
        pipeline.close()

    def _compare(self, found: str, right: str) -> None:
        if found != right:
            self.faults.append(f"{found} instead of {right}")


def test_cancels_at_random_moments_do_no_harm(tmp_path: Path) -> None:
    stopped = _Stopped(make_models(tmp_path / "models"))
    thread = threading.Thread(target=stopped, daemon=True)
    thread.start()
    thread.join(HANGS_S)
    assert not thread.is_alive()
    assert stopped.faults == []
    assert stopped.stopped + stopped.read == CANCELS
    assert stopped.stopped > CANCELS // 10
