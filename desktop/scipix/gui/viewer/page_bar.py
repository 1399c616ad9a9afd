"""The bar above the pages: what is open, where one is, how large it is shown."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QSpinBox, QVBoxLayout, QWidget

from scipix.gui.theme import Theme
from scipix.gui.viewer.layout import FULL
from scipix.gui.widgets.buttons import QuietButton

_STEP = 1.25  # of the zoom
_ROOMY = 720  # logical pixels; a narrower bar leaves out what one can do without


class ElidedLabel(QLabel):
    """One line with an ellipsis where there is no room for all of it."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._whole = ""

    def set_text(self, text: str) -> None:
        self._whole = text
        self.setToolTip(text)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, self.width()))


class PageBar(QFrame):
    """Signals say what the user wants: page_wanted(int, from 0), zoom_wanted(float factor), fit_wanted(), close_wanted()."""

    page_wanted = Signal(int)
    zoom_wanted = Signal(float)
    fit_wanted = Signal()
    close_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._hint = ElidedLabel("heading"), ElidedLabel("muted")
        self._hint.set_text("Drag a box around a formula to read it")
        self._previous = QuietButton("Previous page (Ctrl+Page Up)", "chevron-up", theme)
        self._next = QuietButton("Next page (Ctrl+Page Down)", "chevron-down", theme)
        self.page = QSpinBox()
        self.page.setKeyboardTracking(False)
        self.page.setAccessibleName("Page")
        self.page.setToolTip("Page (Ctrl+G)")
        self.page.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._count, self._percent = QLabel(), QLabel()
        self._percent.setProperty("role", "muted")
        self._percent.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._percent.setMinimumWidth(self.fontMetrics().horizontalAdvance("8888 %"))
        self._smaller = QuietButton("Smaller (Ctrl+-)", "zoom-out", theme)
        self._larger = QuietButton("Larger (Ctrl++)", "zoom-in", theme)
        self._fit = QuietButton("Fit the width (Ctrl+0)", "fit-width", theme)
        self._close = QuietButton("Close the PDF (Esc)", "close", theme)
        self._buttons = (self._previous, self._next, self._smaller, self._larger, self._fit, self._close)
        self._connect()
        self._build()

    def set_document(self, name: str, page_count: int) -> None:
        self._name.set_text(name)
        with QSignalBlocker(self.page):
            self.page.setRange(1, max(1, page_count))
        self._count.setText(f"of {page_count}")

    def set_place(self, page: int, scale: float) -> None:
        """page: from 0. scale: logical pixels per point."""
        with QSignalBlocker(self.page):
            self.page.setValue(page + 1)
        self._previous.setEnabled(page > 0)
        self._next.setEnabled(page + 1 < self.page.maximum())
        self._percent.setText(f"{100 * scale / FULL:.0f} %")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for widget in (self._hint, self._previous, self._next, self._percent):
            widget.setVisible(self.width() >= _ROOMY)

    @property
    def percent(self) -> str:
        return self._percent.text()

    def set_theme(self, theme: Theme) -> None:
        for button in self._buttons:
            button.set_theme(theme)

    def step(self, by: int) -> None:
        """Go some pages on."""
        self.page_wanted.emit(self.page.value() - 1 + by)

    def larger(self) -> None:
        self.zoom_wanted.emit(_STEP)

    def smaller(self) -> None:
        self.zoom_wanted.emit(1 / _STEP)

    def _connect(self) -> None:
        self.page.valueChanged.connect(lambda value: self.page_wanted.emit(value - 1))
        self._previous.clicked.connect(lambda: self.step(-1))
        self._next.clicked.connect(lambda: self.step(1))
        self._smaller.clicked.connect(self.smaller)
        self._larger.clicked.connect(self.larger)
        self._fit.clicked.connect(self.fit_wanted)
        self._close.clicked.connect(self.close_wanted)

    def _build(self) -> None:
        text = QVBoxLayout()
        text.setSpacing(1)
        text.addWidget(self._name)
        text.addWidget(self._hint)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 8, 10, 8)
        row.setSpacing(4)
        row.addLayout(text, 1)
        row.addSpacing(12)
        for widget in (self._previous, self._next, self.page, self._count):
            row.addWidget(widget)
        row.addSpacing(16)
        for widget in (self._smaller, self._percent, self._larger, self._fit):
            row.addWidget(widget)
        row.addSpacing(16)
        row.addWidget(self._close)
