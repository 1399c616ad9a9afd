"""View > Latency: how long reading takes, while it is being done."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from scipix.gui.theme import Theme
from scipix.gui.widgets.buttons import QuietButton
from scipix.gui.widgets.latency_table import POINTS, LatencyTable
from scipix.inference.latency import STAGES
from scipix.inference.ledger import Ledger
from scipix.inference.memory import resident_bytes

EVERY_MS = 1000
_PROCESSOR = "Processor"
_CARDS = "Graphics memory"  # shown where there is some
_TILES = ("Read", "While reading", "Decoding", "Known already", _PROCESSOR, "Memory", _CARDS)
_LEAST_SECONDS = 0.2  # to say how busy the processor was
_NOTHING = "–"
_TILES_WIDTH = 292  # as the list above them
_LEAST = 150  # three rows of tiles; the table scrolls


class LatencyDock(QDockWidget):
    """Asks the ledger once a second while it is shown, and not at all while it is not.

    closed(): the user has closed it.
    """

    closed = Signal()

    def __init__(self, theme: Theme, ledger: Ledger, parent: QWidget | None = None) -> None:
        super().__init__("Latency", parent)
        self.setObjectName("latency-dock")
        self._ledger = ledger
        self._version = -1
        self._cpu = ledger.began
        self._table = LatencyTable(theme)
        self._tiles = {name: QLabel(_NOTHING) for name in _TILES}
        self._cells = {name: _cell(name, figure) for name, figure in self._tiles.items()}
        for name in (_PROCESSOR, _CARDS):
            self._cells[name].hide()  # until there is something to say
        self._close = QuietButton("Close (Ctrl+L)", "close", theme)
        self._close.clicked.connect(self.close)
        self.setTitleBarWidget(self._make_title())
        self.setWidget(self._make_body())
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.refresh)

    def refresh(self) -> None:
        """Show the figures of now."""
        latency = self._ledger.latency
        if latency.version != self._version:
            self._version = latency.version
            session = self._ledger.session()
            self._table.show_figures(session.stages, {stage: latency.recent(stage, POINTS) for stage in STAGES})
            hits, misses = session.counts["cache_hits"], session.counts["cache_misses"]
            self._tell("Read", f"{session.counts['readings']}")
            self._tell("While reading", f"{session.readings_per_second:.1f} /s" if misses else _NOTHING)
            self._tell("Decoding", f"{session.tokens_per_second:.0f} tokens/s" if misses else _NOTHING)
            self._tell("Known already", f"{hits} of {hits + misses}")
        self._tell("Memory", f"{resident_bytes() / 1e6:.0f} MB")
        if held := self._ledger.gpu.own_bytes():
            self._tell(_CARDS, f"{held / 1e6:.0f} MB")
        if busy := self._busy():
            self._tell(_PROCESSOR, busy)

    def set_theme(self, theme: Theme) -> None:
        self._table.set_theme(theme)
        self._close.set_theme(theme)

    def tile(self, name: str) -> str:
        """What one of the figures at the left says."""
        return self._tiles[name].text()

    @property
    def table(self) -> LatencyTable:
        return self._table

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()

    def _busy(self) -> str:
        """Share of one core since the last time, at first since the session began; empty when that was just now."""
        now = (time.monotonic(), time.process_time())
        passed, used = now[0] - self._cpu[0], now[1] - self._cpu[1]
        if passed < _LEAST_SECONDS:
            return ""
        self._cpu = now
        return f"{100 * used / passed:.0f} %"

    def _tell(self, name: str, text: str) -> None:
        if self._tiles[name].text() != text:
            self._tiles[name].setText(text)
        if self._cells[name].isHidden():
            self._cells[name].show()

    def _make_title(self) -> QWidget:
        bar = QWidget()
        bar.setObjectName("dock-title")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        title, what = QLabel("Latency"), QLabel("of this session")
        title.setProperty("role", "heading")
        what.setProperty("role", "muted")
        row = QHBoxLayout(bar)
        row.setContentsMargins(18, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(title)
        row.addWidget(what)
        row.addStretch(1)
        row.addWidget(self._close)
        return bar

    def _make_body(self) -> QWidget:
        body = QWidget()
        body.setObjectName("dock-body")
        body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        tiles = QWidget()
        tiles.setFixedWidth(_TILES_WIDTH)
        grid = QGridLayout(tiles)
        grid.setContentsMargins(18, 6, 12, 12)
        grid.setVerticalSpacing(10)
        for place, cell in enumerate(self._cells.values()):
            grid.addWidget(cell, place // 2, place % 2)
        grid.setRowStretch(4, 1)
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 8, 6)
        row.setSpacing(0)
        row.addWidget(tiles)
        row.addWidget(self._table, 1)
        body.setMinimumHeight(_LEAST)
        return body


def _cell(name: str, figure: QLabel) -> QWidget:
    """A figure below its name."""
    caption = QLabel(name)
    caption.setProperty("role", "muted")
    figure.setProperty("role", "figure")
    figure.setAccessibleName(name)
    cell = QWidget()
    column = QVBoxLayout(cell)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(caption)
    column.addWidget(figure)
    return cell
