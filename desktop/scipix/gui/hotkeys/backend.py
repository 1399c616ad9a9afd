"""What every way to get a hotkey offers."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import SignalInstance


class HotkeyBackend(Protocol):
    """A way to hear key combinations while another program has the focus. A long-lived QObject of the GUI thread.

    method: its name ("x11", "portal", "windows", "macos", "none").
    hint: a sentence for the settings dialog, may be empty.
    activated(str name): the user pressed the combination; emitted in the GUI thread.
    bound(str name, str description): the combination that is really in force; the portal lets the user change it.
    failed(str name, str code, str message): a combination could not be had, found out after `register` returned.
    """

    @property
    def method(self) -> str: ...

    @property
    def hint(self) -> str: ...

    @property
    def activated(self) -> SignalInstance: ...

    @property
    def bound(self) -> SignalInstance: ...

    @property
    def failed(self) -> SignalInstance: ...

    def register(self, accelerator: str, name: str = "snip") -> None:
        """Listen for a combination such as "Ctrl+Alt+M"; an earlier one of the same name is given up.

        Raises HotkeyTaken when another program holds it, CaptureError when the system refuses, UsageError when it is
        none.
        """
        ...

    def unregister(self, name: str = "snip") -> None:
        """Stop listening; unknown names are ignored."""
        ...

    def close(self) -> None:
        """Give everything up; stops the back end's thread. To be called before the QApplication goes."""
        ...
