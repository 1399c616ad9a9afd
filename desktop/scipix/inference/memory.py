"""The most memory that this process has held."""

from __future__ import annotations

import ctypes
import sys


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
        counters = _Counters(size=ctypes.sizeof(_Counters))
        process = ctypes.windll.kernel32.GetCurrentProcess
        process.restype = ctypes.c_void_p
        found = ctypes.windll.psapi.GetProcessMemoryInfo(
            ctypes.c_void_p(process()), ctypes.byref(counters), counters.size
        )
        return int(counters.peak_working_set) if found else 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)  # bytes on macOS, kibibytes elsewhere
