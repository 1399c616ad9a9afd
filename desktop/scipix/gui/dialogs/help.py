"""The Keyboard page and the About box."""

from __future__ import annotations

import platform
from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from scipix.gui.commands import COMMANDS, native
from scipix.gui.theme import Theme, app_icon

_MARK = 64


class KeyboardDialog(QDialog):
    """Every shortcut, in groups, in two columns."""

    def __init__(self, hotkey: str, parent: QWidget | None = None) -> None:
        """hotkey: the global one as set, empty for none."""
        super().__init__(parent)
        self.setWindowTitle("Keyboard")
        columns = QHBoxLayout(self)
        columns.setContentsMargins(28, 24, 28, 28)
        columns.setSpacing(48)
        groups = list(dict.fromkeys(command.group for command in COMMANDS))
        half = (len(groups) + 1) // 2
        for part in (groups[:half], groups[half:]):
            column = QVBoxLayout()
            column.setSpacing(8)
            for group in part:
                column.addLayout(self._group(group, hotkey))
                column.addSpacing(12)
            column.addStretch(1)
            columns.addLayout(column)

    def _group(self, group: str, hotkey: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(28)
        grid.setVerticalSpacing(7)
        title = QLabel(group)
        title.setProperty("role", "section")
        grid.addWidget(title, 0, 0)
        lines = [(command.text.rstrip("…"), command.keys) for command in COMMANDS if command.group == group]
        if group == "Read" and hotkey:
            lines.insert(0, ("New snip, from any program", (hotkey,)))
        for place, (text, keys) in enumerate((line for line in lines if line[1]), start=1):
            grid.addWidget(QLabel(text), place, 0)
            grid.addLayout(_keys(keys), place, 1)
        return grid


def _keys(keys: Iterable[str]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(6)
    row.addStretch(1)
    for one in keys:
        label = QLabel(native(one))
        label.setProperty("role", "key")
        row.addWidget(label)
    return row


class AboutDialog(QDialog):
    """Name, versions, and a button that copies them for a report."""

    def __init__(self, theme: Theme, versions: Iterable[tuple[str, str]], parent: QWidget | None = None) -> None:
        """versions: (what, version)."""
        super().__init__(parent)
        self.setWindowTitle("About Scipix")
        lines = [*versions, ("System", f"{platform.system()} {platform.release()}, {platform.machine()}")]
        mark = QLabel()
        mark.setPixmap(app_icon(theme.folder).pixmap(QSize(_MARK, _MARK), self.devicePixelRatioF()))
        title, line = QLabel("Scipix"), QLabel("Formulas into LaTeX, on your own computer.")
        title.setProperty("role", "title")
        line.setProperty("role", "muted")
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        for place, (what, version) in enumerate(lines):
            name, value = QLabel(what), QLabel(version)
            name.setProperty("role", "muted")
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(name, place, 0)
            grid.addWidget(value, place, 1)
        text = "\n".join(f"{what}: {version}" for what, version in lines)
        copy, close = QPushButton("Copy versions"), QPushButton("Close")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        close.clicked.connect(self.accept)
        close.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(copy)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 28, 32, 24)
        column.setSpacing(6)
        for widget in (mark, title, line):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(14)
        column.addLayout(grid)
        column.addSpacing(18)
        column.addLayout(buttons)
        close.setFocus()
