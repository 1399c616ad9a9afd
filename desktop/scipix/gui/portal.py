"""The desktop portal on D-Bus: what the Screenshot and the GlobalShortcuts interfaces share.

A portal method answers twice: at once with the path of a Request object, and later, when the user has decided, with the
signal Response on that path. The path is known beforehand (portal documentation, org.freedesktop.portal.Request), so
the signal is subscribed to before the call: a fast answer would be lost otherwise. jeepney rather than QtDBus,
because QtDBus cannot write `a(sa{sv})` nor read `a{sv}` from Python. Linux only.
"""

from __future__ import annotations

import re
import secrets
import time
from collections import deque
from contextlib import AbstractContextManager
from dataclasses import dataclass
from socket import SHUT_RDWR
from typing import Any, Protocol

from jeepney import DBusAddress, MatchRule, Message, MessageType, message_bus, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from scipix.errors import Cancelled, CaptureError
from scipix.inference.cancel import Cancel

SERVICE = "org.freedesktop.portal.Desktop"
PATH = "/org/freedesktop/portal/desktop"
# Name of the .desktop file, by which a portal remembers what the user allowed.
APP_ID = "org.scipix.Scipix"
# Seconds for the bus itself, which answers at once when it works.
_CALL_S = 5.0
# Seconds between two looks at the cancel flag while a user makes up their mind.
_SLICE_S = 0.2


class Bus(Protocol):
    """A connection to the session bus; all calls block. Made and used in one thread, except `interrupt`."""

    @property
    def unique_name(self) -> str: ...

    def call(self, message: Message, timeout: float = _CALL_S) -> Message:
        """Send and wait for the reply. Raises TimeoutError, ConnectionError."""
        ...

    def listen(self, rule: MatchRule) -> AbstractContextManager[deque[Message]]:
        """Subscribe to signals for a `with` block; they gather in the queue while `wait` or `call` run."""
        ...

    def wait(self, queue: deque[Message], timeout: float | None) -> Message:
        """The next message of the queue. Raises TimeoutError, ConnectionError."""
        ...

    def interrupt(self) -> None:
        """From another thread: make a waiting call raise ConnectionError."""
        ...

    def close(self) -> None: ...


class SessionBus:
    """`Bus` over jeepney."""

    def __init__(self) -> None:
        """Connects. Raises CaptureError when there is no session bus."""
        try:
            self._connection: DBusConnection = open_dbus_connection("SESSION")
        except (OSError, KeyError, ValueError, TimeoutError) as exc:
            raise CaptureError("There is no D-Bus session bus, so the desktop portal cannot be asked.") from exc

    @property
    def unique_name(self) -> str:
        return str(self._connection.unique_name)

    def call(self, message: Message, timeout: float = _CALL_S) -> Message:
        return self._connection.send_and_get_reply(message, timeout=timeout)

    def listen(self, rule: MatchRule) -> AbstractContextManager[deque[Message]]:
        return _Subscription(self._connection, rule)

    def wait(self, queue: deque[Message], timeout: float | None) -> Message:
        return self._connection.recv_until_filtered(queue, timeout=timeout)

    def interrupt(self) -> None:
        try:
            self._connection.sock.shutdown(SHUT_RDWR)
        except OSError:
            return  # closed already

    def close(self) -> None:
        self._connection.close()


class _Subscription(AbstractContextManager[deque[Message]]):
    def __init__(self, connection: DBusConnection, rule: MatchRule) -> None:
        self._connection, self._rule = connection, rule
        self._queue: deque[Message] = deque()
        self._handle = connection.filter(rule, queue=self._queue)

    def __enter__(self) -> deque[Message]:
        self._connection.send_and_get_reply(message_bus.AddMatch(self._rule), timeout=_CALL_S)
        return self._queue

    def __exit__(self, *exc: object) -> None:
        self._handle.close()
        try:
            self._connection.send(message_bus.RemoveMatch(self._rule))
        except OSError:
            return  # the connection is gone, and the subscription with it


@dataclass(frozen=True, slots=True)
class Response:
    """The second answer. code: 0 done, 1 the user said no, 2 the portal gave up. results: without their D-Bus types."""

    code: int
    results: dict[str, Any]


def address(interface: str, path: str = PATH) -> DBusAddress:
    """Where an interface of the portal lives."""
    return DBusAddress(path, bus_name=SERVICE, interface=interface)


