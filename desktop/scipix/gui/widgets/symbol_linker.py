"""Joins the symbols in the picture with their tokens in the source: hover one, see the other; choose what else it is."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QPoint, QRect, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from scipix.datatypes import Reading
from scipix.gui.links import Links, doubtful, link
from scipix.gui.theme import Theme
from scipix.gui.typeset import Typeset
from scipix.gui.widgets.snip_view import SnipView
from scipix.gui.widgets.source_edit import SourceEdit
from scipix.gui.widgets.symbol_card import SymbolCard
from scipix.gui.widgets.symbol_menu import SymbolMenu

OTHERS_KEY, DOUBT_KEY = "Ctrl+.", "F8"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user chose. whole: the source is what was read, so that what follows can be read again; else only the
    token can be replaced. span: where it stands in the source."""

    reading: Reading
    position: int
    latex: str
    whole: bool
    span: tuple[int, int]


class SymbolLinker(QObject):
    """choice_wanted(Wanted). drawings_wanted(tuple of str): LaTeX that `show_drawing` should get."""

    choice_wanted = Signal(object)
    drawings_wanted = Signal(object)

    def __init__(self, snip: SnipView, source: SourceEdit, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._snip, self._source, self._theme, self._ground = snip, source, theme, parent
        self._reading: Reading | None = None
        self._doubt_below = 0.0
        self._links, self._latex = Links({}), ""
        self.card = SymbolCard(parent)
        self.menu: SymbolMenu | None = None
        snip.hovered.connect(self._on_snip_hovered)
        snip.clicked.connect(self._on_clicked)
        source.hovered.connect(self._on_source_hovered)
        source.cursorPositionChanged.connect(self._on_cursor)
        source.focus_changed.connect(self._on_cursor)
        source.textChanged.connect(self.card.go)
        QShortcut(QKeySequence(OTHERS_KEY), parent, self.open_others)
        QShortcut(QKeySequence(DOUBT_KEY), parent, self.next_doubtful)

    def set_reading(self, reading: Reading | None, doubt_below: float) -> None:
        """reading: what the source came from, None for nothing. doubt_below: less sure symbols are tinted."""
        self._reading, self._doubt_below, self._latex = reading, doubt_below, ""
        self._links = Links({})
        self.card.go()
        self.relink()

    def relink(self) -> None:
        """Follow the source; call when it has changed."""
        self._latex = self._source.latex
        self._links = link(self._reading.symbols, self._latex) if self._reading is not None else Links({})
        marked = doubtful(self._reading, self._doubt_below) if self._reading is not None else frozenset()
        tinted = marked & self._links.spans.keys()
        # What the user has replaced is doubtful no more.
        if self._reading is None:
            self._snip.set_symbols((), tinted)
        else:
            self._snip.set_symbols(self._reading.symbols, tinted, self._reading.unread)
        self._source.tint([self._links.spans[index] for index in sorted(tinted)])
        self._on_cursor()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme

    def open_others(self) -> None:
        """The menu for the symbol at the cursor."""
        links = self._fresh()
        index = links.symbol_by(self._source.textCursor().position())
        if index is not None:
            place = self._source.span_rect(*links.spans[index])
            self._open_menu(index, self._source.viewport().mapToGlobal(place.bottomLeft() + QPoint(0, 4)))

    def next_doubtful(self) -> None:
        """Put the cursor before the next doubtful symbol, the first one after the last."""
        links = self._fresh()
        marked = doubtful(self._reading, self._doubt_below) if self._reading is not None else frozenset()
        starts = sorted(links.spans[index][0] for index in marked if index in links.spans)
        if starts:
            here = self._source.textCursor().position()
            self._source.go_to(next((start for start in starts if start > here), starts[0]))

    def span_of(self, position: int) -> tuple[int, int] | None:
        """Where a symbol stands in the source, None where it does not any more."""
        return self._fresh().spans.get(position)

    def show_drawing(self, typeset: Typeset) -> None:
        """A picture for the open menu; ignored when there is none."""
        if self.menu is not None and typeset.drawing is not None:
            self.menu.show_drawing(typeset.latex, typeset.drawing, self._theme.color("text"))

    def _fresh(self) -> Links:
        if self._source.latex != self._latex:
            self.relink()
        return self._links

    def _on_snip_hovered(self, index: int | None) -> None:
        self._point(index, self._snip)
        if index is None:
            self.card.go()
            self._on_cursor()
            return
        place, picture = self._snip.place_of(index), self._snip.target().toAlignedRect()
        # Under the picture, so that no part of the formula is covered.
        self._show_card(index, self._snip, QRect(place.left(), picture.top(), place.width(), picture.height()))

    def _on_source_hovered(self, offset: int | None) -> None:
        links = self._fresh()
        index = links.symbol_at(offset) if offset is not None else None
        self._point(index, self._source)
        if index is None:
            self.card.go()
            self._on_cursor()
            return
        self._show_card(index, self._source.viewport(), self._source.span_rect(*links.spans[index]))

    def _on_cursor(self) -> None:
        index = self._links.symbol_by(self._source.textCursor().position()) if self._source.hasFocus() else None
        if self._source.latex == self._latex:
            self._snip.mark(index)

    def _on_clicked(self, index: int) -> None:
        links = self._fresh()
        if index in links.spans:
            self._source.go_to(links.spans[index][0])
        place = self._snip.place_of(index)
        self._open_menu(index, self._snip.mapToGlobal(place.bottomLeft() + QPoint(0, 4)))

    def _point(self, index: int | None, origin: QWidget) -> None:
        span = self._fresh().spans.get(index) if index is not None else None
        self._source.mark(span)
        self._snip.mark(index)

    def _show_card(self, index: int, widget: QWidget, place: QRect) -> None:
        assert self._reading is not None
        symbol = self._reading.symbols[index]
        hint = ""
        if index not in self._links.spans:
            hint = "Changed in the source"
        elif symbol.others:
            hint = "Click to choose another" if widget is self._snip else f"{OTHERS_KEY} to choose another"
        anchor = QRect(widget.mapTo(self._ground, place.topLeft()), place.size())
        self.card.show_symbol(symbol, self._snip.picture, anchor, hint)

    def _open_menu(self, index: int, where: QPoint) -> None:
        links, reading = self._links, self._reading
        if reading is None or index not in links.spans or self._source.isReadOnly():
            return
        self.card.go()
        whole = self._latex == reading.latex
        note = "What follows is read again" if whole else "Only this symbol changes"
        menu = SymbolMenu(reading.symbols[index], note, self._ground)
        span = links.spans[index]
        menu.chosen.connect(lambda latex: self.choice_wanted.emit(Wanted(reading, index, latex, whole, span)))
        menu.aboutToHide.connect(self._forget_menu)
        self.menu = menu
        menu.popup(where)
        menu.choose_first()
        self.drawings_wanted.emit(menu.samples)

    def _forget_menu(self) -> None:
        self.menu = None
