"""scipix bench: a table of measured times, or one JSON object a line."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from scipix.cli.inputs import expand
from scipix.cli.programs import BenchRequest, Programs, Streams
from scipix.errors import ExitCode
from scipix.inference.trial import run_here
from scipix.paths import Paths

_DECIMALS = ((10.0, 1), (1.0, 2), (0.1, 3))  # numbers from the first on have the second


def run(options: Namespace, paths: Paths, streams: Streams, programs: Programs) -> ExitCode:
    """options: see arguments.py (paths, repeat, provider, json, calibrate, transformers, trial).

    Raises ModelMissing, ModelCorrupt, BackendUnavailable and what reading the pictures raises: a measurement of half of
    them would mislead.
    """
    if options.trial is not None:
        streams.result(run_here(options.trial))
        return ExitCode.OK
    if options.calibrate:
        rows = programs.bench(BenchRequest(paths, options.provider, (), None, options.repeat, calibrate=True))
        _tell(rows, options.json, streams)
        return ExitCode.OK
    inputs = list(expand(options.paths or [str(paths.resources / "samples")]))
    images = tuple(item.read(streams.source) for item in inputs)
    sample = next((item.path for item in inputs if item.path is not None), None)
    what = BenchRequest(paths, options.provider, images, sample, options.repeat, options.window_since)
    rows = programs.bench(replace(what, peer=options.transformers))
    _tell(rows, options.json, streams)
    return ExitCode.OK


def _tell(rows: Sequence[Mapping[str, Any]], as_json: bool, streams: Streams) -> None:
    for line in map(json.dumps, rows) if as_json else table(rows):
        streams.result(line)


def table(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Aligned columns under the names of the first row; numbers to the right, small ones with more decimals."""
    if not rows:
        return
    names = list(rows[0])
    cells = [names, *([_cell(row.get(name)) for name in names] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
    numeric = [all(isinstance(row.get(name), int | float | None) for row in rows) for name in names]
    for line in cells:
        columns = zip(line, widths, numeric, strict=True)
        yield "  ".join(cell.rjust(width) if right else cell.ljust(width) for cell, width, right in columns).rstrip()


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if not isinstance(value, float):
        return str(value)
    digits = next((digits for least, digits in _DECIMALS if abs(value) >= least), 4)
    return f"{value:.{digits}f}" if value else "0"
