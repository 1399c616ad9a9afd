"""Imports onnxruntime, late and silent."""

from __future__ import annotations

import os
import sys
from types import ModuleType

from scipix.errors import BackendUnavailable
from scipix.inference import memory


def load_onnxruntime() -> ModuleType:
    """The onnxruntime module; imported on the first call, which takes some 200 ms.

    Raises BackendUnavailable when it is not installed or its library cannot be loaded.
    """
    # Wheels from 1.29 on write a device id and collect events on Linux and macOS as soon as a session is made. Only
    # this variable, set before the first import, stops it: disable_telemetry_events() does not (tried with 1.31.1).
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    if "onnxruntime" not in sys.modules:
        memory.few_heaps()  # before it starts threads
    try:
        import onnxruntime
    except (ImportError, OSError) as exc:
        raise BackendUnavailable(f"onnxruntime cannot be loaded: {exc}") from exc
    if sys.platform == "win32":
        onnxruntime.disable_telemetry_events()  # there the events go through ETW, which the variable does not stop
    onnxruntime.set_default_logger_severity(
        3
    )  # errors; warnings on standard error would break the command line's output
    return onnxruntime
