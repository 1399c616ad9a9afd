"""Which way of capturing the screen fits the session. Imports no Qt until a grabber is made: `doctor` asks here too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scipix.gui.capture.grabber import Grabber
    from scipix.gui.jobs import Jobs


@dataclass(frozen=True, slots=True)
class Session:
    """What the system says about itself.

    platform: `sys.platform`. wayland, x11: a display of that kind is there; with both, X11 is XWayland. desktop: the
    name in XDG_CURRENT_DESKTOP, in lower case.
    """

    platform: str
    wayland: bool = False
    x11: bool = False
    desktop: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """order: methods to try, best first; empty when none can work.

    reason: why. hint: what to do, "" when all is well.
    """

    order: tuple[str, ...]
    reason: str
    hint: str = ""


def session_from(env: Mapping[str, str], platform: str) -> Session:
    """Read the session from the environment. platform: `sys.platform`."""
    wayland = bool(env.get("WAYLAND_DISPLAY")) or env.get("XDG_SESSION_TYPE", "").lower() == "wayland"
    return Session(platform, wayland, bool(env.get("DISPLAY")), env.get("XDG_CURRENT_DESKTOP", "").lower())


# Passed as `portal_version` where nobody asked the bus: the app must not wait for it while it starts.
NOT_ASKED = 0


def choose(session: Session, portal_version: int | None = NOT_ASKED) -> Choice:
    """The methods for a session; asks nobody.

    portal_version: version of the Screenshot portal, None when there is none (see `screenshot_portal`).
    """
    if session.platform == "win32":
        return Choice(("qt",), "Windows lets programs read the screen")
    if session.platform == "darwin":
        hint = "Allow Screen Recording for Scipix in System Settings, Privacy & Security: or only the wallpaper shows."
        return Choice(("qt",), "macOS lets programs read the screen once the user allowed it", hint)
    if session.wayland:
        if portal_version is not None:
            known = f"version {portal_version} of the" if portal_version else "the"
            return Choice(("portal",), f"Wayland, where {known} Screenshot portal takes pictures")
        return Choice((), "Wayland, without a Screenshot portal", _portal_hint(session.desktop))
    if session.x11:
        order = ("qt",) if portal_version is None else ("qt", "portal")
        return Choice(order, "X11 lets programs read the screen")
    return Choice((), "no display", "Start Scipix inside a graphical session.")


def _portal_hint(desktop: str) -> str:
    packages = {
        "gnome": "xdg-desktop-portal-gnome",
        "kde": "xdg-desktop-portal-kde",
        "sway": "xdg-desktop-portal-wlr",
        "hyprland": "xdg-desktop-portal-hyprland",
        "cosmic": "xdg-desktop-portal-cosmic",
        "xfce": "xdg-desktop-portal-wlr",
        "lxqt": "xdg-desktop-portal-wlr",
    }
    package = next(
        (value for key, value in packages.items() if key in desktop), "the xdg-desktop-portal backend of your desktop"
    )
    return f"Install xdg-desktop-portal and {package}, then log in again."


def screenshot_portal(session: Session) -> int | None:
    """Version of the Screenshot portal, None without one. Asks the session bus: up to 5 s, for `doctor`."""
    if not session.platform.startswith("linux"):
        return None
    from scipix.gui.portal import interface_version

    return interface_version("org.freedesktop.portal.Screenshot")


def make_grabber(choice: Choice, jobs: Jobs) -> Grabber:
    """The grabber for a choice. With an empty order the Qt one, whose error tells the user what is missing."""
    from scipix.gui.capture.grabber import FirstThatWorks, QtGrabber

    grabbers: list[Grabber] = []
    for method in choice.order:
        if method == "portal":
            from scipix.gui.capture.portal import PortalGrabber

            grabbers.append(PortalGrabber(jobs))
        else:
            # Chosen only where programs may read the screen, so that black is what there is.
            grabbers.append(QtGrabber(may_be_black=True))
    return FirstThatWorks(grabbers or [QtGrabber()])
