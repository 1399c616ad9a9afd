"""The icon in the tray, where the desktop has one. Everything here is also in the window."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon


class Tray(QObject):
    """command(str): snip, show, settings or quit."""

    command = Signal(str)

    def __init__(self, icon: QIcon, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._menu = QMenu()
        for name, text in (("snip", "New snip"), ("show", "Show Scipix"), ("settings", "Settings…"), ("quit", "Quit")):
            if name == "quit":
                self._menu.addSeparator()
            self._menu.addAction(text, lambda chosen=name: self.command.emit(chosen))
        self._icon = QSystemTrayIcon(icon, self)
        self._icon.setToolTip("Scipix")
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._on_activated)
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._icon.show()

    @property
    def available(self) -> bool:
        """Whether the user can get at the app through the tray."""
        return self._icon.isVisible() and QSystemTrayIcon.isSystemTrayAvailable()

    def close(self) -> None:
        self._icon.hide()

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason == QSystemTrayIcon.ActivationReason.Trigger:
            self.command.emit("show")
