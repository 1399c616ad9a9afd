"""A display of its own for tests that need a real window system. Skips where Xvfb or xdotool are not installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest


@dataclass(frozen=True, slots=True)
class Display:
    """name: for $DISPLAY."""

    name: str

    def env(self, **more: str) -> dict[str, str]:
        """The environment for a child that shall use this display and no Wayland one."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("WAYLAND", "QT_"))}
        return {**kept, "DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb", **more}

    def xdotool(self, *words: object) -> None:
        """Move the pointer, press keys."""
        subprocess.run(["xdotool", *map(str, words)], env=self.env(), check=True, timeout=30)


@contextmanager
def virtual_display(size: str = "1280x800") -> Iterator[Display]:
    """Start Xvfb on the first free display and stop it afterwards."""
    if not shutil.which("Xvfb") or not shutil.which("xdotool"):
        pytest.skip("Xvfb or xdotool is not installed")
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"]
    command.append("-r")  # a busy computer lets go of a key late, and it would be repeated
    server = subprocess.Popen(command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as numbers:
            number = numbers.readline().strip()
        assert number, "Xvfb did not start"
        yield Display(f":{number}")
    finally:
        server.terminate()
        server.wait(timeout=30)
