"""The line above a result: how sure, how fast, and while it is read: progress and Cancel."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from scipix.datatypes import Reading, Timings
from scipix.gui.widgets.confidence_chip import ConfidenceChip


def describe_parts(timings: Timings) -> str:
    """One line for each stage, in milliseconds."""
    parts = (
        ("Loading the model", timings.load),
        ("Preparing the picture", timings.preprocess),
        ("Looking (encoder)", timings.encode),
        ("Writing (decoder)", timings.decode),
        ("Total", timings.total),
    )
    return "\n".join(f"{name}: {value:.1f} ms" for name, value in parts if value > 0 or name == "Total")


def describe_total(reading: Reading) -> str:
    """ "Read in 86 ms", with seconds from one second on."""
    if reading.cached:
        return "Read before"
    total = reading.timings.total
    return f"Read in {total:.0f} ms" if total < 1000 else f"Read in {total / 1000:.1f} s"


class ReadingBar(QWidget):
    """Either the confidence chip and the latency, or a progress bar with Cancel."""

    cancel_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(32)
        self._chip = ConfidenceChip()
        self._latency = QLabel()
        self._latency.setProperty("role", "muted")
        self._edited = QLabel("Edited")
        self._edited.setProperty("role", "muted")
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(150)
        self._progress.setAccessibleName("Reading")
        self._status = QLabel()
        self._status.setProperty("role", "muted")
        self._cancel = QPushButton("Cancel")
        self._cancel.setToolTip("Stop reading (Esc)")
        self._cancel.clicked.connect(self.cancel_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        for widget in (self._chip, self._progress, self._status, self._latency, self._edited):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        row.addWidget(self._cancel)
        self.show_nothing()

    def show_reading(self, reading: Reading, check_below: float, edited: bool) -> None:
        self.show_nothing()
        self._chip.show_reading(reading, check_below)
        self._latency.setText(describe_total(reading))
        self._latency.setToolTip(describe_parts(reading.timings))
        self._latency.show()
        self.set_edited(edited)

    def set_edited(self, edited: bool) -> None:
        """Whether the text is no longer what was read; how sure the model was says nothing of it then."""
        self._edited.setVisible(edited)
        self._chip.setVisible(not edited)

    def show_progress(self, text: str) -> None:
        self.show_nothing()
        self._status.setText(text)
        for widget in (self._progress, self._status, self._cancel):
            widget.show()

    def show_failure(self, text: str) -> None:
        self.show_nothing()
        self._status.setText(text)
        self._status.show()

    def show_nothing(self) -> None:
        for widget in (self._chip, self._latency, self._edited, self._progress, self._status, self._cancel):
            widget.hide()
