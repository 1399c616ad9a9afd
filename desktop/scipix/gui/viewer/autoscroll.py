"""Scrolling while the pointer holds something outside of the view."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QTimer, Signal
from PySide6.QtWidgets import QAbstractScrollArea

_EVERY_MS = 30
_SHARE = 0.25  # of how far the pointer is outside, scrolled each time


class Autoscroll(QObject):
    """pointer: where it is, in the viewport. moved(): the area was scrolled."""

    moved = Signal()

    def __init__(self, area: QAbstractScrollArea) -> None:
        super().__init__(area)
        self._area = area
        self.pointer = QPointF()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._go_on)

    def start(self) -> None:
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _go_on(self) -> None:
        view = self._area.viewport()
        across, down = _outside(self.pointer.x(), view.width()), _outside(self.pointer.y(), view.height())
        for bar, by in ((self._area.horizontalScrollBar(), across), (self._area.verticalScrollBar(), down)):
            bar.setValue(bar.value() + round(by * _SHARE))
        if across or down:
            self.moved.emit()


def _outside(place: float, side: float) -> float:
    """How far a place is before 0 (negative) or behind the side."""
    return min(0.0, place) + max(0.0, place - side)
