"""The processor as macOS (sysctl) and Windows (kernel32, registry) describe it: (name, physical, logical, features)."""

from __future__ import annotations

import ctypes
import struct
import subprocess
import sys
from collections.abc import Callable

Facts = tuple[str, int, int, tuple[str, ...]]

_DARWIN_FEATURES = {
    "hw.optional.avx2_0": "AVX2",
    "hw.optional.avx512f": "AVX512",
    "hw.optional.avx512vnni": "AVX512-VNNI",
    "hw.optional.neon": "NEON",
    "hw.optional.arm.FEAT_DotProd": "DOTPROD",
    "hw.optional.arm.FEAT_I8MM": "I8MM",
    "hw.optional.arm.FEAT_SME": "SME",
}
# winnt.h, PF_*: what IsProcessorFeaturePresent can tell. It knows nothing of VNNI or AMX.
_WINDOWS_FEATURES = {40: "AVX2", 41: "AVX512", 19: "NEON", 43: "DOTPROD"}
_ARM_ONLY = frozenset(["NEON", "DOTPROD"])
_RELATION_CORE = 0  # winnt.h, LOGICAL_PROCESSOR_RELATIONSHIP.RelationProcessorCore


def darwin_facts(logical: int, query: Callable[[list[str]], str] | None = None) -> Facts:
    """Ask sysctl; query: names -> its output (given in tests)."""
    names = ["machdep.cpu.brand_string", "hw.physicalcpu", "hw.logicalcpu", *_DARWIN_FEATURES]
    found: dict[str, str] = {}
    for line in (query or _sysctl)(names).splitlines():
        key, _, value = line.partition(":")
        found[key.strip()] = value.strip()
    features = tuple(label for name, label in _DARWIN_FEATURES.items() if found.get(name) == "1")
    count = _number(found.get("hw.logicalcpu", ""), logical)
    return (
        found.get("machdep.cpu.brand_string", "unknown"),
        _number(found.get("hw.physicalcpu", ""), count),
        count,
        features,
    )


def _sysctl(names: list[str]) -> str:
    try:
        # -i: leave out the names that this processor does not know.
        done = subprocess.run(
            ["/usr/sbin/sysctl", "-i", *names], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdigit() and int(text) > 0 else otherwise


def windows_facts(
    arch: str,
    logical: int,
    has_feature: Callable[[int], bool] | None = None,
    core_records: Callable[[], bytes] | None = None,
    name: Callable[[], str] | None = None,
) -> Facts:
    """Ask Windows; the three callables stand for its API in tests."""
    has_feature = has_feature or _windows_feature
    features = tuple(
        label
        for code, label in _WINDOWS_FEATURES.items()
        if (label in _ARM_ONLY) == (arch == "arm64") and has_feature(code)
    )
    physical = count_cores((core_records or _windows_cores)())
    return (name or _windows_name)(), min(physical, logical) or logical, logical, features


def count_cores(records: bytes) -> int:
    """Cores in the output of GetLogicalProcessorInformationEx: records that begin with relationship and size,
    uint32."""
    count = offset = 0
    while offset + 8 <= len(records):
        relationship, size = struct.unpack_from("<II", records, offset)
        if size < 8:
            break
        count += relationship == _RELATION_CORE
        offset += size
    return count


def _windows_feature(code: int) -> bool:
    if sys.platform != "win32":
        return False
    return bool(ctypes.windll.kernel32.IsProcessorFeaturePresent(code))


def _windows_cores() -> bytes:
    if sys.platform != "win32":
        return b""
    get = ctypes.windll.kernel32.GetLogicalProcessorInformationEx
    length = ctypes.c_uint32(0)
    get(_RELATION_CORE, None, ctypes.byref(length))  # fails, and says how many bytes it needs
    buffer = ctypes.create_string_buffer(max(length.value, 1))
    return buffer.raw[: length.value] if get(_RELATION_CORE, buffer, ctypes.byref(length)) else b""


def _windows_name() -> str:
    if sys.platform != "win32":
        return "unknown"
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"HARDWARE\DESCRIPTION\System\CentralProcessor\0") as key:
            return str(winreg.QueryValueEx(key, "ProcessorNameString")[0]).strip()
    except OSError:
        return "unknown"
