"""The Keyboard page."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from scipix.gui.commands import COMMANDS, native


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
