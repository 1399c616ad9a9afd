"""THEN HERE: the five steps in order.

    pixels -> regions -> readings -> document -> export

Today a picture is one region that holds one formula: pixels come in as an `Image`, a `Reading` goes out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from scipix import __version__
from scipix.datatypes import Image, Mode, Reading, Timings
from scipix.errors import UsageError
from scipix.inference import memory
from scipix.inference.cancel import Cancel
from scipix.inference.content import Contents, Memo
from scipix.inference.devices import Machine, this_machine
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.features import Features, Loader
from scipix.inference.latency import Latency
from scipix.inference.manifest import Model
from scipix.inference.result_file import ResultFile
from scipix.inference.results import Question, Results
from scipix.inference.sharing import Sharing
from scipix.inference.store import Store, Verified
from scipix.inference.variants import choose_variant
from scipix.recognize.choice import Choice
from scipix.recognize.many import Desk, Item, ManyReader, Outcome, Source
from scipix.recognize.math import GRAMMAR, MathOptions, MathRecognizer
from scipix.recognize.preprocess import prepare

# Raise it when the same model and options begin to give other readings, so that old ones are not given again.
_GENERATION = 11
_PREPARED = 2  # pictures, up to 5 MB each, to read again with other options
_MATH = "math"  # the feature
_MATH_MODES = (Mode.AUTO, Mode.MATH)


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """models: the folder with manifest.toml. provider: auto, or one of providers.NAMES. precision: auto, or the one that
    is wanted of those that the model comes in. cache_size: how many results to remember. results_file: where to remember
    more of them until the next start, None for nowhere; not used when cache_size is 0. machine: asks for the computer's
    facts (given in tests). latency: where to record what each stage took, None for one of its own. calibrations: the file
    of where the models run fastest here, None for the rules alone. tell: called, in the pipeline's thread, with a sentence
    when a provider fails and another one takes over. mapped: the folder of graphs that are mapped into memory, None to
    read them from their files."""

    models: Path
    provider: str = "auto"
    cache_size: int = 64
    results_file: Path | None = None
    machine: Callable[[], Machine] = this_machine
    latency: Latency | None = None
    calibrations: Path | None = None
    precision: str = "auto"
    tell: Callable[[str], None] | None = None
    mapped: Path | None = None

    def choose(self, model: Model) -> Model:
        """The model in the precision to load."""
        return choose_variant(model, self.models, self.machine, self.provider, self.precision, self.calibrations)

    def sources(self) -> tuple[Store, dict[str, Loader]]:
        """The models, and how that of each feature is loaded."""

        def load_math(verified: Verified) -> EncoderDecoder:
            return EncoderDecoder(
                verified, self.machine(), self.provider, GRAMMAR, self.calibrations, self.mapped, self.tell
            )

        return Store(self.models, self.choose), {_MATH: load_math}


@dataclass(frozen=True, slots=True)
class RecognizeOptions:
    """What to read, and how."""

    mode: Mode = Mode.AUTO
    math: MathOptions = field(default_factory=MathOptions)


class Pipeline:
    """Loads models when they are first needed. Belongs to one thread, the one that calls it first (the work lane)."""

    def __init__(self, options: PipelineOptions, features: Features | None = None) -> None:
        """features: what is switched on and what is loaded of it; with everything on when None."""
        self.options = options
        self.latency = options.latency or Latency()
        self._store, loaders = options.sources()
        self.features = features or Features(self._store, loaders)
        self.features.bind(self._store, loaders)
        self._math: MathRecognizer[EncoderDecoder] | None = None
        self._sharing: Sharing | None = None  # once there were many pictures
        self._heap = memory.Heap()
        self._fingerprint = ""
        self._closings = 0
        self._contents = Contents()
        self._prepare = Memo(prepare, self._contents, _PREPARED)
        self._results = Results(options.cache_size, options.results_file and ResultFile(options.results_file))

    def recognize(
        self, image: Image, options: RecognizeOptions | Mode | None = None, cancel: Cancel | None = None
    ) -> Reading:
        """Read a picture; options may be a bare mode.

        Raises UsageError (a mode that does not exist yet), FeatureDisabled, NothingToRead, ModelMissing, ModelCorrupt,
        BackendUnavailable or Cancelled.
        """
        start = time.perf_counter()
        options = self._checked(options)
        if (known := self._known(self._question(image, options))) is not None:
            return replace(known, timings=Timings(total=_since(start)))
        ahead = self._look(image)
        load = self.warm_up()
        with self.latency.reading(), self._first() as recognizer:
            reading = recognizer.recognize(image, options.math, cancel)
        times = reading.timings
        times = replace(times, load=load, preprocess=times.preprocess + ahead, total=_since(start))
        reading = replace(reading, timings=times)
        self._note(reading)
        self._results.put(self._question(image, options), reading)
        return reading

    def recognize_many(
        self,
        items: Iterable[Item | Source],
        options: RecognizeOptions | Mode | None = None,
        cancel: Cancel | None = None,
        patience: float | None = None,
    ) -> Iterator[Outcome | None]:
        """Read many pictures side by side: what `recognize` gives for each, in the order in which they end.

        An item that fails is an outcome, too, and the others go on. `recognize` may be called between two outcomes and
        goes first. None comes whenever nothing has ended for `patience` seconds. Raises UsageError or FeatureDisabled;
        the iterator raises Cancelled, and what loading the model raises, once a picture is open that has to be read.
        Closing the iterator stops what is left.
        """
        options, begun = self._checked(options), self._closings

        def find(image: Image) -> Reading | None:
            # Closed meanwhile: whoever did that may want nothing to be remembered any more.
            return self._known(self._question(image, options)) if begun == self._closings else None

        def keep(image: Image, reading: Reading, waited: float) -> None:
            self.latency.record("queue", waited)
            self._note(reading)
            if begun == self._closings:
                self._results.put(self._question(image, options), reading)

        desk = Desk(find, keep)
        return self._many(items, desk, options.math, cancel, patience)

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
        options = self._checked(options)
        load = self.warm_up()
        with self._first() as recognizer:
            found = recognizer.reread(image, reading, choice, options.math, cancel)
        return replace(found, timings=replace(found.timings, load=load, total=_since(start)))

    def warm_up(self) -> float:
        """Load what the first picture needs; milliseconds, 0 when it was loaded. Raises as `recognize` does."""
        return self.load(_MATH)

    def load(self, feature: str, cancel: Cancel | None = None) -> float:
        """Load a feature's model; milliseconds, 0 when it was loaded. Raises as `Features.load` does."""
        if load := self.features.load(feature, cancel):
            self.latency.record("load", load)
        return load

    def math_model(self) -> EncoderDecoder:
        """The model for formulas, loaded."""
        with self.features.using(_MATH) as model:
            return model

    def forget(self) -> None:
        """Delete every result and whatever was made of a picture, in memory and on the disk."""
        self._results.forget()
        self._prepare.clear()

    def close(self) -> None:
        """Unload the models and forget the results in memory; the next call loads them again. Of many pictures that are
        being read, the rest is read and not remembered."""
        self._closings += 1
        self.features.close()
        self._math = None
        self._sharing = None
        self._fingerprint = ""
        self._results.close()
        self._prepare.clear()

    def _look(self, image: Image) -> float:
        """Before a model is loaded, prepare what it will be given: a blank picture needs none. Milliseconds; raises
        NothingToRead."""
        if self.features.loaded or self.options.cache_size < 1:
            return 0.0
        start = time.perf_counter()
        self._prepare(image)
        return _since(start)

    @contextmanager
    def _first(self) -> Iterator[MathRecognizer[EncoderDecoder]]:
        """The recognizer; while it is used, its model stays in memory and a batch takes no step."""
        with self.features.using(_MATH) as model:
            self._fingerprint = model.fingerprint
            if self._math is None or self._math.model is not model:
                # Whoever wants no cache measures how long things take.
                self._math = MathRecognizer(model, self._prepare if self.options.cache_size > 0 else prepare)
            with self._sharing.scheduler.overtake() if self._sharing is not None else nullcontext():
                yield self._math

    def _many(
        self,
        items: Iterable[Item | Source],
        desk: Desk,
        options: MathOptions,
        cancel: Cancel | None,
        patience: float | None,
    ) -> Iterator[Outcome | None]:
        """The model stays in memory until the last outcome."""
        with ExitStack() as until_the_end:

            def share(image: Image) -> Sharing:
                self._look(image)
                self.load(_MATH, cancel)
                until_the_end.enter_context(self.latency.reading())
                model = until_the_end.enter_context(self.features.using(_MATH, cancel))
                self._fingerprint = model.fingerprint
                if self._sharing is None or self._sharing.model is not model:
                    self._sharing = Sharing(model, self.options.machine().cpu.physical)
                return self._sharing

            try:
                yield from ManyReader(share, desk, options, cancel).run(items, patience)
            finally:
                self._heap.tidy()

    def _checked(self, options: RecognizeOptions | Mode | None) -> RecognizeOptions:
        options = options if isinstance(options, RecognizeOptions) else RecognizeOptions(options or Mode.AUTO)
        if options.mode not in _MATH_MODES:
            raise UsageError(f"the mode {options.mode} is not there yet; use {' or '.join(_MATH_MODES)}")
        self.features.check(_MATH)
        return options

    def _known(self, question: Question) -> Reading | None:
        known = self._results.get(question)
        if known is not None:
            self.latency.count("cache_hits")
        return known

    def _question(self, image: Image, options: RecognizeOptions) -> Question:
        # From the manifest until a model is loaded: a result on the disk is given without one. Once what fits this
        # computer best was measured, the next load may bring another variant.
        self._fingerprint = self._fingerprint or self._store.preferred("math").fingerprint
        made_by = (self.options.provider, __version__, _GENERATION)
        return Question(self._contents.key(image), (options, *made_by), self._fingerprint)

    def _note(self, reading: Reading) -> None:
        for stage in ("preprocess", "encode", "decode", "postprocess", "total"):
            if milliseconds := getattr(reading.timings, stage):
                self.latency.record(stage, milliseconds)
        self.features.ran(_MATH, reading.timings.encode + reading.timings.decode)
        self.latency.count("readings")
        self.latency.count("tokens", len(reading.symbols))
        self.latency.count("cache_misses")


def _since(start: float) -> float:
    return (time.perf_counter() - start) * 1000
