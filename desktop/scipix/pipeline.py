"""THEN HERE: the five steps in order.

    pixels -> regions -> readings -> document -> export

Today a picture is one region that holds one formula: pixels come in as an `Image`, a `Reading` goes out.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from scipix.datatypes import Image, Mode, Reading, Timings
from scipix.errors import UsageError
from scipix.inference.cancel import Cancel
from scipix.inference.devices import Machine, this_machine
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.latency import Latency
from scipix.inference.store import Store
from scipix.recognize.choice import Choice
from scipix.recognize.math import GRAMMAR, MathOptions, MathRecognizer

_MATH_MODES = (Mode.AUTO, Mode.MATH)


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """models: the folder with manifest.toml. provider: auto, cpu, cuda, directml or coreml. cache_size: how many
    results to remember. machine: asks for the computer's facts (given in tests). latency: where to record what each
    stage took, None for one of its own."""

    models: Path
    provider: str = "auto"
    cache_size: int = 64
    machine: Callable[[], Machine] = this_machine
    latency: Latency | None = None


@dataclass(frozen=True, slots=True)
class RecognizeOptions:
    """What to read, and how."""

    mode: Mode = Mode.AUTO
    math: MathOptions = field(default_factory=MathOptions)


class Pipeline:
    """Loads models when they are first needed. Belongs to one thread, the one that calls it first (the work lane)."""

    def __init__(self, options: PipelineOptions) -> None:
        self.options = options
        self.latency = options.latency or Latency()
        self._store = Store(options.models)
        self._math: MathRecognizer | None = None
        self._results: OrderedDict[tuple[object, ...], Reading] = OrderedDict()

    def recognize(
        self, image: Image, options: RecognizeOptions | Mode | None = None, cancel: Cancel | None = None
    ) -> Reading:
        """Read a picture; options may be a bare mode.

        Raises UsageError (a mode that does not exist yet), NothingToRead, ModelMissing, ModelCorrupt,
        BackendUnavailable or Cancelled.
        """
        start = time.perf_counter()
        options = options if isinstance(options, RecognizeOptions) else RecognizeOptions(options or Mode.AUTO)
        if options.mode not in _MATH_MODES:
            raise UsageError(f"the mode {options.mode} is not there yet; use {' or '.join(_MATH_MODES)}")
        load = self.warm_up()
        recognizer = self._recognizer()
        key = (_content(image), options, recognizer.model.fingerprint)
        if key in self._results:
            self._results.move_to_end(key)
            self.latency.count("cache_hits")
            return replace(self._results[key], cached=True, timings=Timings(total=_since(start)))
        reading = recognizer.recognize(image, options.math, cancel)
        reading = replace(reading, timings=replace(reading.timings, load=load, total=_since(start)))
        self._note(reading)
        self._results[key] = reading
        while len(self._results) > self.options.cache_size:
            self._results.popitem(last=False)
        return reading

    def reread(
        self,
        image: Image,
        reading: Reading,
        choice: Choice,
        options: RecognizeOptions | None = None,
        cancel: Cancel | None = None,
    ) -> Reading:
        """Read a picture again after a person has said which token stands at one place; what follows fits it.

        Raises UsageError (a choice that the reading does not offer, a reading of another model) and what `recognize`
        raises.
        """
        start = time.perf_counter()
        load = self.warm_up()
        found = self._recognizer().reread(image, reading, choice, (options or RecognizeOptions()).math, cancel)
        return replace(found, timings=replace(found.timings, load=load, total=_since(start)))

    def warm_up(self) -> float:
        """Load what the first picture needs; milliseconds, 0 when it was loaded. Raises as `recognize` does."""
        if self._math is not None:
            return 0.0
        start = time.perf_counter()
        self._recognizer()
        load = _since(start)
        self.latency.record("load", load)
        return load

    def math_model(self) -> EncoderDecoder:
        """The model for formulas, loaded."""
        return self._recognizer().model

    def close(self) -> None:
        """Unload the models and forget the results; the next call loads them again."""
        if self._math is not None:
            self._math.model.close()
        self._math = None
        self._results.clear()

    def _recognizer(self) -> MathRecognizer:
        if self._math is None:
            verified = self._store.open("math")
            model = EncoderDecoder(verified, self.options.machine(), self.options.provider, GRAMMAR)
            self._math = MathRecognizer(model)
        return self._math

    def _note(self, reading: Reading) -> None:
        for stage in ("preprocess", "encode", "decode", "postprocess", "total"):
            if milliseconds := getattr(reading.timings, stage):
                self.latency.record(stage, milliseconds)
        self.latency.count("readings")
        self.latency.count("tokens", len(reading.symbols))
        self.latency.count("cache_misses")


def _content(image: Image) -> str:
    digest = hashlib.sha256(repr(image.pixels.shape).encode())
    digest.update(image.pixels.data)
    return digest.hexdigest()


def _since(start: float) -> float:
    return (time.perf_counter() - start) * 1000
