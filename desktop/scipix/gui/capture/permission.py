"""Where the user has to allow that the app sees the screen: Wayland and macOS. Tried before the first snip needs it."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from dataclasses import dataclass

from scipix.errors import CaptureError, ScipixError
from scipix.gui.capture.choose import Session, choose, make_grabber
from scipix.gui.capture.grabber import Grab, Grabber
from scipix.gui.jobs import Jobs

_CORE_GRAPHICS = "/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics"
MACOS_HELP = (
    "Turn on Scipix in System Settings, Privacy & Security, Screen & System Audio Recording; then quit Scipix and start "
    "it again."
)


@dataclass(frozen=True, slots=True)
class ScreenTest:
    """Takes one picture of the screen and throws it away.

    ask: asks the system first, returns what the user has to do, "" when nothing. note: for the user, before the test.
    """

    grabber: Grabber
    note: str
    ask: Callable[[], str] = lambda: ""

    def run(self, finished: Callable[[bool, str], None]) -> None:
        """Calls finished(works, sentence) once, now or later; never when `cancel` came first."""
        problem = self.ask()
        if problem:
            finished(False, problem)
            return

        def on_failed(error: ScipixError) -> None:
            refused = "It was refused. Allow it when the desktop asks, or in its settings."
            finished(False, str(error) if isinstance(error, CaptureError) else refused)

        def on_grab(grab: Grab) -> None:
            finished(True, "It works: Scipix can see the screen.")

        self.grabber.start(on_grab, on_failed)

    def cancel(self) -> None:
        self.grabber.cancel()


def make_screen_test(session: Session, jobs: Jobs) -> ScreenTest | None:
    """The test for a session; None where programs may see the screen without asking."""
    if session.platform == "darwin":
        note = "macOS asks once whether Scipix may record the screen."
        return ScreenTest(make_grabber(choose(session), jobs), note, lambda: ask_macos(core_graphics()))
    if session.platform.startswith("linux") and session.wayland:
        note = "Your desktop asks once whether Scipix may take pictures of the screen."
        return ScreenTest(make_grabber(choose(session), jobs), note)
    return None


def ask_macos(library: ctypes.CDLL) -> str:
    """Have macOS ask the user, unless it did before. Returns what to do now, "" when it is allowed.

    CGPreflightScreenCaptureAccess and CGRequestScreenCaptureAccess of CGWindow.h, macOS 10.15 and newer: bool (void).
    """
    for name in ("CGPreflightScreenCaptureAccess", "CGRequestScreenCaptureAccess"):
        function = getattr(library, name)
        function.restype = ctypes.c_bool
        if function():
            return ""
    return MACOS_HELP


def core_graphics() -> ctypes.CDLL:
    """Raises CaptureError anywhere but on macOS."""
    try:
        return ctypes.CDLL(_CORE_GRAPHICS)
    except OSError as exc:
        raise CaptureError(f"CoreGraphics cannot be loaded on {sys.platform}: {exc}") from exc
