"""A quiet note at the foot of the window that goes away by itself."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

# Inside the source card, away from where the text begins.
_RIGHT = 34
_FOOT = 74
_SHORT_MS = 1800
_WITH_ACTION_MS = 8000


class Toast(QFrame):
    """Floats over its parent; a note with an action stays longer than one without."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("toast")
        self._text = QLabel()
        self._button = QPushButton()
        self._button.setCursor(Qt.CursorShape.PointingHandCursor)
        self._button.clicked.connect(self._act)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 9, 12, 9)
        row.setSpacing(10)
        row.addWidget(self._text)
        row.addWidget(self._button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._expire)
        self._on_action: Callable[[], None] | None = None
        self._on_expired: Callable[[], None] | None = None
        self._ground = parent
        parent.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        """What is shown now, empty when nothing is."""
        return self._text.text() if self.isVisible() else ""

    def show_text(
        self,
        text: str,
        action: str = "",
        on_action: Callable[[], None] | None = None,
        on_expired: Callable[[], None] | None = None,
    ) -> None:
        """Show a note; on_expired is called when it goes away without its action having been taken."""
        self._expire()
        self._text.setText(text)
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self._on_action, self._on_expired = on_action, on_expired
        self.setAccessibleName(text)
        self.adjustSize()
        self._place()
        self.show()
        self.raise_()
        self._timer.start(_WITH_ACTION_MS if action else _SHORT_MS)

    def finish(self) -> None:
        """Let the note expire now (the window closes)."""
        self._expire()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        ground = self._ground
        self.move(ground.width() - self.width() - _RIGHT, ground.height() - self.height() - _FOOT)

    def _act(self) -> None:
        on_action, self._on_expired = self._on_action, None
        self._expire()
        if on_action is not None:
            on_action()

    def _expire(self) -> None:
        self._timer.stop()
        on_expired, self._on_action, self._on_expired = self._on_expired, None, None
        self.hide()
        if on_expired is not None:
            on_expired()
