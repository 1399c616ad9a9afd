"""scipix recognize: every input in turn; a bad one is told and the others go on."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from functools import partial

from scipix.cli import output
from scipix.cli.inputs import Input, expand
from scipix.cli.programs import Programs, Recognizer, Streams
from scipix.datatypes import Kind, Mode, Reading
from scipix.errors import ExitCode, ScipixError
from scipix.inference.latency import Latency
from scipix.paths import Paths

_MODES = {Kind.FORMULA: Mode.MATH, Kind.TEXT: Mode.TEXT, Kind.TABLE: Mode.TABLE}
# Of several troubles the one that the user can do least about decides the exit code.
_WORST_FIRST = (ExitCode.FAULT, ExitCode.BACKEND, ExitCode.MODEL, ExitCode.INPUT)
_CONCERNS_ALL = (ExitCode.BACKEND, ExitCode.MODEL)


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


@dataclass(frozen=True, slots=True)
class _Source:
    """Where pictures come from, and where to record how long opening them took."""

    streams: Streams
    latency: Latency


def run(options: Namespace, paths: Paths, streams: Streams, programs: Programs) -> ExitCode:
    """options: see arguments.py (paths, mode, format, json, provider). Raises UsageError."""
    inputs = list(expand(options.paths))
    recognizer = programs.open_recognizer(paths.models, options.provider)
    formatter = output.Formatter(options.format)
    mode, tally, source = Mode(options.mode), _Tally(set()), _Source(streams, programs.latency)
    try:
        for item in inputs:
            try:
                if tally.blocked is not None:
                    raise tally.blocked
                reading, text = programs.shielded(partial(_read, item, mode, recognizer, formatter, source))
            except ScipixError as error:
                if tally.add(error):
                    streams.message(str(error))
                if options.json:
                    streams.result(output.failure(item.name, error))
            else:
                _tell(item, reading, text, options, streams)
    finally:
        recognizer.close()
        formatter.close()
    return tally.exit_code()


def _read(
    item: Input, mode: Mode, recognizer: Recognizer, formatter: output.Formatter, source: _Source
) -> tuple[Reading, str]:
    with source.latency.measure("image"):
        image = item.read(source.streams.source)
    reading = recognizer.recognize(image, mode)
    return reading, formatter.text(reading.latex)


def _tell(item: Input, reading: Reading, text: str, options: Namespace, streams: Streams) -> None:
    if not reading.readable:
        streams.message(f"{item.name} is hard to read, the result may be wrong (confidence {reading.confidence:.2f})")
    if options.json:
        mode = _MODES.get(reading.kind, Mode.MATH)
        streams.result(output.success(item.name, mode, reading, text))
    else:
        streams.result(text)
