"""The editable LaTeX source."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from scipix.gui.theme import Theme, mono_font
from scipix.gui.widgets.highlighter import LatexHighlighter

_DEBOUNCE_MS = 150


class SourceEdit(QPlainTextEdit):
    """Monospace editor with colors, undo and redo; reports an edit once the typing pauses.

    Ctrl+C without a selection and Ctrl+V of a picture are left to the window.
    """

    edited = Signal(str)

    def __init__(self, theme: Theme, points: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._highlighter = LatexHighlighter(self.document(), theme)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DEBOUNCE_MS)
        self._timer.timeout.connect(self._report)
        self._error_at: int | None = None
        self.set_font_size(points)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.setTabChangesFocus(True)
        self.setPlaceholderText("LaTeX")
        self.setAccessibleName("LaTeX source")
        self.textChanged.connect(self._timer.start)

    @property
    def latex(self) -> str:
        return self.toPlainText()

    def set_latex(self, latex: str) -> None:
        """Show another text; undo does not go back behind it, and no edit is reported."""
        self.setPlainText(latex)
        self._timer.stop()
        self.show_error(None)

    def replace_latex(self, latex: str) -> None:
        """Put another text in as an edit of the user's, which can be undone."""
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(latex)
        self._report()

    def flush(self) -> None:
        """Report a pending edit now."""
        if self._timer.isActive():
            self._report()

    def show_error(self, position: int | None) -> None:
        """Underline the character at an offset of the source, or nothing."""
        self._error_at = position
        selections = []
        if position is not None and self.latex:
            selection = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.document())
            start = min(position, len(self.latex) - 1)
            cursor.setPosition(start)
            cursor.setPosition(start + 1, QTextCursor.MoveMode.KeepAnchor)
            selection.cursor = cursor  # pyright: ignore[reportAttributeAccessIssue]
            style = QTextCharFormat()
            style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            style.setUnderlineColor(self._theme.color("bad"))
            style.setBackground(self._theme.color("bad_soft"))
            selection.format = style  # pyright: ignore[reportAttributeAccessIssue]
            selections.append(selection)
        self.setExtraSelections(selections)

    def set_font_size(self, points: float) -> None:
        """points: size of the app's own text; the source is a little larger."""
        font = mono_font(points * 1.1)
        # The style sheet names a size for every widget, so the font has to come from one too.
        families = ", ".join(f'"{name}"' for name in font.families())
        self.setStyleSheet(f"QPlainTextEdit {{ font-family: {families}; font-size: {points * 1.1:g}pt; }}")

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._highlighter.set_theme(theme)
        self.show_error(self._error_at)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._not_ours(event):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._not_ours(event):
            event.ignore()
            return
        super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        # Dropped files and pictures go on to the window, which reads them.
        return source.hasText() and not source.hasUrls() and not source.hasImage()

    def insertFromMimeData(self, source: QMimeData) -> None:
        if source.hasText():
            self.insertPlainText(source.text().strip("\n"))

    def _not_ours(self, event: QKeyEvent) -> bool:
        if event.matches(QKeySequence.StandardKey.Copy):
            return not self.textCursor().hasSelection()
        if event.matches(QKeySequence.StandardKey.Paste):
            data = QGuiApplication.clipboard().mimeData()
            return data is not None and (data.hasImage() or data.hasUrls())
        return event.key() == Qt.Key.Key_Escape

    def _report(self) -> None:
        self._timer.stop()
        self.edited.emit(self.latex)
