"""Hotkeys through the GlobalShortcuts portal: GNOME, KDE and Hyprland on Wayland.

The program proposes a combination, the user may change it in the desktop's dialog: `bound` tells which one is in force.
One thread holds the connection and waits; everything that reaches the GUI comes through queued signals. Linux only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from jeepney import MatchRule, new_method_call
from PySide6.QtCore import QObject, Qt, Signal, Slot

from scipix.errors import Cancelled, CaptureError, ScipixError
from scipix.gui.hotkeys.backend import HotkeyBackend
from scipix.gui.hotkeys.keysyms import trigger
from scipix.gui.hotkeys.parse import Accelerator, parse
from scipix.gui.portal import PATH, Bus, Response, SessionBus, address, new_token, plain, register_app, request
from scipix.inference.cancel import Cancel

INTERFACE = "org.freedesktop.portal.GlobalShortcuts"
ADVICE = "Add a shortcut for the command scipix snip in the keyboard settings of your desktop instead."
# Seconds: the first time the desktop asks the user about the shortcuts.
_BIND_S = 300.0
_SESSION_S = 15.0

Report = Callable[[str, str, str, str], None]


class PortalHotkeys(HotkeyBackend):
    """`HotkeyBackend` over the portal. `register` returns at once; `bound` or `failed` follows.

    A combination that another program holds is not reported by the portal: the desktop then shows no trigger for it,
    and `failed` says so.
    """

    # (signal name, argument, argument, argument), from the thread.
    _reported = Signal(str, str, str, str)

    method = "portal"
    hint = "The desktop asks once which shortcut to use; it can be changed later in its keyboard settings."

    def __init__(
        self, connect: Callable[[], Bus] = SessionBus, description: str = "", parent: QObject | None = None
    ) -> None:
        """connect: makes a connection, called in the thread.

        description: what the desktop shows beside the shortcut.
        """
        super().__init__(parent)
        self._connect = connect
        self._description = description or self.tr("Read a formula from the screen")
        self._wanted: dict[str, Accelerator] = {}
        self._session: _Session | None = None
        self._reported.connect(self._on_reported, Qt.ConnectionType.QueuedConnection)

    def register(self, accelerator: str, name: str = "snip") -> None:
        """Raises UsageError. A session can bind only once, so each call begins a new one with all that is wanted."""
        self._wanted[name] = parse(accelerator)
        self._restart()

    def unregister(self, name: str = "snip") -> None:
        if self._wanted.pop(name, None) is not None:
            self._restart()

    def close(self) -> None:
        self._wanted.clear()
        self._restart()

    def _restart(self) -> None:
        if self._session is not None:
            self._session.stop()
            self._session = None
        if self._wanted:
            self._session = _Session(self._connect, dict(self._wanted), self._description, self._reported.emit)

    @Slot(str, str, str, str)
    def _on_reported(self, kind: str, name: str, first: str, second: str) -> None:
        if name not in self._wanted:
            return  # from a session that was given up
        if kind == "activated":
            self.activated.emit(name)
        elif kind == "bound":
            self.bound.emit(name, first)
        else:
            self.failed.emit(name, first, second)


class _Session:
    """One portal session: its thread ends with it."""

    def __init__(
        self, connect: Callable[[], Bus], wanted: dict[str, Accelerator], description: str, report: Report
    ) -> None:
        self._connect, self._wanted, self._description, self._report = connect, wanted, description, report
        self._cancel = Cancel()
        self._bus: Bus | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="scipix-hotkeys", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; the portal forgets a session when its connection closes."""
        self._cancel.set()
        with self._lock:
            if self._bus is not None:
                self._bus.interrupt()
        self._thread.join()

    def _run(self) -> None:
        try:
            bus = self._connect()
        except CaptureError as exc:
            self._fail(exc)
            return
        with self._lock:
            self._bus = bus
        try:
            self._listen(bus)
        except ScipixError as exc:
            self._fail(exc)
        except (OSError, TimeoutError):
            self._fail(CaptureError(f"The connection to the desktop portal broke. {ADVICE}"))
        finally:
            with self._lock:
                self._bus = None
            bus.close()

    def _fail(self, error: ScipixError) -> None:
        if self._cancel.is_set():
            return
        text = f"The shortcut was not allowed. {ADVICE}" if isinstance(error, Cancelled) else str(error)
        for name in self._wanted:
            self._report("failed", name, CaptureError.code, text)

    def _listen(self, bus: Bus) -> None:
        register_app(bus)
        session = self._create(bus)
        # Subscribed before binding: the user may press the key as soon as the dialog closes.
        rule = MatchRule(type="signal", interface=INTERFACE, path=PATH)
        with bus.listen(rule) as queue:
            self._announce(self._bind(bus, session))
            while not self._cancel.is_set():
                message = bus.wait(queue, None)
                member = message.header.fields[_MEMBER]
                if message.body[0] != session:
                    continue
                if member == "Activated" and message.body[1] in self._wanted:
                    self._report("activated", message.body[1], "", "")
                elif member == "ShortcutsChanged":
                    self._announce(descriptions(message.body[1]))

    def _create(self, bus: Bus) -> str:
        token = new_token()
        options = {"handle_token": ("s", token), "session_handle_token": ("s", new_token())}
        message = new_method_call(address(INTERFACE), "CreateSession", "a{sv}", (options,))
        return str(_done(request(bus, message, token, _SESSION_S, ADVICE, self._cancel))["session_handle"])

    def _bind(self, bus: Bus, session: str) -> dict[str, str]:
        token = new_token()
        shortcuts = [
            (name, {"description": ("s", self._description), "preferred_trigger": ("s", trigger(key))})
            for name, key in self._wanted.items()
        ]
        body = (session, shortcuts, "", {"handle_token": ("s", token)})
        message = new_method_call(address(INTERFACE), "BindShortcuts", "oa(sa{sv})sa{sv}", body)
        return descriptions(_done(request(bus, message, token, _BIND_S, ADVICE, self._cancel)).get("shortcuts", []))

    def _announce(self, bound: dict[str, str]) -> None:
        for name, wanted in self._wanted.items():
            if bound.get(name):
                self._report("bound", name, bound[name], "")
            else:
                text = f"The desktop gave no shortcut for {wanted}. Choose one in its keyboard settings."
                self._report("failed", name, CaptureError.code, text)


# HeaderFields.member of jeepney.
_MEMBER = 3


def descriptions(shortcuts: list[tuple[str, dict[str, Any]]]) -> dict[str, str]:
    """The triggers in the desktop's own words by shortcut id, out of the portal's `a(sa{sv})`; "" for one without."""
    return {name: str(plain(fields.get("trigger_description", ""))) for name, fields in shortcuts}


def _done(response: Response) -> dict[str, Any]:
    if response.code == 1:
        raise Cancelled("refused in the dialog of the desktop")
    if response.code != 0:
        raise CaptureError(f"The desktop portal could not set the shortcut. {ADVICE}")
    return response.results
