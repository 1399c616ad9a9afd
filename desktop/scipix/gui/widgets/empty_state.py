"""What the window shows before anything was read: three ways to start, and a sample."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from scipix.gui.theme import Theme, app_icon
from scipix.gui.widgets.sample_card import SampleCard

_WIDTH = 460
_MARK = 56
_SAMPLE = QSize(200, 64)


class StartButton(QPushButton):
    """A wide button with an icon, a name, a line of explanation and a key."""

    def __init__(self, title: str, detail: str, icon: str, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "start")
        self.setAccessibleName(f"{title}. {detail}")
        self._icon_name = icon
        self._icon = QLabel()
        heading, note = QLabel(title), QLabel(detail)
        heading.setProperty("role", "heading")
        note.setProperty("role", "muted")
        self._key = QLabel()
        self._key.setProperty("role", "key")
        text = QVBoxLayout()
        text.setSpacing(1)
        text.addStretch(1)
        text.addWidget(heading)
        text.addWidget(note)
        text.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 8, 16, 8)
        row.setSpacing(16)
        row.addWidget(self._icon)
        row.addLayout(text, 1)
        row.addWidget(self._key, 0, Qt.AlignmentFlag.AlignVCenter)
        for label in (self._icon, heading, note, self._key):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.set_theme(theme)

    def set_key(self, key: str) -> None:
        self._key.setText(key)
        self._key.setVisible(bool(key))

    def set_theme(self, theme: Theme) -> None:
        self._icon.setPixmap(theme.pixmap(self._icon_name, "accent", 24, self.devicePixelRatioF()))


class EmptyState(QWidget):
    """Signals say which way the user took."""

    snip_wanted = Signal()
    paste_wanted = Signal()
    open_wanted = Signal()
    sample_wanted = Signal()

    def __init__(self, theme: Theme, sample: QPixmap | None, parent: QWidget | None = None) -> None:
        """sample: picture of the sample formula, None when none is shipped."""
        super().__init__(parent)
        self._mark = QLabel()
        self._mark.setPixmap(app_icon(theme.folder).pixmap(QSize(_MARK, _MARK), self.devicePixelRatioF()))
        self._snip = StartButton("New snip", "Drag a box around a formula on the screen", "snip", theme)
        self._paste = StartButton("Paste", "A picture or an image file from the clipboard", "paste", theme)
        self._open = StartButton("Open", "Pictures or a PDF, or drop them anywhere here", "open", theme)
        self._starts = (self._snip, self._paste, self._open)
        self._snip.clicked.connect(self.snip_wanted)
        self._paste.clicked.connect(self.paste_wanted)
        self._open.clicked.connect(self.open_wanted)
        self._paste.set_key("Ctrl+V")
        self._open.set_key("Ctrl+O")
        self._sample = None
        if sample is not None and not sample.isNull():
            self._sample = SampleCard(theme, sample, _SAMPLE, (12, 8))
        self._build()

    def set_hotkey(self, hotkey: str) -> None:
        self._snip.set_key(hotkey)

    def set_theme(self, theme: Theme) -> None:
        for start in self._starts:
            start.set_theme(theme)
        if self._sample is not None:
            self._sample.set_theme(theme)

    def _build(self) -> None:
        title, line = QLabel("Formulas into LaTeX"), QLabel("Everything is read on this computer. Nothing leaves it.")
        title.setProperty("role", "title")
        line.setProperty("role", "muted")
        inner = QWidget()
        inner.setFixedWidth(_WIDTH)
        column = QVBoxLayout(inner)
        column.setSpacing(10)
        for widget in (self._mark, title, line):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(14)
        for start in self._starts:
            column.addWidget(start)
        if self._sample is not None:
            column.addSpacing(8)
            column.addWidget(self._offer(self._sample), 0, Qt.AlignmentFlag.AlignHCenter)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addWidget(inner, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)

    def _offer(self, sample: SampleCard) -> QWidget:
        button = QPushButton("Try this sample")
        button.setProperty("kind", "link")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(self.sample_wanted)
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(sample)
        row.addWidget(button)
        return box
