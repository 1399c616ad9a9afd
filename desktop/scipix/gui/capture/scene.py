"""What is to be seen over a frozen screen, in logical units of the window; see paint.py for how it looks."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

# (key, what it does); the key may be empty.
Hint = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is to be seen over the frozen screen.

    window, box: logical. grab, size: pixels (width, height). cursor: pixels, a corner between pixels of the grab.
    zoom: logical units for each pixel in the magnifier. dim: 0..1, darkness outside of the box. hint: the line of help, empty
    for none.
    """

    window: QRectF
    grab: tuple[int, int]
    box: QRectF | None
    size: tuple[int, int] | None
    cursor: tuple[int, int]
    crosshair: bool
    magnifier: bool
    zoom: int
    dim: float
    handles: bool
    hint: Hint

    @property
    def cursor_point(self) -> QPointF:
        """The cursor, logical."""
        return QPointF(
            self.cursor[0] * self.window.width() / self.grab[0], self.cursor[1] * self.window.height() / self.grab[1]
        )
