"""One Scipix for each user: a second start hands its wish to the first one over a local socket and goes.

A message is one line of JSON, `{"command": "snip", "mode": "math"}`, answered by `ok` or `error REASON`. Only the
user's own programs can connect: the socket lies in the user's own folder (a named pipe on Windows) and is opened for
the user alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLockFile, QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from scipix.errors import FolderUnusable, UsageError

COMMANDS = ("show", "snip", "open", "quit")
# A path may have 4096 bytes; a thousand dropped files still fit.
_MAX_LINE = 1 << 22
# sockaddr_un holds 104 bytes on macOS and 108 on Linux.
_MAX_SOCKET_PATH = 100
_RETRY_S = 0.05
# A local socket connects at once when somebody listens.
_CONNECT_MS = 1000
# Seconds that a busy app may take to answer.
_ANSWER_S = 5.0


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


def server_name(folder: Path) -> str:
    """The address of the user's instance. folder: a folder of the user's own; every process must pass the same."""
    digest = hashlib.sha256(os.fsencode(folder.absolute())).hexdigest()[:16]
    if sys.platform == "win32":
        return f"scipix-{digest}"
    path = str(folder.absolute() / "instance.socket")
    if len(os.fsencode(path)) <= _MAX_SOCKET_PATH:
        return path
    return str(Path(tempfile.gettempdir()) / f"scipix-{digest}.socket")


class Instance(QObject):
    """The first process: holds the lock and listens.

    received(Message): another process asked for something; it has its answer already.
    """

    received = Signal(object)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        """folder: where lock and socket are made; it exists."""
        super().__init__(parent)
        self._name = server_name(folder)
        self._lock = QLockFile(str(folder / "instance.lock"))
        # Only a dead owner makes the lock stale, never its age: the app runs for weeks.
        self._lock.setStaleLockTime(0)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

    def claim(self) -> bool:
        """Become the one instance; False when another process is.

        Raises UsageError when the socket cannot be made, FolderUnusable when the lock cannot.
        """
        if not self._lock.tryLock(0):
            if self._lock.error() is QLockFile.LockError.LockFailedError:
                return False
            raise FolderUnusable(f"{self._lock.fileName()} cannot be written; is the disk full, or not yours?")
        # With the lock held, a socket that is still there was left by a crash.
        QLocalServer.removeServer(self._name)
        if not self._server.listen(self._name):
            self._lock.unlock()
            raise UsageError(f"cannot listen on {self._name}: {self._server.errorString()}")
        return True

    def close(self) -> None:
        """Stop listening and let another process be the one."""
        self._server.close()
        self._lock.unlock()

    @Slot()
    def _on_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(self._on_data)
            socket.disconnected.connect(socket.deleteLater)
            self._read(socket)

    @Slot()
    def _on_data(self) -> None:
        socket = self.sender()
        if isinstance(socket, QLocalSocket):
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > _MAX_LINE:
                socket.abort()
            return
        try:
            message = Message.from_line(bytes(socket.readLine().data()))
        except UsageError as error:
            socket.write(f"error {error}\n".encode())
            socket.disconnectFromServer()
            return
        socket.write(b"ok\n")
        socket.flush()
        socket.disconnectFromServer()
        self.received.emit(message)


def send(message: Message, folder: Path, timeout: float = 5.0) -> bool:
    """Hand a message to the running instance; needs no event loop.

    timeout: seconds to wait for somebody to listen, and again for the answer: a message is never sent twice.
    Returns False when nobody listens or answers. Raises UsageError when it was refused.
    """
    socket = _connect(server_name(folder), timeout)
    return socket is not None and _exchange(socket, message, max(timeout, _ANSWER_S))


def deliver(message: Message, folder: Path, launch: Sequence[str] | None = None, timeout: float = 20.0) -> bool:
    """What `scipix snip` does: hand the message over, starting the app first when none runs.

    launch: the app's command line (see `app_command`); it is started detached, so that it outlives this process and
    its terminal. timeout: seconds to wait for it. Returns False when the message could not be handed over.
    """
    socket = _connect(server_name(folder), 0.0)
    if socket is None:
        start_detached(launch or app_command())
        socket = _connect(server_name(folder), timeout)
    return socket is not None and _exchange(socket, message, timeout)


def _connect(name: str, timeout: float) -> QLocalSocket | None:
    """A connection as soon as somebody listens; tries once when the timeout is 0."""
    deadline = time.monotonic() + timeout
    while True:
        socket = QLocalSocket()
        socket.connectToServer(name)
        if socket.waitForConnected(_CONNECT_MS):
            return socket
        if time.monotonic() + _RETRY_S > deadline:
            return None
        time.sleep(_RETRY_S)


def _exchange(socket: QLocalSocket, message: Message, timeout: float) -> bool:
    """Write the message and wait for the answer, which a busy app gives late."""
    deadline = time.monotonic() + timeout
    socket.write(message.to_line())
    while not socket.canReadLine() and (left := int(1000 * (deadline - time.monotonic()))) > 0:
        if not socket.waitForReadyRead(left):
            break
    answer = bytes(socket.readLine().data()).strip()
    socket.abort()
    if answer.startswith(b"error"):
        raise UsageError(answer.decode(errors="replace"))
    return answer == b"ok"


def app_command() -> list[str]:
    """The command that starts the app: the frozen program itself, or this Python with the package."""
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "scipix"]


def start_detached(command: Sequence[str]) -> None:
    """Start a program that does not end with this one and writes nothing to its terminal."""
    nothing = subprocess.DEVNULL
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
        subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, creationflags=flags)
    else:
        subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)
