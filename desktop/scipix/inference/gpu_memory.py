"""The memory of NVIDIA cards that this process holds, as their driver tells (NVML, which comes with it).

Other cards: macOS has one memory for all, and what DirectML takes is told by no simple call. NVML itself does not tell
it for single processes under Windows' usual driver model, nor inside containers that number processes anew.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

_LIBRARY = "nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1"
_PROVIDERS = {"CUDAExecutionProvider", "TensorrtExecutionProvider"}
_OK, _TOO_SMALL = 0, 7
_UNKNOWN = (1 << 64) - 1
_FIRST = 64  # processes to make room for


class _Process(ctypes.Structure):
    """nvmlProcessInfo_t of nvml.h, since version 2."""

    _fields_ = (
        ("pid", ctypes.c_uint),
        ("used", ctypes.c_ulonglong),
        ("instance", ctypes.c_uint),
        ("compute_instance", ctypes.c_uint),
    )


class GpuMemory:
    """Asks the driver; opened when first asked while onnxruntime can use such a card. Thread-safe."""

    def __init__(self, load: Callable[[], Any] | None = None, wanted: Callable[[], bool] | None = None) -> None:
        """load: gives the library, raises OSError. wanted: whether such a card can be in use at all."""
        self._load = load or (lambda: ctypes.CDLL(_LIBRARY))
        self._wanted = wanted or _is_in_use
        self._library: Any = None
        self._cards: tuple[ctypes.c_void_p, ...] = ()
        self._opened = False
        self._lock = threading.Lock()

    def own_bytes(self, pid: int | None = None) -> int:
        """Held by this process on all cards; 0 where nobody tells. pid: of another process."""
        with self._lock:
            if not self._opened and self._wanted():
                self._opened = True
                self._open()
            wanted = os.getpid() if pid is None else pid
            processes = (process for card in self._cards for process in self._processes(card))
            return sum(process.used for process in processes if process.pid == wanted and process.used != _UNKNOWN)

    def _open(self) -> None:
        try:
            library = self._load()
            if library.nvmlInit_v2() != _OK:
                return
            count = ctypes.c_uint()
            if library.nvmlDeviceGetCount_v2(ctypes.byref(count)) != _OK:
                return
            library.nvmlDeviceGetComputeRunningProcesses_v3  # noqa: B018 - older drivers lack it
        except (OSError, AttributeError):
            return
        cards = []
        for index in range(count.value):
            card = ctypes.c_void_p()
            if library.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(index), ctypes.byref(card)) == _OK:
                cards.append(card)
        self._library, self._cards = library, tuple(cards)

    def _processes(self, card: ctypes.c_void_p) -> Iterator[_Process]:
        room = _FIRST
        for _ in range(4):  # others may start in between
            found, count = (_Process * room)(), ctypes.c_uint(room)
            status = self._library.nvmlDeviceGetComputeRunningProcesses_v3(card, ctypes.byref(count), found)
            if status == _OK:
                yield from found[: count.value]
                return
            if status != _TOO_SMALL:
                return
            room = 2 * count.value + _FIRST


def _is_in_use() -> bool:
    """Whether onnxruntime is loaded, and this build of it can use such cards."""
    onnxruntime = sys.modules.get("onnxruntime")
    return onnxruntime is not None and not _PROVIDERS.isdisjoint(onnxruntime.get_available_providers())
