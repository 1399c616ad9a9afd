"""The view of one PDF: a bar, and the roll of its pages under it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from scipix.gui.theme import Theme
from scipix.gui.viewer.canvas import Canvas
from scipix.gui.viewer.layout import Spot
from scipix.gui.viewer.page_bar import PageBar


class PdfView(QWidget):
    """Shows what it is given; see `PageBar` and `Canvas` for what the user does."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = ""
        self.bar, self.canvas = PageBar(theme), Canvas(theme)
        self.setFocusProxy(self.canvas)
        self.canvas.moved.connect(self.bar.set_place)
        self.bar.page_wanted.connect(self.canvas.go_to)
        self.bar.zoom_wanted.connect(self.canvas.zoom)
        self.bar.fit_wanted.connect(self.canvas.fit)
        self.bar.page.editingFinished.connect(self.canvas.setFocus)
        line = QFrame()
        line.setObjectName("divider")
        line.setFixedHeight(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.bar, line):
            column.addWidget(widget)
        column.addWidget(self.canvas, 1)
        self._add_keys()

    @property
    def is_open(self) -> bool:
        return bool(self.name)

    def show_document(self, name: str, sizes: Sequence[tuple[float, float]], spot: Spot) -> None:
        """sizes: points of each page. spot: where to begin."""
        self.name = name
        self.bar.set_document(name, len(sizes))
        self.canvas.show_pages(sizes, spot)

    def clear(self) -> None:
        """Show nothing, and free the pictures."""
        self.name = ""
        self.canvas.show_pages((), Spot())

    def set_theme(self, theme: Theme) -> None:
        self.bar.set_theme(theme)
        self.canvas.set_theme(theme)

    def _add_keys(self) -> None:
        """Those of commands.py that are built in."""
        keys: dict[str, Callable[[], object]] = {
            "Ctrl++": self.bar.larger,
            "Ctrl+=": self.bar.larger,  # the same key without Shift on many keyboards
            "Ctrl+-": self.bar.smaller,
            "Ctrl+0": self.canvas.fit,
            "Ctrl+PgUp": lambda: self.bar.step(-1),
            "Ctrl+PgDown": lambda: self.bar.step(1),
            "Ctrl+G": self._type_page,
        }
        for key, action in keys.items():
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(action)

    def _type_page(self) -> None:
        self.bar.page.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.bar.page.selectAll()
