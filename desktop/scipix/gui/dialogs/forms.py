"""Rows of a settings page: a label with a note on the left, one control on the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

_CONTROL_WIDTH = 220


class Page(QScrollArea):
    """One page of settings with its heading; rows are added from the top."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        outer = QVBoxLayout(inner)
        outer.setContentsMargins(28, 22, 28, 22)
        outer.setSpacing(0)
        heading = QLabel(title)
        heading.setProperty("role", "title")
        outer.addWidget(heading)
        outer.addSpacing(14)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(16)
        outer.addLayout(self._rows)
        outer.addStretch(1)
        self.setWidget(inner)
        self.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)

    def add_row(self, label: str, note: str, control: QWidget) -> None:
        """note: a short explanation under the label, may be empty."""
        name = QLabel(label)
        name.setBuddy(control)
        left = QVBoxLayout()
        left.setSpacing(2)
        left.addWidget(name)
        if note:
            left.addWidget(note_label(note))
        row = QHBoxLayout()
        row.setSpacing(20)
        row.addLayout(left, 1)
        row.addWidget(control, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        if not control.accessibleName():
            control.setAccessibleName(label)
        self._rows.addLayout(row)

    def add_check(self, label: str, note: str, checked: bool, changed: Callable[[bool], None]) -> QCheckBox:
        box = QCheckBox(label)
        box.setChecked(checked)
        box.toggled.connect(changed)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(box)
        if note:
            text = note_label(note)
            # Under the words, not under the box.
            text.setContentsMargins(27, 0, 0, 0)
            column.addWidget(text)
        self._rows.addLayout(column)
        return box

    def add_choice(
        self, label: str, note: str, items: Sequence[tuple[str, str]], value: str, changed: Callable[[str], None]
    ) -> QComboBox:
        """items: (value, words)."""
        box = QComboBox()
        for item, words in items:
            box.addItem(words, item)
        box.setCurrentIndex(max(0, box.findData(value)))
        box.currentIndexChanged.connect(lambda index: changed(box.itemData(index)))
        box.setFixedWidth(_CONTROL_WIDTH)
        self.add_row(label, note, box)
        return box

    def add_number(
        self, label: str, note: str, limits: tuple[int, int], value: int, unit: str, changed: Callable[[int], None]
    ) -> QSpinBox:
        box = QSpinBox()
        # The style sheet cannot pad it: the frame belongs to the box, the text to the field inside.
        box.lineEdit().setTextMargins(8, 0, 8, 0)
        box.setRange(*limits)
        box.setValue(value)
        box.setSuffix(unit)
        box.valueChanged.connect(changed)
        box.setFixedWidth(_CONTROL_WIDTH)
        self.add_row(label, note, box)
        return box

    def add_percent(self, label: str, note: str, value: float, changed: Callable[[float], None]) -> QDoubleSpinBox:
        """value and what is reported: 0..1."""
        box = QDoubleSpinBox()
        box.lineEdit().setTextMargins(8, 0, 8, 0)
        box.setDecimals(0)
        box.setRange(0.0, 100.0)
        box.setSingleStep(5.0)
        box.setSuffix(" %")
        box.setValue(value * 100)
        box.valueChanged.connect(lambda percent: changed(round(percent / 100, 4)))
        box.setFixedWidth(_CONTROL_WIDTH)
        self.add_row(label, note, box)
        return box

    def add_widget(self, widget: QWidget) -> None:
        self._rows.addWidget(widget)


def note_label(text: str) -> QLabel:
    """Small muted text that wraps."""
    label = QLabel(text)
    label.setProperty("role", "muted")
    label.setWordWrap(True)
    return label