def version(bus: Bus, interface: str) -> int | None:
    """The version of a portal interface, or None when the desktop does not offer it."""
    message = new_method_call(address("org.freedesktop.DBus.Properties"), "Get", "ss", (interface, "version"))
    try:
        reply = bus.call(message)
    except (TimeoutError, OSError):
        return None
    if reply.header.message_type is not MessageType.method_return:
        return None
    return int(plain(reply.body[0]))


def interface_version(interface: str) -> int | None:
    """`version` over a connection of its own; None without a session bus."""
    try:
        bus = SessionBus()
    except CaptureError:
        return None
    try:
        return version(bus, interface)
    finally:
        bus.close()


def register_app(bus: Bus, app_id: str = APP_ID) -> None:
    """Tell the portal who asks, so that it can remember the answer. Before any other call on this connection.

    Only portals since 1.19.4 know this call, and only for programs outside a sandbox: its failure changes nothing.
    """
    registry = address("org.freedesktop.host.portal.Registry")
    bus.call(new_method_call(registry, "Register", "sa{sv}", (app_id, {})))


def new_token() -> str:
    """A name for a request or a session, unique on this connection."""
    return f"scipix_{secrets.token_hex(8)}"


def request_path(unique_name: str, token: str) -> str:
    """Where the portal will put the Request object: the sender's name without colon, dots as underscores."""
    sender = re.sub(r"\.", "_", unique_name.lstrip(":"))
    return f"{PATH}/request/{sender}/{token}"


def request(
    bus: Bus, message: Message, token: str, timeout: float, advice: str, cancel: Cancel | None = None
) -> Response:
    """Call a portal method and wait for the user's answer.

    message: the call, whose options carry `token` as handle_token. timeout: seconds. advice: what the user can do when
    it fails, a sentence for the end of each error.
    Raises CaptureError when the portal refuses or does not answer in time, Cancelled when `cancel` is set.
    """
    path = request_path(bus.unique_name, token)
    deadline = time.monotonic() + timeout
    with bus.listen(_response_rule(path)) as queue:
        reply = _call(bus, message, advice)
        handle = str(reply.body[0])
        if handle == path:
            return _await(bus, queue, path, deadline, advice, cancel)
    # Portals before 0.9 chose the path themselves.
    with bus.listen(_response_rule(handle)) as queue:
        return _await(bus, queue, handle, deadline, advice, cancel)


def _response_rule(path: str) -> MatchRule:
    return MatchRule(type="signal", interface="org.freedesktop.portal.Request", member="Response", path=path)


def _call(bus: Bus, message: Message, advice: str) -> Message:
    try:
        reply = bus.call(message)
    except TimeoutError as exc:
        raise CaptureError(f"The desktop portal does not answer. {advice}") from exc
    except OSError as exc:
        raise CaptureError(f"The connection to the desktop portal broke. {advice}") from exc
    if reply.header.message_type is MessageType.error:
        reason = reply.body[0] if reply.body else "no reason given"
        raise CaptureError(f"The desktop portal refused: {reason}. {advice}")
    return reply


def _await(bus: Bus, queue: deque[Message], path: str, deadline: float, advice: str, cancel: Cancel | None) -> Response:
    while True:
        if cancel is not None and cancel.is_set():
            _close_request(bus, path)
            raise Cancelled("stopped by the user")
        left = deadline - time.monotonic()
        if left <= 0:
            _close_request(bus, path)
            raise CaptureError(f"The desktop portal gave no answer in time. {advice}")
        try:
            code, results = bus.wait(queue, min(left, _SLICE_S)).body
        except TimeoutError:
            continue
        except OSError as exc:
            raise CaptureError(f"The connection to the desktop portal broke. {advice}") from exc
        return Response(int(code), {key: plain(value) for key, value in results.items()})


def _close_request(bus: Bus, path: str) -> None:
    """Take the desktop's dialog away; it may be gone already, which is just as well."""
    try:
        bus.call(new_method_call(address("org.freedesktop.portal.Request", path), "Close"), timeout=1.0)
    except (TimeoutError, OSError):
        return


def plain(value: Any) -> Any:
    """A D-Bus variant, jeepney's (signature, value), as its value."""
    return value[1] if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str) else value
