"""Messages across the top of the window: one sentence, perhaps one thing to do about it, never a dialog."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from scipix.gui.theme import Theme

_AT_MOST = 3
_ICON = 18


class Level(StrEnum):
    """How bad it is; also the name of the icon."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


_ROLES = {Level.INFO: "accent", Level.WARNING: "doubt", Level.ERROR: "bad"}


@dataclass(frozen=True, slots=True)
class Message:
    """key: a message replaces the one with the same key. action: the label of the button, none when empty."""

    key: str
    level: Level
    text: str
    action: str = ""
    on_action: Callable[[], None] | None = None


class Banner(QFrame):
    """One message. closed(str): the user dismissed the message with that key."""

    closed = Signal(str)

    def __init__(self, message: Message, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.message = message
        self.setObjectName("banner")
        self.setProperty("level", str(message.level))
        self._icon = QLabel()
        text = QLabel(message.text)
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = QToolButton()
        self._close.setProperty("kind", "quiet")
        self._close.setToolTip("Dismiss")
        self._close.setAccessibleName("Dismiss this message")
        self._close.clicked.connect(self._on_close)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 6, 6)
        row.setSpacing(10)
        row.addWidget(self._icon)
        row.addWidget(text, 1)
        if message.action and message.on_action is not None:
            button = QPushButton(message.action)
            button.clicked.connect(message.on_action)
            row.addWidget(button)
        row.addWidget(self._close)
        self.setAccessibleName(message.text)
        self.set_theme(theme)

    def _on_close(self) -> None:
        self.closed.emit(self.message.key)

    def set_theme(self, theme: Theme) -> None:
        level = self.message.level
        self._icon.setPixmap(theme.pixmap(str(level), _ROLES[level], _ICON, self.devicePixelRatioF()))
        self._close.setIcon(theme.icon("close", "text_muted"))


class Banners(QWidget):
    """The messages that are shown now, the newest at the bottom; the oldest gives way to a fourth."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: dict[str, Banner] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(20, 14, 20, 0)
        self._column.setSpacing(8)
        self.hide()

    def show_message(self, message: Message) -> None:
        self.dismiss(message.key)
        while len(self._shown) >= _AT_MOST:
            self.dismiss(next(iter(self._shown)))
        banner = Banner(message, self._theme, self)
        banner.closed.connect(self.dismiss)
        self._shown[message.key] = banner
        self._column.addWidget(banner)
        self.show()

    def dismiss(self, key: str) -> None:
        """Take a message away; nothing happens when it is not shown."""
        banner = self._shown.pop(key, None)
        if banner is not None:
            self._column.removeWidget(banner)
            banner.hide()
            banner.deleteLater()
        self.setVisible(bool(self._shown))

    def messages(self) -> list[Message]:
        return [banner.message for banner in self._shown.values()]

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for banner in self._shown.values():
            banner.set_theme(theme)
