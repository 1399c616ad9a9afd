"""The versions of what drives the graphics cards, in one line: when it changes, what failed may be tried again."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

_NVIDIA = Path("/proc/driver/nvidia/version")
# The class of display adapters; each has a key of four digits below it.
_DISPLAY = r"SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}"


def driver_line(
    system: str,
    nvidia: Callable[[], str] | None = None,
    adapters: Callable[[], Iterator[tuple[str, str]]] | None = None,
    release: Callable[[], str] | None = None,
) -> str:
    """system: linux | windows | macos. The callables stand for the system's answers in tests. nvidia: the text of
    /proc/driver/nvidia/version. adapters: (name, driver's version) of each. release: of the kernel, or of macOS.

    Linux: that of NVIDIA's driver, else the kernel's, which has the others. macOS: its own. Windows: that of each card.
    """
    if system == "windows":
        found = sorted({f"{name} {version}".strip() for name, version in (adapters or _windows_adapters)()})
        return ", ".join(found)
    if system == "linux":
        version = re.search(r"Kernel Module\s+(?:for \S+\s+)?(\d[\d.]*)", (nvidia or _nvidia_text)())
        if version:
            return f"NVIDIA {version[1]}"
    return f"{system} {(release or _release)()}".strip()


def _nvidia_text() -> str:
    try:
        return _NVIDIA.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _release() -> str:
    return platform.mac_ver()[0] or platform.release()


def _windows_adapters() -> Iterator[tuple[str, str]]:
    if sys.platform != "win32":
        return
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _DISPLAY) as adapters:
            for index in range(winreg.QueryInfoKey(adapters)[0]):
                name = winreg.EnumKey(adapters, index)
                if name.isdigit():
                    with winreg.OpenKey(adapters, name) as adapter:
                        yield _value(winreg, adapter, "DriverDesc"), _value(winreg, adapter, "DriverVersion")
    except OSError:
        return


def _value(winreg: object, key: object, name: str) -> str:
    try:
        return str(winreg.QueryValueEx(key, name)[0])  # type: ignore[attr-defined]
    except OSError:
        return ""
