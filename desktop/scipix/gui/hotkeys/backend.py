"""What every way to get a hotkey offers."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class HotkeyBackend(QObject):
    """A way to hear key combinations while another program has the focus. Long-lived, of the GUI thread.

    A base class and no Protocol, because signals must belong to a QObject class.

    method: its name ("x11", "portal", "windows", "macos", "none").
    hint: a sentence for the settings dialog, may be empty.
    activated(str name): the user pressed the combination; emitted in the GUI thread.
    bound(str name, str description): the combination that is really in force; the portal lets the user change it.
    failed(str name, str code, str message): a combination could not be had, found out after `register` returned.
    """

    activated = Signal(str)
    bound = Signal(str, str)
    failed = Signal(str, str, str)

    method = ""
    hint = ""

    def register(self, accelerator: str, name: str = "snip") -> None:
        """Listen for a combination such as "Ctrl+Alt+M"; an earlier one of the same name is given up.

        Raises HotkeyTaken when another program holds it, CaptureError when the system refuses, UsageError when it is
        no key combination.
        """
        raise NotImplementedError

    def unregister(self, name: str = "snip") -> None:
        """Stop listening; unknown names are ignored."""
        raise NotImplementedError

    def close(self) -> None:
        """Give everything up; stops the back end's thread. To be called before the QApplication goes."""
        raise NotImplementedError
