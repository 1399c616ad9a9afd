"""The memory that this process holds, and the most that it has held."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path

_OFTEN_SECONDS = 5.0  # between two times that freed memory is given back although there is little of it
_M_ARENA_MAX = -8  # of malloc.h
_MUCH = 64_000_000  # bytes by which the process may grow in between; giving back takes 10 to 30 ms


class _Counters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS of psapi.h."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("page_faults", ctypes.c_uint32),
        *(
            (name, ctypes.c_size_t)
            for name in ("peak_working_set", "working_set", "peak_paged", "paged", "peak_nonpaged", "nonpaged")
        ),
        ("pagefile", ctypes.c_size_t),
        ("peak_pagefile", ctypes.c_size_t),
    )


def peak_bytes() -> int:
    """Peak resident size; 0 where the system does not tell."""
    if sys.platform == "win32":
        return int(_windows_counters().peak_working_set)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)  # bytes on macOS, kibibytes elsewhere


def resident_bytes() -> int:
    """What this process holds in memory now; where the system does not tell, the most that it has held."""
    if sys.platform == "win32":
        return int(_windows_counters().working_set)
    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[1])
    except (OSError, ValueError, IndexError):
        return peak_bytes()
    return pages * os.sysconf("SC_PAGE_SIZE")


def give_back() -> bool:
    """Return what was freed to the system; True when something was.

    glibc keeps what a thread other than the first has freed, 30 MB after a model was loaded or unloaded; macOS keeps some
    until it is asked. Windows' heap looks after itself.
    """
    if sys.platform not in ("linux", "darwin"):
        return False
    library = ctypes.CDLL(None)
    if sys.platform == "darwin":
        library.malloc_zone_pressure_relief.restype = ctypes.c_size_t
        return bool(library.malloc_zone_pressure_relief(None, ctypes.c_size_t(0)))
    trim = getattr(library, "malloc_trim", None)  # musl has none
    return trim is not None and bool(trim(ctypes.c_size_t(0)))


def few_heaps() -> None:
    """Have the threads that start from now on share two heaps.

    glibc gives up to eight for each core to them, and `give_back` leaves the free end of each but the first: 80 to 160 MB
    after a batch, and as much more while it is read.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(ctypes.c_int(_M_ARENA_MAX), ctypes.c_int(2))


class Heap:
    """Gives back what pieces of work have freed, at the end of one and when it is worth the time: rows and pictures of many
    sizes leave holes in the heap, which would add up."""

    def __init__(self) -> None:
        self._since, self._held = time.monotonic(), resident_bytes()

    def tidy(self) -> None:
        """A piece of work has ended."""
        if time.monotonic() > self._since + _OFTEN_SECONDS or resident_bytes() > self._held + _MUCH:
            give_back()
            self._since, self._held = time.monotonic(), resident_bytes()


def _windows_counters() -> _Counters:
    """Of this process; all 0 when Windows does not tell."""
    counters = _Counters(size=ctypes.sizeof(_Counters))
    if sys.platform == "win32":
        process = ctypes.windll.kernel32.GetCurrentProcess
        process.restype = ctypes.c_void_p
        ctypes.windll.psapi.GetProcessMemoryInfo(ctypes.c_void_p(process()), ctypes.byref(counters), counters.size)
    return counters


class _Status(ctypes.Structure):
    """MEMORYSTATUSEX of sysinfoapi.h."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        ("total", ctypes.c_uint64),
        *((name, ctypes.c_uint64) for name in ("free", "page_total", "page_free", "virtual", "virtual_free", "more")),
    )


def memory_bytes() -> int:
    """Of this computer; 0 when the system does not tell."""
    if sys.platform == "win32":
        status = _Status(length=ctypes.sizeof(_Status))
        return int(status.total) if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)) else 0
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0
