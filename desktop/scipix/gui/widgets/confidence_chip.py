"""How sure the reading is, in a color and in words."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget

from scipix.datatypes import Reading


def describe(reading: Reading, check_below: float) -> tuple[str, str]:
    """(kind of chip, words) for a reading; check_below: confidence under which the user should look twice."""
    percent = f"{reading.confidence * 100:.0f} %"
    if not reading.readable:
        return "bad", "Left something out" if reading.unread else "Cannot read this"
    if reading.confidence < check_below:
        return "doubt", f"Check it · {percent}"
    return "good", f"Sure · {percent}"


class ConfidenceChip(QLabel):
    """A colored label; hidden without a reading."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("chip", "good")

    def show_reading(self, reading: Reading, check_below: float) -> None:
        kind, words = describe(reading, check_below)
        self.setText(words)
        self.setProperty("chip", kind)
        self.setToolTip(f"The probability that all of it is right: {reading.confidence * 100:.1f} %")
        self.setAccessibleName(f"Confidence: {words}")
        # A changed property shows only after the style was asked again.
        self.style().unpolish(self)
        self.style().polish(self)
        self.show()
