"""Tells of a fault that nobody caught. The report is shown and may be copied; it is never sent."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from scipix.gui.fonts import mono_font

_SIZE = (680, 460)
_MOST_REPORTS = 20  # a fault in painting comes again with every paint


class CrashDialog(QDialog):
    """quit_wanted(): the user would rather end the app."""

    quit_wanted = Signal()

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Scipix met a fault")
        self.resize(*_SIZE)
        self.reports = [report]
        title = QLabel("Something went wrong in Scipix")
        title.setProperty("role", "title")
        line = QLabel(
            "What you have read is kept. You can go on; if it happens again, quit and start Scipix anew. This report "
            "stays here: nothing was sent. Copy it when you want to tell the developers."
        )
        line.setWordWrap(True)
        line.setProperty("role", "muted")
        self.text = QPlainTextEdit(report)
        self.text.setReadOnly(True)
        self.text.setFont(mono_font(10))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName("Report")
        card = QWidget()
        card.setObjectName("card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(12, 8, 12, 8)
        inside.addWidget(self.text)
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 24, 28, 22)
        column.setSpacing(10)
        column.addWidget(title)
        column.addWidget(line)
        column.addWidget(card, 1)
        column.addLayout(self._buttons())

    def add(self, report: str) -> None:
        """One more fault while this is open."""
        if len(self.reports) < _MOST_REPORTS and report not in self.reports:
            self.reports.append(report)
            self.text.appendPlainText("\n" + report)

    def _buttons(self) -> QHBoxLayout:
        copy, leave, go_on = QPushButton("Copy report"), QPushButton("Quit Scipix"), QPushButton("Go on")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        leave.clicked.connect(self.reject)
        leave.clicked.connect(self.quit_wanted)
        go_on.clicked.connect(self.accept)
        go_on.setProperty("kind", "primary")
        go_on.setDefault(True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(copy)
        row.addStretch(1)
        row.addWidget(leave)
        row.addWidget(go_on)
        return row
