"""What the first launch shows: how to snip, what stays on this computer, a permission to try, a formula to try."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPixmap, QShowEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from scipix.gui.capture.permission import ScreenTest
from scipix.gui.commands import native
from scipix.gui.theme import Theme, app_icon
from scipix.gui.widgets.sample_card import SampleCard

_WIDTH = 560
_MARK = 56
_ICON = 26
_SAMPLE = QSize(240, 72)


class WelcomeDialog(QDialog):
    """sample_wanted(): read the sample now. hotkey_wanted(): choose other keys."""

    sample_wanted = Signal()
    hotkey_wanted = Signal()

    def __init__(
        self,
        theme: Theme,
        sample: QPixmap | None,
        test: ScreenTest | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """sample: picture of a formula. test: None where nobody has to allow anything."""
        super().__init__(parent)
        self.setWindowTitle("Welcome to Scipix")
        self.setFixedWidth(_WIDTH)
        self._theme, self._test = theme, test
        self.hotkey = QLabel()
        self.hotkey.setProperty("role", "key")
        self.hotkey_note = _note("")
        self.test_result = _note(test.note if test else "")
        self.test_button = QPushButton("Test")
        self.test_button.clicked.connect(self._try_permission)
        self._lines = QGridLayout()
        self._lines.setHorizontalSpacing(18)
        self._lines.setVerticalSpacing(16)
        self._lines.setColumnStretch(1, 1)
        self._fill()
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(36, 30, 36, 26)
        column.setSpacing(6)
        self._add_head(column)
        column.addSpacing(20)
        column.addLayout(self._lines)
        column.addSpacing(20)
        if sample is not None and not sample.isNull():
            column.addWidget(SampleCard(theme, sample, _SAMPLE, (20, 12)), 0, Qt.AlignmentFlag.AlignHCenter)
            column.addSpacing(14)
        column.addLayout(self._buttons(sample is not None))
        self.set_hotkey("")

    def set_hotkey(self, hotkey: str) -> None:
        """hotkey: as the user reads it; empty when none works."""
        self.hotkey.setText(hotkey)
        self.hotkey.setVisible(bool(hotkey))
        text = "In any program. Drag a box around a formula; Esc gives up."
        without = "No hotkey works yet: use New snip in the window or the tray, or choose keys that are free."
        self.hotkey_note.setText(text if hotkey else without)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def done(self, result: int) -> None:
        if self._test is not None:
            self._test.cancel()
        super().done(result)

    def _add_head(self, column: QVBoxLayout) -> None:
        mark = QLabel()
        mark.setPixmap(app_icon(self._theme.folder).pixmap(QSize(_MARK, _MARK), self.devicePixelRatioF()))
        title, line = QLabel("Welcome to Scipix"), QLabel("From a formula on the screen to LaTeX.")
        title.setProperty("role", "title")
        line.setProperty("role", "muted")
        for widget in (mark, title, line):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)

    def _fill(self) -> None:
        change = QPushButton("Change…")
        change.setAccessibleName("Change the hotkey")
        change.clicked.connect(self.hotkey_wanted)
        keys = QHBoxLayout()
        keys.setSpacing(10)
        keys.addWidget(_heading("Press the hotkey"))
        keys.addWidget(self.hotkey)
        keys.addStretch(1)
        self._add("keyboard", keys, self.hotkey_note, change)
        paste = (
            f"The LaTeX is on the clipboard already: {native('Ctrl+V')}. Check it in the window, and correct it there."
        )
        self._add("paste", _row("Paste"), _note(paste))
        stays = "Pictures, readings and settings. The models came with Scipix; nothing is sent and nothing is fetched."
        self._add("lock", _row("Everything stays on this computer"), _note(stays))
        if self._test is not None:
            self._add("screen", _row("Let Scipix see the screen"), self.test_result, self.test_button)

    def _add(self, icon: str, heading: QHBoxLayout, note: QLabel, button: QPushButton | None = None) -> None:
        """One line: icon, heading over note, and a button."""
        row = self._lines.rowCount()
        picture = QLabel()
        picture.setPixmap(self._theme.pixmap(icon, "accent", _ICON, self.devicePixelRatioF()))
        text = QVBoxLayout()
        text.setSpacing(3)
        text.addLayout(heading)
        text.addWidget(note)
        self._lines.addWidget(picture, row, 0, Qt.AlignmentFlag.AlignTop)
        self._lines.addLayout(text, row, 1)
        if button is not None:
            self._lines.addWidget(button, row, 2, Qt.AlignmentFlag.AlignTop)

    def _buttons(self, with_sample: bool) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addStretch(1)
        start = QPushButton("Start")
        start.clicked.connect(self.accept)
        row.addWidget(start)
        main = start
        if with_sample:
            main = QPushButton("Read this sample")
            main.clicked.connect(self.accept)
            main.clicked.connect(self.sample_wanted)
            row.addWidget(main)
        row.addStretch(1)
        main.setProperty("kind", "primary")
        main.setDefault(True)
        main.setFocus()
        return row

    def _try_permission(self) -> None:
        if self._test is None:
            return
        self.test_button.setEnabled(False)
        self.test_result.setText("Waiting for the answer of the desktop…")
        self._test.run(self._show_test)

    def _show_test(self, works: bool, sentence: str) -> None:
        self.test_result.setText(sentence)
        self.test_button.setText("Test again")
        self.test_button.setEnabled(not works)
        self._fit()

    def _fit(self) -> None:
        """Qt does not make a window as high as its wrapped texts need."""
        self._column.activate()  # makes the layouts inside forget the heights of the texts before
        self.setFixedHeight(self._column.totalHeightForWidth(_WIDTH))


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    return label


def _row(text: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(_heading(text))
    return row


def _note(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    label.setWordWrap(True)
    return label
