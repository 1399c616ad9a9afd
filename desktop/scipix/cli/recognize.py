"""scipix recognize: results in the order of the inputs; a bad one is told and the others go on."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from scipix.cli import output
from scipix.cli.inputs import Input, Part, expand
from scipix.cli.programs import Programs, Recognizer, Streams
from scipix.datatypes import Image, Kind, Mode, Reading
from scipix.errors import BackendUnavailable, ExitCode, ScipixError
from scipix.inference.latency import Latency
from scipix.paths import Paths

if TYPE_CHECKING:
    from scipix.recognize.many import Outcome

_MODES = {Kind.FORMULA: Mode.MATH, Kind.TEXT: Mode.TEXT, Kind.TABLE: Mode.TABLE}
# Of several troubles the one that the user can do least about decides the exit code.
_WORST_FIRST = (ExitCode.FAULT, ExitCode.BACKEND, ExitCode.MODEL, ExitCode.USAGE, ExitCode.INPUT)
# Usage, too: the settings may name a provider that does not exist.
_CONCERNS_ALL = (ExitCode.BACKEND, ExitCode.MODEL, ExitCode.USAGE)


@dataclass(slots=True)
class _Tally:
    """What has gone wrong so far. blocked: an error that every further input would meet too."""

    codes: set[ExitCode]
    blocked: ScipixError | None = None

    def add(self, error: ScipixError) -> bool:
        """Note an error; False when it was noted before."""
        self.codes.add(error.exit_code)
        if self.blocked is not None:
            return False
        if error.exit_code in _CONCERNS_ALL:
            self.blocked = error
        return True

    def exit_code(self) -> ExitCode:
        return next((code for code in _WORST_FIRST if code in self.codes), ExitCode.OK)


class _Opener:
    """Opens an input, in any thread. places: page (from 1) and resolution (dpi) of those that are PDFs."""

    def __init__(self, source: BinaryIO, latency: Latency) -> None:
        self._source, self._latency = source, latency
        self.places: dict[Input, tuple[int, float]] = {}

    def __call__(self, item: Input) -> Image:
        with self._latency.measure("image"):
            image = item.read(self._source)
        if image.page is not None and image.dpi is not None:
            self.places[item] = image.page + 1, image.dpi
        return image


class _Readings:
    """The reading of each input. A single one is read when it is asked for; several are read side by side, and each is
    given when its turn comes."""

    def __init__(
        self, inputs: Sequence[Input], mode: Mode, recognizer: Recognizer, open_input: Callable[[Input], Image]
    ):
        self._inputs, self._mode, self._recognizer, self._open = inputs, mode, recognizer, open_input
        self._found: Iterator[Outcome | None] | None = None
        self._ended: dict[int, Outcome] = {}  # before their turn

    def __call__(self, place: int) -> Reading:
        """Of the input at that place; raises what went wrong with it."""
        if len(self._inputs) == 1:
            return self._recognizer.recognize(self._open(self._inputs[0]), self._mode)
        if self._found is None:
            sources = [self._source(item) for item in self._inputs]
            self._found = self._recognizer.recognize_many(sources, self._mode)
        while place not in self._ended:
            try:
                outcome = next(self._found)
            except StopIteration:
                raise BackendUnavailable("the recognizer gave up after a fault") from None
            if outcome is not None:
                self._ended[outcome.index] = replace(outcome, image=None)  # many may wait for a slow one
        return self._ended.pop(place).result()

    def _source(self, item: Input) -> Callable[[], Image]:
        if item.path is not None:
            return partial(self._open, item)
        # Read in this thread: one that waits for standard input could not be stopped, and Python could not end.
        try:
            image = self._open(item)
        except ScipixError as error:
            return partial(_give, error)
        return partial(_give, image)

    def close(self) -> None:
        """Stop what is left."""
        if isinstance(self._found, Generator):
            self._found.close()


def _give(found: Image | ScipixError) -> Image:
    if isinstance(found, ScipixError):
        raise found
    return found


def run(options: Namespace, paths: Paths, streams: Streams, programs: Programs) -> ExitCode:
    """options: see arguments.py (paths, mode, format, json, provider, page, box), and features: those that are switched
    on. Raises UsageError."""
    inputs = list(expand(options.paths, Part(options.page, options.box)))
    recognizer = programs.open_recognizer(paths.models, options.provider, options.features)
    formatter, opener = output.Formatter(options.format), _Opener(streams.source, programs.latency)

    def answer(place: int) -> tuple[Reading, str]:
        reading = readings(place)
        return reading, formatter.text(reading.latex)

    readings, tally = _Readings(inputs, Mode(options.mode), recognizer, opener), _Tally(set())
    try:
        for place, item in enumerate(inputs):
            try:
                if tally.blocked is not None:
                    raise tally.blocked
                reading, text = programs.shielded(partial(answer, place))
            except ScipixError as error:
                if tally.add(error):
                    streams.message(str(error))
                if options.json:
                    streams.result(output.failure(item.name, error))
            else:
                _tell(item, opener.places.get(item), reading, text, options, streams)
    finally:
        readings.close()
        recognizer.close()
        formatter.close()
    return tally.exit_code()


def _tell(
    item: Input,
    place: tuple[int, float] | None,
    reading: Reading,
    text: str,
    options: Namespace,
    streams: Streams,
) -> None:
    """place: see `_Opener`."""
    if not reading.readable:
        lost = f", {len(reading.unread)} letters are not in it" if reading.unread else ""
        sure = f"(confidence {reading.confidence:.2f})"
        streams.message(f"{item.name} is hard to read, the result may be wrong{lost} {sure}")
    if options.json:
        mode = _MODES.get(reading.kind, Mode.MATH)
        more = {} if place is None else output.place(place[0], item.part.box, place[1])
        streams.result(output.success(item.name, mode, reading, text, more))
    else:
        streams.result(text)
