"""The bar at the top of the window."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from scipix.gui.theme import Theme, app_icon
from scipix.gui.widgets.buttons import IconButton, QuietButton

_MARK = 26


class Header(QFrame):
    """New snip with its hotkey, Paste, Open; settings and the menu at the right."""

    command = Signal(str)

    def __init__(self, theme: Theme, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        mark = QLabel()
        mark.setPixmap(app_icon(theme.folder).pixmap(QSize(_MARK, _MARK), self.devicePixelRatioF()))
        self._snip = IconButton("New snip", "snip", theme, "primary")
        self._hotkey = QLabel()
        self._hotkey.setProperty("role", "key")
        self._hotkey.setToolTip("Works in every program")
        self._paste = IconButton("Paste", "paste", theme)
        self._open = IconButton("Open", "open", theme)
        self._settings = QuietButton("Settings (Ctrl+,)", "settings", theme)
        self._menu = QuietButton("Menu (F10)", "menu", theme)
        self._menu.setMenu(self._make_menu(actions))
        self._menu.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu.setShortcut("F10")
        self._snip.clicked.connect(lambda: self.command.emit("snip"))
        self._paste.clicked.connect(lambda: self.command.emit("paste"))
        self._open.clicked.connect(lambda: self.command.emit("open"))
        self._settings.clicked.connect(lambda: self.command.emit("settings"))
        self._snip.setToolTip("Drag a box around a formula on the screen")
        self._paste.setToolTip("Read the picture on the clipboard (Ctrl+V)")
        self._open.setToolTip("Read pictures, or open a PDF (Ctrl+O)")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 11, 12, 11)
        row.setSpacing(8)
        row.addWidget(mark)
        row.addSpacing(8)
        row.addWidget(self._snip)
        row.addWidget(self._hotkey, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addSpacing(8)
        row.addWidget(self._paste)
        row.addWidget(self._open)
        row.addStretch(1)
        row.addWidget(self._settings)
        row.addWidget(self._menu)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def set_hotkey(self, hotkey: str) -> None:
        """The combination that works now, empty for none."""
        self._hotkey.setText(hotkey)
        self._hotkey.setVisible(bool(hotkey))

    @property
    def hotkey(self) -> str:
        """The combination that works now, empty for none."""
        return self._hotkey.text()

    def set_theme(self, theme: Theme) -> None:
        for button in (self._snip, self._paste, self._open, self._settings, self._menu):
            button.set_theme(theme)

    def _make_menu(self, actions: Mapping[str, QAction]) -> QMenu:
        menu = QMenu(self)
        for name in ("snip", "paste", "open"):
            menu.addAction(actions[name])
        menu.addSeparator()
        for name in ("copy", "search", "settings"):
            menu.addAction(actions[name])
        menu.addSeparator()
        menu.addMenu("View").addAction(actions["latency"])
        about = menu.addMenu("Help")
        about.addAction(actions["keyboard"])
        about.addAction(actions["welcome"])
        about.addAction(actions["about"])
        menu.addSeparator()
        menu.addAction(actions["quit"])
        return menu
