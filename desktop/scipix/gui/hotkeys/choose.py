"""Which way to a hotkey fits the session. Imports no Qt until a back end is made: `doctor` asks here too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scipix.errors import CaptureError
from scipix.gui.capture.choose import NOT_ASKED, Choice, Session

if TYPE_CHECKING:
    from scipix.gui.hotkeys.backend import HotkeyBackend

_BIND = "Add a shortcut for the command: scipix snip in the keyboard settings of your desktop."


def choose(session: Session, portal_version: int | None = NOT_ASKED) -> Choice:
    """The methods for a session; asks nobody.

    portal_version: version of the GlobalShortcuts portal, None when there is none, NOT_ASKED when nobody looked.
    """
    if session.platform == "win32":
        return Choice(("windows",), "Windows keeps global hotkeys (RegisterHotKey)")
    if session.platform == "darwin":
        return Choice(("macos",), "macOS keeps global hotkeys (RegisterEventHotKey)")
    if session.wayland:
        if portal_version is not None:
            known = f"version {portal_version} of the" if portal_version else "the"
            return Choice(("portal",), f"Wayland, where {known} GlobalShortcuts portal keeps them")
        return Choice((), "Wayland, without a GlobalShortcuts portal", _BIND)
    if session.x11:
        return Choice(("x11",), "X11 keeps global hotkeys (XGrabKey)")
    return Choice((), "no display", "Start Scipix inside a graphical session.")


def shortcuts_portal(session: Session) -> int | None:
    """Version of the GlobalShortcuts portal, None without one. Asks the session bus: up to 5 s, for `doctor`."""
    if not session.platform.startswith("linux"):
        return None
    from scipix.gui.portal import interface_version

    return interface_version("org.freedesktop.portal.GlobalShortcuts")


def make_hotkeys(choice: Choice) -> HotkeyBackend:
    """The back end for a choice; one that only explains when none can be had."""
    from scipix.gui.hotkeys.none import NoHotkeys

    method = choice.order[0] if choice.order else "none"
    try:
        return NoHotkeys(choice.reason) if method == "none" else _make(method)
    except CaptureError as error:
        return NoHotkeys(str(error).rstrip("."))


def _make(method: str) -> HotkeyBackend:
    """Each module loads libraries that only its own system has."""
    if method == "x11":
        from scipix.gui.hotkeys.x11 import X11Hotkeys

        return X11Hotkeys()
    if method == "portal":
        from scipix.gui.hotkeys.portal import PortalHotkeys

        return PortalHotkeys()
    if method == "windows":
        from scipix.gui.hotkeys.windows import WindowsHotkeys

        return WindowsHotkeys()
    from scipix.gui.hotkeys.macos import MacHotkeys

    return MacHotkeys()
