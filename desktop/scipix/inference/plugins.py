"""Finds execution providers that come as libraries of their own, beside onnxruntime: OpenVINO and WebGPU.

They are looked for among the installed Python packages and the paths that the user names (SCIPIX_PLUGINS), nowhere
else, and nothing is downloaded. Finding one loads nothing of it: a library is loaded by `register`, first of all by a
trial in a process of its own, and in this process only when a session is to run on it.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipix.errors import BackendUnavailable

_log = logging.getLogger(__name__)

OPENVINO = "OpenVINOExecutionProvider"
WEBGPU = "WebGpuExecutionProvider"
# provider -> the Python package that brings it, and the word in the names of its library.
_KNOWN = {OPENVINO: ("onnxruntime_ep_openvino", "openvino"), WEBGPU: ("onnxruntime_ep_webgpu", "webgpu")}
_SUFFIXES = frozenset([".so", ".dll", ".dylib"])


@dataclass(frozen=True, slots=True)
class Plugin:
    """provider: onnxruntime's name. library: path of its file. version: of the package; of a file that the user names,
    its size and time, which is another one when the file is."""

    provider: str
    library: str
    version: str


def find_plugins(named: Sequence[Path] = ()) -> tuple[Plugin, ...]:
    """Those that are there, one for each provider. named: libraries that the user names; they come first."""
    found: dict[str, Plugin] = {}
    for plugin in (*_from_paths(named), *_from_packages()):
        found.setdefault(plugin.provider, plugin)
    return tuple(found.values())


def register(onnxruntime: Any, provider: str, library: str) -> list[Any]:
    """Load a library, once in a process, and return onnxruntime's devices for its provider, the first kind only.

    Raises BackendUnavailable when it has none here, and what onnxruntime raises for a library that cannot be loaded.
    """
    if not hasattr(onnxruntime, "register_execution_provider_library"):
        raise BackendUnavailable(f"onnxruntime {onnxruntime.__version__} takes no plug-ins")
    devices = _devices(onnxruntime, provider)
    if not devices:
        # The name is ours to choose; a second registration under it is refused.
        onnxruntime.register_execution_provider_library(f"scipix.{provider}", library)
        devices = _devices(onnxruntime, provider)
    if not devices:
        raise BackendUnavailable(f"{Path(library).name} finds no device on this computer")
    # A provider takes several devices only together, as one of its own kinds; the first is its own preference.
    return devices[:1]


def _devices(onnxruntime: Any, provider: str) -> list[Any]:
    return [device for device in onnxruntime.get_ep_devices() if device.ep_name == provider]


def _from_paths(named: Iterable[Path]) -> Iterable[Plugin]:
    for path in named:
        for provider, (_, word) in _KNOWN.items():
            if word not in path.name.lower() or path.suffix not in _SUFFIXES:
                continue
            try:
                stat = path.stat()
            except OSError as exc:
                _log.info("%s is left out: %s", path, exc)
            else:
                yield Plugin(provider, str(path), f"{stat.st_size}-{stat.st_mtime_ns}")


def _from_packages() -> Iterable[Plugin]:
    for provider, (package, word) in _KNOWN.items():
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            continue
        folder = Path(next(iter(spec.submodule_search_locations)))
        files = (path for path in folder.glob("*onnxruntime_providers_*") if path.suffix in _SUFFIXES)
        library = next((path for path in sorted(files) if word in path.name.lower()), None)
        if library is not None:
            yield Plugin(provider, str(library), _version(package))


def _version(package: str) -> str:
    import importlib.metadata  # and with it email and zipfile, which a start without plug-ins does not need

    try:
        return importlib.metadata.version(package.replace("_", "-"))
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
