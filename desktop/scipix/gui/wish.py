"""What one process asks of the app that runs: a line of JSON. Imports no Qt: `scipix snip` must not wait for it."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipix.errors import UsageError

READY = "ready"  # asks for nothing but an answer
_SNIP = "--snip"
COMMANDS = ("show", "snip", "open", "quit", READY)
# sockaddr_un holds 104 bytes on macOS and 108 on Linux.
_MAX_SOCKET_PATH = 100


@dataclass(frozen=True, slots=True)
class Message:
    """A wish of the user for the running app.

    command: one of `COMMANDS`. mode: a `Mode` for snip and open, "" for the user's setting. paths: absolute, for
    open.
    """

    command: str = "show"
    mode: str = ""
    paths: tuple[str, ...] = ()

    def to_line(self) -> bytes:
        """One line of JSON with its newline; fields that are empty are left out."""
        fields: dict[str, Any] = {"command": self.command}
        if self.mode:
            fields["mode"] = self.mode
        if self.paths:
            fields["paths"] = list(self.paths)
        return json.dumps(fields).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Message:
        """Raises UsageError when the line is no message; unknown fields are ignored."""
        try:
            fields = json.loads(line)
        except ValueError as exc:
            raise UsageError("the message is not JSON") from exc
        if not isinstance(fields, dict) or fields.get("command") not in COMMANDS:
            raise UsageError("the message has no known command")
        mode, paths = fields.get("mode", ""), fields.get("paths", [])
        if not isinstance(mode, str) or not isinstance(paths, list) or not all(isinstance(p, str) for p in paths):
            raise UsageError("the message has a field of a wrong type")
        return cls(fields["command"], mode, tuple(paths))


def snip_words(mode: str) -> list[str]:
    """Arguments with which the app begins with a snip. mode: as in `Message`."""
    return [f"{_SNIP}={mode}" if mode else _SNIP]


def snip_mode(words: Sequence[str]) -> str | None:
    """The mode in such arguments, None when they ask for no snip."""
    modes = [mode for name, _, mode in (word.partition("=") for word in words) if name == _SNIP]
    return modes[0] if modes else None


def server_name(folder: Path) -> str:
    """The address of the user's instance. folder: a folder of the user's own; every process must pass the same."""
    digest = hashlib.sha256(os.fsencode(folder.absolute())).hexdigest()[:16]
    if sys.platform == "win32":
        return f"scipix-{digest}"
    path = str(folder.absolute() / "instance.socket")
    if len(os.fsencode(path)) <= _MAX_SOCKET_PATH:
        return path
    return str(Path(tempfile.gettempdir()) / f"scipix-{digest}.socket")
