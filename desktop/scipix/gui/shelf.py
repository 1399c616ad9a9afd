"""Keeps the list at the left in step with what is kept: refresh, choose, search, remove, clear with undo."""

from __future__ import annotations

from PySide6.QtCore import QObject

from scipix.gui.desk import Desk, complaint
from scipix.gui.keeper import Keeper
from scipix.gui.window import MainWindow
from scipix.history.recent import Entry


class Shelf(QObject):
    """Joins the sidebar with the keeper."""

    def __init__(self, window: MainWindow, keeper: Keeper, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window, self._keeper, self._desk = window, keeper, desk
        keeper.changed.connect(self.refresh)
        keeper.failed.connect(lambda error: window.banners.show_message(complaint("history", error)))
        desk.shown.connect(lambda handle: window.sidebar.list.select(desk.current_id))
        sidebar = window.sidebar
        sidebar.chosen.connect(self._choose)
        sidebar.search_changed.connect(lambda text: self.refresh())
        sidebar.remove_wanted.connect(self.remove)
        sidebar.clear_wanted.connect(self.clear)

    def refresh(self) -> None:
        """Ask for the rows again."""
        sidebar = self._window.sidebar
        self._keeper.list(sidebar.search_text, lambda rows: sidebar.set_rows(rows, self._desk.current_id))

    def remove(self, entry_id: int) -> None:
        """Remove one entry; the toast offers to undo it."""
        self._desk.save()
        self._keeper.remove(entry_id)
        self._desk.forget(entry_id)
        self._offer_undo("Removed", (entry_id,))

    def clear(self) -> None:
        """Remove all entries; the toast offers to undo it."""
        self._desk.save()
        self._desk.forget(None)
        self._keeper.clear(lambda ids: self._offer_undo(f"Removed {len(ids)}", ids))

    def _choose(self, entry_id: int) -> None:
        self._desk.save()
        self._keeper.get(entry_id, self._show)

    def _show(self, entry: Entry | None) -> None:
        if entry is not None:
            self._desk.show_entry(entry)

    def _offer_undo(self, text: str, ids: tuple[int, ...]) -> None:
        if ids:
            # The note takes the place of one that may offer to undo another removal: that one is over, this one is not.
            restore, purge = lambda: self._keeper.restore(ids), lambda: self._keeper.purge(ids)
            self._window.toast.show_text(text, "Undo", restore, purge)
