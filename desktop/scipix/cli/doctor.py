"""scipix doctor: what is there, what is missing, and what to do about it."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import scipix
from scipix.cli.programs import Programs, Streams
from scipix.errors import ExitCode
from scipix.paths import Paths

PACKAGES = (
    "onnxruntime",
    "onnxruntime-directml",
    "numpy",
    "pillow",
    "pypdfium2",
    "quickjs-ng",
    "PySide6-Essentials",
    "jeepney",
    "python-xlib",
    "coremltools",
)


def run(as_json: bool, paths: Paths, streams: Streams, programs: Programs) -> ExitCode:
    """Write the report; the exit code is what `recognize` would end with on a good picture."""
    inference = dict(programs.facts(paths.models))
    report = {
        "scipix": scipix.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "frozen": bool(getattr(sys, "frozen", False)),
        "packages": _versions(),
        "paths": {
            "settings": str(paths.settings_file),
            "data": str(paths.data),
            "cache": str(paths.cache),
            "models": str(paths.models),
            "resources": str(paths.resources),
        },
        **inference,
        **programs.desktop(),
    }
    if as_json:
        streams.result(json.dumps(report, default=str))
    else:
        for line in _lines(report):
            streams.result(line)
    return _exit_code(inference)


def _versions() -> dict[str, str]:
    """Installed packages only. A frozen app carries the metadata of the packages that its spec file names."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _exit_code(inference: Mapping[str, Any]) -> ExitCode:
    """inference: see scipix.inference.doctor."""
    if not inference.get("providers"):
        return ExitCode.BACKEND
    models = inference.get("models") or []
    good = models and all(model.get("ok") for model in models)
    return ExitCode.OK if good else ExitCode.MODEL


def _lines(value: Any, indent: int = 0) -> Iterator[str]:
    """Nested mappings and lists as indented text."""
    pad = "  " * indent
    entries = value.items() if isinstance(value, Mapping) else [("-", item) for item in value]
    for key, item in entries:
        label = pad + key if key == "-" else f"{pad}{key}:"
        if isinstance(item, Mapping) and key == "-":
            first, *rest = _lines(item, indent + 1) if item else [""]
            yield f"{pad}- {first.strip()}"
            yield from rest
        elif isinstance(item, Mapping) or (_is_list(item) and any(isinstance(part, Mapping) for part in item)):
            yield label if item else f"{label} none"
            yield from _lines(item, indent + 1)
        else:
            yield f"{label} {_word(item)}"


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _word(value: Any) -> str:
    if _is_list(value):
        return ", ".join(map(_word, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None or value == "" else str(value)
