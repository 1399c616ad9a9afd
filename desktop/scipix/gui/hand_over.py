"""The side that asks: hands a message to the app that runs, and starts the app when none does.

Where the app listens on a socket with a path (everywhere but on Windows), no Qt is needed for that: importing it takes
a tenth of a second, in which the screen might have been frozen already.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from scipix.errors import UsageError
from scipix.gui.wish import READY, Message, server_name

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalSocket

_RETRY_S = 0.05
# A local socket connects at once when somebody listens.
_CONNECT_S = 1.0
# Seconds that a busy app may take to answer, and one that is starting.
ANSWER_S = 20.0
_MAX_ANSWER = 1 << 16


class Line(Protocol):
    """A connection to the app; for one message."""

    def exchange(self, data: bytes, timeout: float) -> bytes:
        """Write, and wait for a line, which a busy app gives late; empty when none comes within so many seconds."""
        ...


class _SocketLine:
    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected

    def exchange(self, data: bytes, timeout: float) -> bytes:
        deadline, answer = time.monotonic() + timeout, b""
        with self._socket as connected:
            try:
                connected.settimeout(max(timeout, _RETRY_S))
                connected.sendall(data)
                while b"\n" not in answer and len(answer) < _MAX_ANSWER and (left := deadline - time.monotonic()) > 0:
                    connected.settimeout(left)
                    if not (part := connected.recv(4096)):
                        break
                    answer += part
            except OSError:  # too late, or the app has gone
                return b""
        return answer if b"\n" in answer else b""


class _QtLine:
    """Named pipes of Windows."""

    def __init__(self, connected: QLocalSocket) -> None:
        self._socket = connected

    def exchange(self, data: bytes, timeout: float) -> bytes:
        deadline = time.monotonic() + timeout
        self._socket.write(data)
        while not self._socket.canReadLine() and (left := int(1000 * (deadline - time.monotonic()))) > 0:
            if not self._socket.waitForReadyRead(left):
                break
        answer = bytes(self._socket.readLine().data())
        self._socket.abort()
        return answer


def reach(folder: Path, timeout: float = 0.0, given_up: Callable[[], bool] = lambda: False) -> Line | None:
    """A line to the app as soon as it listens; tries once when the timeout (seconds) is 0.

    folder: as for `server_name`. given_up: asked now and then; True ends the waiting.
    """
    connect = _connect_pipe if sys.platform == "win32" else _connect_socket
    deadline = time.monotonic() + timeout
    while True:
        line = connect(server_name(folder))
        if line is not None or time.monotonic() + _RETRY_S > deadline or given_up():
            return line
        time.sleep(_RETRY_S)


def ask(line: Line, message: Message, timeout: float = ANSWER_S) -> bool:
    """Whether the app has taken the message. Raises UsageError when it was refused."""
    answer = line.exchange(message.to_line(), timeout).strip()
    if answer.startswith(b"error"):
        raise UsageError(answer.decode(errors="replace"))
    return answer == b"ok"


def send(message: Message, folder: Path, timeout: float = 5.0) -> bool:
    """Hand a message to the running instance; needs no event loop.

    timeout: seconds to wait for somebody to listen; the answer may take longer: a message is never sent twice.
    Returns False when nobody listens or answers. Raises UsageError when it was refused.
    """
    line = reach(folder, timeout)
    return line is not None and ask(line, message, max(timeout, 5.0))


class Started(Protocol):
    """A process that was started. poll: its exit code, None while it runs."""

    def poll(self) -> int | None: ...


class _Forked:
    def __init__(self, process: int) -> None:
        self._process, self._code = process, None

    def poll(self) -> int | None:
        if self._code is None:
            ended, status = os.waitpid(self._process, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if ended else None
        return self._code


def answers(folder: Path, started: Started, timeout: float = ANSWER_S) -> bool:
    """Wait until the app that was just started answers; True, too, when it ended well: then another one was there
    before it, and has its wish. timeout: seconds."""
    line = reach(folder, timeout, lambda: started.poll() is not None)
    if line is not None:
        return ask(line, Message(READY), timeout)
    return started.poll() == 0


def app_command() -> list[str]:
    """The command that starts the app: the frozen program itself, or this Python with the package."""
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "scipix"]


def start_detached(command: Sequence[str]) -> Started:
    """Start a program that does not end with this one and writes nothing to its terminal."""
    nothing = subprocess.DEVNULL
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
        return subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, creationflags=flags)
    return subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)


def fork_detached() -> Started | None:
    """The same with a copy of this process, which has started Python already: None in the copy. For Linux; there must be
    no other thread, and no Qt yet."""
    process = os.fork()
    if process:
        return _Forked(process)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    os.close(nothing)
    return None


def _connect_socket(name: str) -> Line | None:
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connected.settimeout(_CONNECT_S)
    try:
        connected.connect(name)
    except OSError:
        connected.close()
        return None
    return _SocketLine(connected)


def _connect_pipe(name: str) -> Line | None:
    from PySide6.QtNetwork import QLocalSocket

    connected = QLocalSocket()
    connected.connectToServer(name)
    return _QtLine(connected) if connected.waitForConnected(int(_CONNECT_S * 1000)) else None
