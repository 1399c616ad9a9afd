"""scipix models: what each feature is bound to, whether that works, and what it costs."""

from __future__ import annotations

import json
from argparse import Namespace
from typing import Any

from scipix.cli.bench import table
from scipix.cli.programs import Programs, Streams
from scipix.errors import ExitCode, ScipixError
from scipix.inference.features import Features, FeatureStatus, State
from scipix.paths import Paths
from scipix.settings import Settings

_LOADABLE = (State.UNLOADED, State.FAILED)


def run(options: Namespace, paths: Paths, streams: Streams, programs: Programs, settings: Settings) -> ExitCode:
    """options: see arguments.py (json, load). The exit code is that of the first model that could not be loaded."""
    enabled = settings.features.enabled
    features = programs.open_features(paths.models, settings.recognition.provider, enabled)
    try:
        code = _load(features, streams, programs) if options.load else ExitCode.OK
        rows = [_row(status) for status in features.statuses()]
    finally:
        features.close()
    for line in map(json.dumps, rows) if options.json else table([_cells(row) for row in rows]):
        streams.result(line)
    return code


def _load(features: Features, streams: Streams, programs: Programs) -> ExitCode:
    """Every model that can be: twice, so that what is told is the time of a warm file and not of its first use here."""
    code = ExitCode.OK
    for status in features.statuses():
        if status.state not in _LOADABLE:
            continue
        name = status.feature
        try:
            programs.shielded(lambda name=name: features.load(name))
            features.unload(name)
            programs.shielded(lambda name=name: features.load(name))
        except ScipixError as error:
            streams.message(str(error))
            code = code or error.exit_code
    return code


def _row(status: FeatureStatus) -> dict[str, Any]:
    """For --json; what is not known is null."""
    loaded = status.state is State.READY
    return {
        "feature": status.feature,
        "state": status.state.value,
        "enabled": status.enabled,
        "reason": status.reason or None,
        "model": status.model or None,
        "precision": status.precision or None,
        "license": status.license or None,
        "bytes": status.size or None,
        "provider": status.provider or None,
        "memory_bytes": status.memory if loaded else None,
        "load_ms": round(status.load_ms, 3) if loaded else None,
    }


def _cells(row: dict[str, Any]) -> dict[str, Any]:
    """For people."""
    state = row["state"] if row["reason"] is None else f"{row['state']} ({row['reason']})"
    return {
        "feature": row["feature"],
        "model": row["model"],
        "precision": row["precision"],
        "MB": _megabytes(row["bytes"]),
        "runs on": row["provider"],
        "memory MB": _megabytes(row["memory_bytes"]),
        "load ms": row["load_ms"],
        "state": row["reason"] if row["state"] == State.NOT_INSTALLED else state,
    }


def _megabytes(size: int | None) -> float | None:
    return None if size is None else size / 1e6
