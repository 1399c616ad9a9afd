"""The row that takes the result out: copy, copy as, other readings."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from scipix.datatypes import Alternative
from scipix.gui.formats import LATEX, OTHERS, CopyAs
from scipix.gui.theme import Theme
from scipix.gui.widgets.buttons import IconButton

_LONGEST = 64


class CopyRow(QWidget):
    """copy_wanted(CopyAs); alternative_wanted(str): the LaTeX of another reading."""

    copy_wanted = Signal(object)
    alternative_wanted = Signal(str)

    def __init__(self, theme: Theme, default: CopyAs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._default = default
        self._copy = IconButton("", "copy", theme, "primary")
        self._copy.clicked.connect(lambda: self.copy_wanted.emit(self._default))
        self._as = IconButton("Copy as", "chevron-down", theme)
        self._as.setAccessibleName("Copy in another format")
        self._as.setMenu(self._format_menu())
        self._others = IconButton("Other readings", "alternatives", theme)
        self._others.setMenu(QMenu(self))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._copy)
        row.addWidget(self._as)
        row.addStretch(1)
        row.addWidget(self._others)
        self.set_default(default)
        self.set_alternatives(())

    def set_default(self, default: CopyAs) -> None:
        self._default = default
        self._copy.setText(f"Copy {default.label}" if default.format != "latex" else "Copy LaTeX")
        self._copy.setToolTip(f"Copy as {default.label} (Ctrl+Shift+C)")

    def set_alternatives(self, alternatives: Sequence[Alternative]) -> None:
        menu = self._others.menu()
        menu.clear()
        for other in alternatives:
            latex = other.latex if len(other.latex) <= _LONGEST else other.latex[: _LONGEST - 1] + "…"
            # A single & would underline the next letter.
            text = f"{latex.replace('&', '&&')}\t{other.confidence * 100:.0f} %"
            menu.addAction(text, lambda chosen=other.latex: self.alternative_wanted.emit(chosen))
        self._others.setVisible(bool(alternatives))

    def open_formats(self) -> None:
        self._as.showMenu()

    def set_ready(self, ready: bool) -> None:
        """Whether there is something to copy."""
        self._copy.setEnabled(ready)
        self._as.setEnabled(ready)

    def set_theme(self, theme: Theme) -> None:
        for button in (self._copy, self._as, self._others):
            button.set_theme(theme)

    def _format_menu(self) -> QMenu:
        menu = QMenu(self)
        for entry in LATEX:
            menu.addAction(entry.label, lambda chosen=entry: self.copy_wanted.emit(chosen))
        menu.addSeparator()
        for entry in OTHERS:
            menu.addAction(entry.label, lambda chosen=entry: self.copy_wanted.emit(chosen))
        return menu
