"""What the windows part finds on this computer: Qt, fonts, how the screen is captured, how a hotkey is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QLibraryInfo
from PySide6.QtGui import QFontDatabase, QGuiApplication

from scipix.gui.capture import choose as capture
from scipix.gui.hotkeys import choose as hotkeys


def facts(env: Mapping[str, str], platform: str) -> dict[str, Any]:
    """qt, fonts, session, capture, hotkey, as plain data. env, platform: os.environ and sys.platform.

    Asks the session bus on Linux: up to 10 s where it does not answer. Needs no display.
    """
    session = capture.session_from(env, platform)
    on_wayland = session.platform.startswith("linux") and session.wayland
    shots = capture.screenshot_portal(session) if on_wayland else None
    keys = hotkeys.shortcuts_portal(session) if on_wayland else None
    return {
        "qt": {"ok": True, "version": QLibraryInfo.version().toString(), "pyside": pyside_version},
        "fonts": _fonts(),
        "session": {"wayland": session.wayland, "x11": session.x11, "desktop": session.desktop},
        "capture": _method(capture.choose(session, shots)),
        "hotkey": _method(hotkeys.choose(session, keys)),
    }


def _method(choice: capture.Choice) -> dict[str, Any]:
    return {
        "ok": bool(choice.order),
        "method": choice.order[0] if choice.order else None,
        "reason": choice.reason,
        "hint": choice.hint,
    }


def _fonts() -> dict[str, Any]:
    """The fonts of the window, and whether there are any at all: without one every text is a row of boxes."""
    # Offscreen: the doctor is also asked over ssh and in containers.
    app = QGuiApplication.instance() or QGuiApplication(["scipix", "-platform", "offscreen"])
    families = QFontDatabase.families()
    text = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    source = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
    del app  # kept until here: there are no fonts without an application
    hint = "" if families else "Install a font, such as DejaVu: every text in the window is unreadable without one."
    return {"ok": bool(families), "families": len(families), "text": text, "source": source, "hint": hint}
