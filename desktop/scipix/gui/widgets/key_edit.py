"""A field that records a key combination."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from scipix.gui.commands import native

_MODIFIER_KEYS = (
    Qt.Key.Key_Control,
    Qt.Key.Key_Shift,
    Qt.Key.Key_Alt,
    Qt.Key.Key_Meta,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_Super_L,
    Qt.Key.Key_Super_R,
)


class KeyEdit(QLineEdit):
    """Click it (or press Space) and press the keys. Esc leaves it as it was, Backspace takes the hotkey away.

    recorded(str): as Qt writes key sequences, empty for none.
    """

    recorded = Signal(str)

    def __init__(self, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self._recording = False
        self.setReadOnly(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Keys for a new snip")
        self._show()

    @property
    def keys(self) -> str:
        return self._keys

    def set_keys(self, keys: str) -> None:
        self._keys = keys
        self._record(False)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._record(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._record(False)

    def event(self, event: QEvent) -> bool:
        # Without this, Ctrl+Q and the like would run their own commands, and Tab would move the focus.
        if self._recording and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.keyPressEvent(event)
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._recording:
            if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._record(True)
            else:
                super().keyPressEvent(event)
            return
        key, modifiers = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if key in _MODIFIER_KEYS:
            return
        if modifiers == Qt.KeyboardModifier.NoModifier and key == Qt.Key.Key_Escape:
            self._record(False)
        elif modifiers == Qt.KeyboardModifier.NoModifier and key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self._take("")
        elif modifiers & ~Qt.KeyboardModifier.ShiftModifier or Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35:
            sequence = QKeySequence(event.keyCombination())
            self._take(sequence.toString(QKeySequence.SequenceFormat.PortableText))
        else:
            self.setPlaceholderText("Add Ctrl, Alt or Meta to it …")

    def _take(self, keys: str) -> None:
        self._keys = keys
        self._record(False)
        self.recorded.emit(keys)

    def _record(self, recording: bool) -> None:
        self._recording = recording
        self.setProperty("recording", recording)
        self.style().unpolish(self)
        self.style().polish(self)
        self._show()

    def _show(self) -> None:
        self.setPlaceholderText("Press the keys …" if self._recording else "None")
        self.setText("" if self._recording else native(self._keys))
