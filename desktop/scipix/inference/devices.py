"""What this computer has that matters to inference: processor, its vector instructions, onnxruntime's providers.

`Machine` is plain data, so that the choice of a provider can be tested for computers that are not at hand.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipix.inference.cpuid import darwin_facts, windows_facts
from scipix.inference.drivers import driver_line
from scipix.inference.memory import memory_bytes
from scipix.inference.plugins import Plugin, find_plugins
from scipix.inference.runtime import load_onnxruntime

# Names of /proc/cpuinfo (x86 "flags", ARM "Features") -> the names that people use.
_LINUX_FEATURES = {
    "avx2": "AVX2",
    "avx512f": "AVX512",
    "avx512_vnni": "AVX512-VNNI",
    "avx_vnni": "AVX-VNNI",
    "amx_int8": "AMX-INT8",
    "amx_bf16": "AMX-BF16",
    "asimd": "NEON",
    "neon": "NEON",
    "asimddp": "DOTPROD",
    "i8mm": "I8MM",
    "sve": "SVE",
}


@dataclass(frozen=True, slots=True)
class Cpu:
    """name as the system gives it. features: such as AVX2, AVX512-VNNI, AMX-INT8, NEON, in a fixed order."""

    name: str
    physical: int
    logical: int
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Machine:
    """system: linux | windows | macos. arch: x86_64 | arm64 (others as the system names them). providers: the
    onnxruntime names that the installed build offers, which does not mean that the hardware is there. devices:
    (provider, kind, maker) of those that onnxruntime has found. memory: bytes, 0 when the system does not tell. plugins:
    providers that come as libraries of their own. driver: the version of what drives the graphics cards."""

    system: str
    arch: str
    cpu: Cpu
    providers: tuple[str, ...]
    devices: tuple[tuple[str, str, str], ...] = ()
    memory: int = 0
    plugins: tuple[Plugin, ...] = ()
    driver: str = ""

    def offers(self, provider: str) -> bool:
        """Whether it is there, which does not mean that it works."""
        return provider in self.providers or any(plugin.provider == provider for plugin in self.plugins)

    def library(self, provider: str) -> str:
        """The file of a plug-in; empty when onnxruntime itself has the provider."""
        if provider in self.providers:
            return ""
        return next((plugin.library for plugin in self.plugins if plugin.provider == provider), "")


def this_machine(providers: tuple[str, ...] | None = None, plugins: Sequence[Path] = ()) -> Machine:
    """Look at the computer; providers None: ask onnxruntime (raises BackendUnavailable when it cannot be loaded).

    plugins: libraries of providers that the user names.
    """
    devices: tuple[tuple[str, str, str], ...] = ()
    found: tuple[Plugin, ...] = ()
    if providers is None:
        onnxruntime = load_onnxruntime()
        providers = tuple(onnxruntime.get_available_providers())
        # Without those of plug-ins that were loaded for some session: they are not always there.
        devices = tuple(item for item in found_devices(onnxruntime) if item[0] in providers)
        found = find_plugins(plugins)
    system = {"linux": "linux", "win32": "windows", "darwin": "macos"}.get(sys.platform, sys.platform)
    arch = normal_arch(platform.machine())
    return Machine(system, arch, cpu_of(system, arch), providers, devices, memory_bytes(), found, driver_line(system))


def found_devices(onnxruntime: Any) -> tuple[tuple[str, str, str], ...]:
    """(provider, kind, maker) of what onnxruntime has found; versions before 1.23 do not tell."""
    if not hasattr(onnxruntime, "get_ep_devices"):
        return ()
    listed = onnxruntime.get_ep_devices()
    return tuple((item.ep_name, item.device.type.name.lower(), item.device.vendor) for item in listed)


def normal_arch(machine: str) -> str:
    """One name for each architecture: AMD64, x64 -> x86_64; aarch64, ARM64 -> arm64."""
    lowered = machine.lower()
    return {"amd64": "x86_64", "x64": "x86_64", "aarch64": "arm64"}.get(lowered, lowered)


def cpu_of(system: str, arch: str) -> Cpu:
    """The processor; what the system does not tell falls back to counts of the standard library."""
    logical = os.cpu_count() or 1
    readers: dict[str, Callable[[], Cpu]] = {
        "linux": lambda: linux_cpu(_read(Path("/proc/cpuinfo")), logical),
        "macos": lambda: Cpu(*darwin_facts(logical)),
        "windows": lambda: Cpu(*windows_facts(arch, logical)),
    }
    if system in readers:
        return readers[system]()
    return Cpu(platform.processor() or arch, logical, logical, ())


def linux_cpu(cpuinfo: str, logical: int) -> Cpu:
    """Read the text of /proc/cpuinfo. logical: used when the text lists no processors."""
    fields: dict[str, list[str]] = {}
    for key, value in re.findall(r"^([^:\n]*?)\s*:[ \t]*(.*)$", cpuinfo, re.MULTILINE):
        fields.setdefault(key.strip().lower(), []).append(value.strip())
    flags = set((fields.get("flags") or fields.get("features") or [""])[0].lower().split())
    features = tuple(dict.fromkeys(name for flag, name in _LINUX_FEATURES.items() if flag in flags))
    logical = len(fields.get("processor", ())) or logical
    sockets, cores = fields.get("physical id", []), fields.get("core id", [])
    physical = len(set(zip(sockets, cores, strict=False))) or logical  # ARM kernels tell neither
    names = fields.get("model name") or fields.get("hardware") or ["unknown processor"]
    return Cpu(names[0], min(physical, logical), logical, features)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
