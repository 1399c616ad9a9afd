"""The main window: header, messages, the recent list, and at the right the empty state, a result or a PDF."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeySequence,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QVBoxLayout, QWidget

from scipix.gui.clipboard import holds_pictures
from scipix.gui.commands import COMMANDS
from scipix.gui.formats import CopyAs
from scipix.gui.theme import Theme
from scipix.gui.viewer.return_bar import ReturnBar
from scipix.gui.viewer.view import PdfView
from scipix.gui.widgets.banner import Banners
from scipix.gui.widgets.empty_state import EmptyState
from scipix.gui.widgets.header import Header
from scipix.gui.widgets.result_view import ResultView
from scipix.gui.widgets.sidebar import Sidebar
from scipix.gui.widgets.stage import Stage
from scipix.gui.widgets.toast import Toast

_SIZE = (1080, 740)
_LEAST_WIDTH = 760


class MainWindow(QMainWindow):
    """Shows; knows nothing of recognizing.

    command(str): the name of one of COMMANDS. dropped(QMimeData): pictures were dropped. closing(): before it closes.
    themed(Theme): it wears another theme.
    hotkey_changed(str): the hotkey that works now is another one, or none.
    """

    command = Signal(str)
    dropped = Signal(object)
    closing = Signal()
    themed = Signal(object)
    hotkey_changed = Signal(str)

    def __init__(self, theme: Theme, points: float, check_below: float, default: CopyAs) -> None:
        """points: size of the source's text."""
        super().__init__()
        self.setWindowTitle("Scipix")
        self.resize(*_SIZE)
        self.setAcceptDrops(True)
        self.theme = theme
        self.commands = self._make_actions()
        self.header = Header(theme, self.commands)
        self.header.command.connect(self.command)
        self.banners = Banners(theme)
        self.sidebar = Sidebar(theme)
        self.empty = EmptyState(theme, load_sample(theme.folder))
        self.result = ResultView(theme, points, check_below, default)
        self.pdf = PdfView(theme)
        self.return_bar = ReturnBar(theme)
        self.stage = Stage()
        for page in (self.empty, self.result, self.pdf):
            self.stage.addWidget(page)
        self._build()
        self.toast = Toast(self.stage)
        self._drop_hint = QLabel("Drop to read", self.centralWidget())
        self._drop_hint.setObjectName("dropzone")
        self._drop_hint.setProperty("role", "title")
        self._drop_hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._drop_hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._drop_hint.hide()
        self._connect()
        self.sidebar.list.setFocus()

    def show_result(self) -> None:
        self.stage.setCurrentWidget(self.result)

    def show_empty(self) -> None:
        """What is shown without a reading: the PDF that is open, or the ways to start."""
        self.stage.setCurrentWidget(self.pdf if self.pdf.is_open else self.empty)

    def show_pdf(self) -> None:
        self.stage.setCurrentWidget(self.pdf)
        self.pdf.setFocus()

    def set_hotkey(self, hotkey: str) -> None:
        """hotkey: as the user reads it, empty when none works."""
        self.header.set_hotkey(hotkey)
        self.empty.set_hotkey(hotkey)
        self.hotkey_changed.emit(hotkey)

    def set_theme(self, theme: Theme) -> None:
        parts = (self.header, self.banners, self.sidebar, self.empty, self.result, self.pdf, self.return_bar)
        for part in parts:
            part.set_theme(theme)
        self.theme = theme
        self.themed.emit(theme)

    def show_way_back(self) -> None:
        """To the PDF, when one is open behind what is shown."""
        self.return_bar.setVisible(self.pdf.is_open and self.stage.currentWidget() is not self.pdf)

    def come_forward(self) -> None:
        """Show the window above others, whatever state it is in."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def step(self, by: int) -> None:
        """Choose the entry `by` places further down the list."""
        entries = self.sidebar.list
        here = entries.currentIndex().row()
        place = max(0, min(entries.count - 1, here + by if here >= 0 else 0))
        if entries.count:
            entries.setCurrentIndex(entries.model().index(place, 0))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if holds_pictures(event.mimeData()):
            event.acceptProposedAction()
            self._place_drop_hint()
            self._drop_hint.show()
            self._drop_hint.raise_()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_hint.hide()
        data: QMimeData = event.mimeData()
        if holds_pictures(data):
            event.acceptProposedAction()
            self.dropped.emit(data)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_drop_hint()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit()
        super().closeEvent(event)

    def _place_drop_hint(self) -> None:
        central = self.centralWidget()
        if central is not None:
            self._drop_hint.setGeometry(central.rect().adjusted(16, 16, -16, -16))

    def _make_actions(self) -> dict[str, QAction]:
        actions: dict[str, QAction] = {}
        for command in COMMANDS:
            if command.built_in:
                continue
            action = QAction(command.text, self)
            action.setShortcuts([QKeySequence(keys) for keys in command.keys])
            action.triggered.connect(lambda checked=False, name=command.name: self.command.emit(name))
            self.addAction(action)
            actions[command.name] = action
        return actions

    def _build(self) -> None:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banners)
        column.addWidget(self.return_bar)
        column.addWidget(self.stage, 1)
        body = QHBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        body.addWidget(self.sidebar)
        body.addWidget(right, 1)
        central = QWidget()
        # Not of the window: then Qt would not ask what the parts, the banners and the dock need together.
        central.setMinimumWidth(_LEAST_WIDTH)
        whole = QVBoxLayout(central)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addLayout(body, 1)
        self.setCentralWidget(central)

    def _connect(self) -> None:
        self.stage.currentChanged.connect(self.show_way_back)
        self.empty.snip_wanted.connect(lambda: self.command.emit("snip"))
        self.empty.paste_wanted.connect(lambda: self.command.emit("paste"))
        self.empty.open_wanted.connect(lambda: self.command.emit("open"))
        self.empty.sample_wanted.connect(lambda: self.command.emit("sample"))


def sample_path(resources: Path) -> Path:
    """The formula that the app offers to try."""
    return resources / "samples" / "quadratic.png"


def load_sample(resources: Path) -> QPixmap | None:
    """Its picture, None when none is shipped."""
    path = sample_path(resources)
    return QPixmap(str(path)) if path.is_file() else None
