"""The About box, and the licenses of what Scipix is made of."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Sequence
from math import ceil
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from scipix.gui.fonts import mono_font
from scipix.gui.theme import Theme, app_icon

if TYPE_CHECKING:
    from scipix.licenses import Notice

_MARK = 64
_LICENSES_SIZE = (860, 560)


class AboutDialog(QDialog):
    """Name, versions, a button that copies them for a report, and one for the licenses."""

    def __init__(
        self,
        theme: Theme,
        versions: Iterable[tuple[str, str]],
        notices: Callable[[], Sequence[Notice]],
        parent: QWidget | None = None,
    ) -> None:
        """versions: (what, version). notices: called when the licenses are asked for; raises OSError."""
        super().__init__(parent)
        self.setWindowTitle("About Scipix")
        self._notices = notices
        lines = [*versions, ("System", f"{platform.system()} {platform.release()}, {platform.machine()}")]
        mark = QLabel()
        mark.setPixmap(app_icon(theme.folder).pixmap(QSize(_MARK, _MARK), self.devicePixelRatioF()))
        title, line = QLabel("Scipix"), QLabel("Formulas into LaTeX, on your own computer.")
        license_line = QLabel("Free software under the Apache License 2.0, the models included.")
        title.setProperty("role", "title")
        for label in (line, license_line):
            label.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(36, 28, 36, 24)
        column.setSpacing(6)
        for widget in (mark, title, line, license_line):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(14)
        column.addLayout(_table(lines))
        column.addSpacing(18)
        column.addLayout(self._buttons("\n".join(f"{what}: {version}" for what, version in lines)))
        self._close.setFocus()

    def show_licenses(self) -> LicensesDialog:
        """Open the licenses over this."""
        dialog = LicensesDialog(self._notices(), self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()
        return dialog

    def _buttons(self, text: str) -> QHBoxLayout:
        licenses, copy, close = QPushButton("Licenses"), QPushButton("Copy versions"), QPushButton("Close")
        self._close = close
        licenses.clicked.connect(lambda: self.show_licenses())
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        close.clicked.connect(self.accept)
        close.setDefault(True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(licenses)
        row.addStretch(1)
        row.addWidget(copy)
        row.addWidget(close)
        return row


class LicensesDialog(QDialog):
    """At the left every component, at the right its license."""

    def __init__(self, notices: Sequence[Notice], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Licenses of the components")
        self.resize(*_LICENSES_SIZE)
        self._notices = notices
        self.list = QListWidget()
        self.list.setObjectName("pages")
        self.list.setFixedWidth(210)
        self.list.setAccessibleName("Components")
        self.list.addItems([f"{notice.name} {notice.version}" for notice in notices])
        self.name = QLabel()
        self.name.setProperty("role", "muted")
        self.name.setWordWrap(True)
        self.text = WholeLines()
        self.text.setFont(mono_font(10))
        self.text.setAccessibleName("License")
        right = QVBoxLayout()
        right.setContentsMargins(20, 16, 16, 16)
        right.addWidget(self.name)
        right.addWidget(self.text, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.list)
        row.addLayout(right, 1)
        self.list.currentRowChanged.connect(self._show)
        self.list.setCurrentRow(0)

    def _show(self, row: int) -> None:
        if 0 <= row < len(self._notices):
            notice = self._notices[row]
            self.name.setText(f"License: {notice.license}")
            self.text.setPlainText(notice.text)


class WholeLines(QPlainTextEdit):
    """A text to read that ends with a whole line, however high it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        line, above = ceil(QFontMetricsF(self.font()).lineSpacing()), self.document().documentMargin()
        rest = int((self.contentsRect().height() - above) % line)
        if self.viewportMargins().bottom() != rest:
            self.setViewportMargins(0, 0, 0, rest)


def _table(lines: Iterable[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    for place, (what, version) in enumerate(lines):
        name, value = QLabel(what), QLabel(version)
        name.setProperty("role", "muted")
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(name, place, 0)
        grid.addWidget(value, place, 1)
    return grid
