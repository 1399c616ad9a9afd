"""The way back to the PDF that is open behind a reading."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from scipix.gui.theme import Theme
from scipix.gui.widgets.buttons import IconButton, QuietButton


class ReturnBar(QFrame):
    """return_wanted(), close_wanted()."""

    return_wanted = Signal()
    close_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._back = IconButton("Back to the PDF", "chevron-left", theme, "quiet")
        self._close = QuietButton("Close the PDF", "close", theme)
        self._back.setToolTip("Esc")
        self._back.clicked.connect(self.return_wanted)
        self._close.clicked.connect(self.close_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 10, 0)
        row.addWidget(self._back)
        row.addStretch(1)
        row.addWidget(self._close)
        self.hide()

    def set_name(self, name: str) -> None:
        """Of the PDF."""
        # An ampersand would underline the next letter.
        self._back.setText(f"Back to {name}".replace("&", "&&"))

    def set_theme(self, theme: Theme) -> None:
        self._back.set_theme(theme)
        self._close.set_theme(theme)
