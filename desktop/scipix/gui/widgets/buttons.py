"""Buttons with an icon that follows the theme."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QSizePolicy, QToolButton, QWidget

from scipix.gui.theme import Theme

_ICON = QSize(18, 18)


class IconButton(QPushButton):
    """Text and icon. kind: "" plain, "primary" for the one main action, "quiet" without a frame."""

    def __init__(self, text: str, icon: str, theme: Theme, kind: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._icon_name, self._kind = icon, kind
        self.setProperty("kind", kind)
        self.setIconSize(_ICON)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self.setIcon(theme.icon(self._icon_name, "accent_text" if self._kind == "primary" else "text"))


class QuietButton(QToolButton):
    """Icon only; its name is in the tooltip and for screen readers. Tab reaches it."""

    def __init__(self, name: str, icon: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon
        self.setProperty("kind", "quiet")
        self.setIconSize(_ICON)
        self.setToolTip(name)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self.setIcon(theme.icon(self._icon_name, "text_muted"))
