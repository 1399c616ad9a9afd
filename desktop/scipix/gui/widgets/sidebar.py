"""The left side: search, the recent list, clear."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from scipix.gui.theme import Theme
from scipix.gui.widgets.buttons import QuietButton
from scipix.gui.widgets.recent_list import RecentList
from scipix.history.recent import Row

WIDTH = 292
_SEARCH_MS = 120


class Sidebar(QFrame):
    """Shows the rows that it is given; searching is done by who listens to `search_changed`."""

    chosen = Signal(int)
    remove_wanted = Signal(int)
    clear_wanted = Signal()
    search_changed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.setFixedWidth(WIDTH)
        self.list = RecentList(theme)
        self.list.chosen.connect(self.chosen)
        self.list.remove_wanted.connect(self.remove_wanted)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self._search = self._make_search(theme)
        self._nothing = QLabel()
        self._nothing.setProperty("role", "muted")
        self._nothing.setWordWrap(True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._nothing.setContentsMargins(24, 40, 24, 0)
        self._delete = QuietButton("Remove this one (Delete)", "delete", theme)
        self._delete.clicked.connect(self._remove_current)
        self._clear = QPushButton("Clear")
        self._clear.setProperty("kind", "quiet")
        self._clear.setToolTip("Remove all; this can be undone for a few seconds")
        self._clear.clicked.connect(self.clear_wanted)
        self._count = QLabel()
        self._count.setProperty("role", "muted")
        self._build()

    def set_rows(self, rows: Sequence[Row], current: int | None) -> None:
        self.list.set_rows(rows, current)
        searching = bool(self._search.text())
        self._nothing.setText("Nothing found." if searching else "What you read appears here.")
        self._pages.setCurrentIndex(0 if rows else 1)
        self._clear.setEnabled(bool(rows))
        self._delete.setEnabled(bool(rows))
        self._search.setEnabled(bool(rows) or searching)
        noun = "found" if searching else "recent"
        self._count.setText(f"{len(rows)} {noun}" if rows else "")

    def focus_search(self) -> None:
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    @property
    def search_text(self) -> str:
        return self._search.text().strip()

    def set_theme(self, theme: Theme) -> None:
        self.list.set_theme(theme)
        self._delete.set_theme(theme)
        self._search_icon.setIcon(theme.icon("search", "text_muted"))

    def _make_search(self, theme: Theme) -> QLineEdit:
        search = QLineEdit()
        search.setObjectName("search")
        search.setPlaceholderText("Search")
        search.setAccessibleName("Search the recent readings")
        search.setClearButtonEnabled(True)
        self._search_icon = QAction(self)
        self._search_icon.setIcon(theme.icon("search", "text_muted"))
        search.addAction(self._search_icon, QLineEdit.ActionPosition.LeadingPosition)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SEARCH_MS)
        self._timer.timeout.connect(lambda: self.search_changed.emit(self.search_text))
        search.textChanged.connect(self._timer.start)
        search.returnPressed.connect(self.list.setFocus)
        return search

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(14, 14, 14, 8)
        top.addWidget(self._search)
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(self.list)
        self._pages.addWidget(self._nothing)
        foot = QHBoxLayout()
        foot.setContentsMargins(18, 6, 10, 8)
        foot.setSpacing(2)
        foot.addWidget(self._count, 1)
        foot.addWidget(self._delete)
        foot.addWidget(self._clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(pages, 1)
        column.addLayout(foot)

    def _remove_current(self) -> None:
        entry_id = self.list.current_id()
        if entry_id is not None:
            self.remove_wanted.emit(entry_id)

    def _show_menu(self, position: QPoint) -> None:
        if self.list.current_id() is None:
            return
        menu = QMenu(self)
        menu.addAction("Remove", self._remove_current)
        menu.addSeparator()
        menu.addAction("Clear the list", self.clear_wanted.emit)
        menu.popup(self.list.viewport().mapToGlobal(position))
