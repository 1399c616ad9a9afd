"""A bus without a daemon, and a desktop portal on a real but private one. For the tests of both portals."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageType, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from scipix.gui.portal import PATH, SERVICE, request_path

# What a portal does with a call: (member, body) -> (response code, results), or None for no answer ever.
Behavior = Callable[[str, tuple[Any, ...]], tuple[int, dict[str, Any]] | None]


def options_of(body: tuple[Any, ...]) -> dict[str, Any]:
    """The a{sv} that every portal call ends with, without types."""
    return {key: value[1] for key, value in body[-1].items()}


class FakeBus:
    """`Bus` in memory. `calls` lists (member, body); a response reaches only who subscribed to its path before."""

    unique_name = ":1.42"

    def __init__(self, behave: Behavior, *, own_path: str | None = None, refuse: str = "") -> None:
        """own_path: where the portal puts the request, when not where it was predicted. refuse: an error for calls."""
        self._behave, self._own_path, self._refuse = behave, own_path, refuse
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.closed = False
        self._listeners: list[tuple[MatchRule, deque[Message]]] = []
        self._late: list[Message] = []

    def call(self, message: Message, timeout: float = 5.0) -> Message:
        member = str(message.header.fields[HeaderFields.member])
        self.calls.append((member, message.body))
        message.header.serial = len(self.calls)
        message.header.fields[HeaderFields.sender] = self.unique_name
        if member in ("Register", "Close"):
            return new_method_return(message)
        if self._refuse:
            return new_error(message, "org.freedesktop.portal.Error.NotAllowed", "s", (self._refuse,))
        path = self._own_path or request_path(self.unique_name, options_of(message.body)["handle_token"])
        answer = self._behave(member, message.body)
        if answer is not None:
            self.emit(response(path, *answer), late=self._own_path is not None)
        return new_method_return(message, "o", (path,))

    def emit(self, signal: Message, *, late: bool = False) -> None:
        """Deliver a signal to who listens now; a late one to who listens when it is waited for."""
        if late:
            self._late.append(signal)
        for rule, queue in self._listeners:
            if rule.matches(signal):
                queue.append(signal)

    @contextmanager
    def listen(self, rule: MatchRule) -> Iterator[deque[Message]]:
        entry = (rule, deque[Message]())
        self._listeners.append(entry)
        yield entry[1]
        self._listeners.remove(entry)

    def wait(self, queue: deque[Message], timeout: float | None) -> Message:
        while self._late:
            self.emit(self._late.pop(0))
        if not queue:
            raise TimeoutError
        return queue.popleft()

    def interrupt(self) -> None:
        self.closed = True

    def close(self) -> None:
        self.closed = True


def response(path: str, code: int, results: dict[str, Any]) -> Message:
    """The signal Response of a request. results: name -> (signature, value)."""
    emitter = DBusAddress(path, interface="org.freedesktop.portal.Request")
    return new_signal(emitter, "Response", "ua{sv}", (code, results))


class Portal:
    """A portal service on a bus, in a thread of its own."""

    def __init__(self, bus_address: str, behave: Behavior, versions: dict[str, int]) -> None:
        self._behave, self._versions = behave, versions
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self._connection: DBusConnection = open_dbus_connection(bus_address)
        reply = self._connection.send_and_get_reply(message_bus.RequestName(SERVICE))
        assert reply.body == (1,)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._connection.close()

    def emit(self, interface: str, member: str, signature: str, body: tuple[Any, ...]) -> None:
        """A signal of the portal object."""
        self._connection.send(new_signal(DBusAddress(PATH, interface=interface), member, signature, body))

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                message = self._connection.receive(timeout=0.05)
            except TimeoutError:
                continue
            if message.header.message_type is MessageType.method_call:
                self._answer(message)

    def _answer(self, message: Message) -> None:
        member = str(message.header.fields[HeaderFields.member])
        self.calls.append((member, message.body))
        if member == "Get":
            found = self._versions.get(message.body[0])
            if found is None:
                self._connection.send(new_error(message, "org.freedesktop.DBus.Error.InvalidArgs", "s", ("no",)))
            else:
                self._connection.send(new_method_return(message, "v", (("u", found),)))
        elif member in ("Register", "Close"):
            self._connection.send(new_method_return(message))
        else:
            sender = str(message.header.fields[HeaderFields.sender])
            path = request_path(sender, options_of(message.body)["handle_token"])
            answer = self._behave(member, message.body)
            if answer is not None:
                # Before the reply: the fastest portal there can be.
                self._connection.send(response(path, *answer))
            self._connection.send(new_method_return(message, "o", (path,)))


@contextmanager
def private_bus(folder: Path) -> Iterator[str]:
    """The address of a session bus that only this test knows."""
    if not shutil.which("dbus-daemon"):
        pytest.skip("dbus-daemon is not installed")
    socket = folder / "bus"
    command = ["dbus-daemon", "--session", "--nofork", "--print-address", f"--address=unix:path={socket}"]
    daemon = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert daemon.stdout is not None
        yield daemon.stdout.readline().strip()
    finally:
        daemon.terminate()
        daemon.communicate()
