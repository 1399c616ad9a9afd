"""One Scipix for each user: a second start hands its wish to the first one over a local socket and goes.

A message is one line of JSON, `{"command": "snip", "mode": "math"}`, answered by `ok` or `error REASON`. Only the
user's own programs can connect: the socket lies in the user's own folder (a named pipe on Windows) and is opened for
the user alone.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from scipix.errors import FolderUnusable, UsageError
from scipix.gui.wish import Message, server_name

# A path may have 4096 bytes; a thousand dropped files still fit.
_MAX_LINE = 1 << 22


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
