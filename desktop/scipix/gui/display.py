"""Whether a display of Linux can be reached: Qt ends the whole program when none can. Imports no Qt."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

_X11 = re.compile(r"(?P<host>.*):(?P<number>\d+)(?:\.\d+)?")
_X11_SOCKETS = "/tmp/.X11-unix/X"
_X11_PORT = 6000  # of display 0
_HERE = ("", "unix", "localhost", "127.0.0.1")  # hosts that answer, or refuse, at once
_TIMEOUT_S = 2.0

Address = str | tuple[str, int]


def unreachable(env: Mapping[str, str]) -> str:
    """Why no window can be opened, in words; empty when a display answers, or might.

    env: DISPLAY, WAYLAND_DISPLAY, XDG_RUNTIME_DIR. Only displays of this computer are asked; whether they let us in is for
    them to say.
    """
    named = [env[name] for name in ("WAYLAND_DISPLAY", "DISPLAY") if env.get(name)]
    if not named:
        return "there is no display to open a window on"
    x11 = _X11.fullmatch(env.get("DISPLAY", ""))
    if env.get("DISPLAY") and (x11 is None or x11["host"] not in _HERE):
        return ""
    if any(map(_answers, [*_wayland(env), *(_local(int(x11["number"])) if x11 else ())])):
        return ""
    return f"the display {' or '.join(named)} does not answer"


def _wayland(env: Mapping[str, str]) -> Iterator[Address]:
    """The name is a path, or that of a file in the folder of the session."""
    if name := env.get("WAYLAND_DISPLAY"):
        yield str(Path(env.get("XDG_RUNTIME_DIR", "/"), name))


def _local(number: int) -> Iterator[Address]:
    """Where libxcb looks for a display, in this order."""
    yield f"\0{_X11_SOCKETS}{number}"
    yield f"{_X11_SOCKETS}{number}"
    yield "localhost", _X11_PORT + number


def _answers(address: Address) -> bool:
    try:
        if isinstance(address, tuple):
            socket.create_connection(address, _TIMEOUT_S).close()
        else:
            with socket.socket(socket.AF_UNIX) as stream:
                stream.settimeout(_TIMEOUT_S)
                stream.connect(address)
    except (OSError, OverflowError):  # a port that cannot be
        return False
    return True
