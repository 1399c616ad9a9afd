"""When no hotkey can be had: say how to bind one in the desktop itself."""

from __future__ import annotations

from PySide6.QtCore import QObject

from scipix.errors import CaptureError
from scipix.gui.hotkeys.backend import HotkeyBackend
from scipix.gui.hotkeys.parse import parse


class NoHotkeys(HotkeyBackend):
    """`HotkeyBackend` that can hear nothing; `hint` tells the user what to bind."""

    method = "none"

    def __init__(self, reason: str, command: str = "scipix snip", parent: QObject | None = None) -> None:
        """reason: a clause such as "this desktop has no GlobalShortcuts portal". command: what to bind."""
        super().__init__(parent)
        self.hint = (
            f"Scipix cannot set a global shortcut here: {reason}. In the keyboard settings of your desktop, "
            f"add a shortcut for the command: {command}"
        )

    def register(self, accelerator: str, name: str = "snip") -> None:
        """Raises UsageError for a combination that is none, else CaptureError with the hint."""
        parse(accelerator)
        raise CaptureError(self.hint)

    def unregister(self, name: str = "snip") -> None:
        """Nothing was registered."""

    def close(self) -> None:
        """Nothing is open."""
