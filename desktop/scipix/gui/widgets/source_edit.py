"""The editable LaTeX source."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from scipix.gui.fonts import mono_font
from scipix.gui.links import units
from scipix.gui.theme import Theme
from scipix.gui.widgets.highlighter import LatexHighlighter

_DEBOUNCE_MS = 150


class SourceEdit(QPlainTextEdit):
    """Monospace editor with colors, undo and redo; reports an edit once the typing pauses.

    Ctrl+C without a selection and Ctrl+V of a picture are left to the window. hovered(int | None): offset of the
    character under the pointer. focus_changed(): the focus came, or went.
    """

    edited = Signal(str)
    hovered = Signal(object)
    focus_changed = Signal()

    def __init__(self, theme: Theme, points: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._highlighter = LatexHighlighter(self.document(), theme)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DEBOUNCE_MS)
        self._timer.timeout.connect(self._report)
        self._error_at: int | None = None
        self._marked: tuple[int, int] | None = None
        self._tinted: list[tuple[int, int]] = []
        self._pointed: int | None = None
        self.setMouseTracking(True)
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
        self._marked, self._tinted = None, []
        self.setPlainText(latex)
        self._timer.stop()
        self.show_error(None)

    def replace_latex(self, latex: str) -> None:
        """Put another text in as an edit of the user's, which can be undone."""
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(latex)
        self._report()

    def replace_span(self, span: tuple[int, int], latex: str) -> None:
        """Put another token in at (start, end), with a space where it would run into the next letter; can be undone."""
        cursor = self._cursor(*span)
        after = self.document().characterAt(span[1])
        cursor.insertText(latex + (" " if latex[-1:].isalpha() and latex[:1] == "\\" and after.isalpha() else ""))
        self._report()

    def mark(self, span: tuple[int, int] | None) -> None:
        """Highlight (start, end), or nothing."""
        if span != self._marked:
            self._marked = span
            self._select()

    def tint(self, spans: Sequence[tuple[int, int]]) -> None:
        """Color what is doubtful."""
        self._tinted = list(spans)
        self._select()

    def go_to(self, offset: int) -> None:
        """Put the cursor there and the focus here."""
        cursor = self.textCursor()
        cursor.setPosition(offset)
        self.setTextCursor(cursor)
        self.setFocus()

    def span_rect(self, start: int, end: int) -> QRect:
        """Where (start, end) is shown, in the viewport; of the first line where it breaks."""
        first, last = (self.cursorRect(self._cursor(offset, offset)) for offset in (start, end))
        right = last.right() if last.top() == first.top() else self.viewport().width()
        return QRect(first.left(), first.top(), max(2, right - first.left()), first.height())

    def flush(self) -> None:
        """Report a pending edit now."""
        if self._timer.isActive():
            self._report()

    def show_error(self, position: int | None) -> None:
        """Underline the character at an index of `latex`, or nothing. All other offsets here are as Qt counts."""
        self._error_at = position
        self._select()

    def set_font_size(self, points: float) -> None:
        """points: size of the app's own text; the source is a little larger."""
        font = mono_font(points * 1.1)
        # The style sheet names a size for every widget, so the font has to come from one too.
        families = ", ".join(f'"{name}"' for name in font.families())
        self.setStyleSheet(f"QPlainTextEdit {{ font-family: {families}; font-size: {points * 1.1:g}pt; }}")

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._highlighter.set_theme(theme)
        self._select()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._not_ours(event):
            event.ignore()
            return False
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._point(self._offset_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit()

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

    def _point(self, offset: int | None) -> None:
        if offset != self._pointed:
            self._pointed = offset
            self.hovered.emit(offset)

    def _offset_at(self, position: QPoint) -> int | None:
        """The character under a point of the viewport; the cursor that Qt finds is at its nearer side."""
        near = self.cursorForPosition(position).position()
        for offset in (near, near - 1):
            if offset >= 0 and self.span_rect(offset, offset + 1).contains(position):
                return offset
        return None

    def _cursor(self, start: int, end: int) -> QTextCursor:
        last = max(0, self.document().characterCount() - 1)
        cursor = QTextCursor(self.document())
        cursor.setPosition(min(start, last))
        cursor.setPosition(min(end, last), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _select(self) -> None:
        """Color the doubtful tokens, over them the one that is pointed at, over all the error."""
        selections = [self._selection(*span, "doubt_soft") for span in self._tinted]
        if self._marked is not None:
            selections.append(self._selection(*self._marked, "selection"))
        latex = self.latex
        if self._error_at is not None and latex:
            start = min(self._error_at, len(latex) - 1)
            wrong = self._selection(units(latex, start), units(latex, start + 1), "bad_soft")
            wrong.format.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)  # pyright: ignore
            wrong.format.setUnderlineColor(self._theme.color("bad"))  # pyright: ignore
            selections.append(wrong)
        self.setExtraSelections(selections)

    def _selection(self, start: int, end: int, role: str) -> QTextEdit.ExtraSelection:
        selection = QTextEdit.ExtraSelection()
        selection.cursor = self._cursor(start, end)  # pyright: ignore[reportAttributeAccessIssue]
        style = QTextCharFormat()
        style.setBackground(self._theme.color(role))
        selection.format = style  # pyright: ignore[reportAttributeAccessIssue]
        return selection

    def _report(self) -> None:
        self._timer.stop()
        self.edited.emit(self.latex)
