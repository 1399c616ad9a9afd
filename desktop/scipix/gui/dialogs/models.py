"""The page of the settings that shows what can be read, with which model, and what that costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from scipix.gui.dialogs.forms import Page, note_label
from scipix.gui.models import Models
from scipix.gui.widgets.latency_table import words
from scipix.inference.features import FeatureStatus, State
from scipix.settings import ModelSettings, Settings

# Feature -> its name, and what it reads.
_NAMES = {
    "math": ("Math", "Printed formulas"),
    "text": ("Text", "Lines and paragraphs"),
    "handwriting": ("Handwriting", "Formulas and text written by hand"),
    "layout": ("Layout", "Whole pages: what stands where"),
    "tables": ("Tables", "Rows, columns and their cells"),
}
# State -> what the chip says, and its look.
_CHIPS = {
    State.NOT_INSTALLED: ("No model installed", "quiet"),
    State.UNSUPPORTED: ("Not supported yet", "quiet"),
    State.FAILED: ("Failed", "bad"),
    State.OFF: ("Off", "quiet"),
    State.UNLOADED: ("Not loaded", "quiet"),
    State.LOADING: ("Loading …", "quiet"),
    State.READY: ("Ready", "good"),
}
_PLACES = {"cpu": "On the processor", "directml": "On the graphics card", "coreml": "With CoreML", "cuda": "With CUDA"}
# What the button does, and what it says; none in the other states.
_ACTIONS = {State.READY: "Unload", State.UNLOADED: "Load", State.FAILED: "Try again"}
_ABSENT = (State.NOT_INSTALLED, State.UNSUPPORTED)

SetGroup = Callable[..., None]


class ModelsPage(Page):
    """Follows the statuses while it exists."""

    def __init__(self, models: Models, settings: Settings, change: SetGroup) -> None:
        """change: (group, name=value) of the settings, as the user wants them."""
        super().__init__("Models")
        self._models = models
        self.cards: dict[str, FeatureCard] = {}
        cards = QWidget()
        column = QVBoxLayout(cards)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for status in models.statuses():
            card = self.cards[status.feature] = FeatureCard(status.feature)
            card.check.toggled.connect(lambda on, name=status.feature: change("features", **{name: on}))
            card.button.clicked.connect(lambda checked=False, card=card: self._act(card))
            column.addWidget(card)
        self.add_widget(cards)
        self._add_limits(settings.models, change)
        models.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the statuses of now."""
        for status in self._models.statuses():
            self.cards[status.feature].show_status(status)

    def _act(self, card: FeatureCard) -> None:
        (self._models.unload if card.state is State.READY else self._models.load)(card.feature)

    def _add_limits(self, now: ModelSettings, change: SetGroup) -> None:
        unload = self.add_number(
            "Unload after",
            "A model that was not used for so long gives its memory back.",
            (0, 1440),
            now.unload_minutes,
            " min",
            lambda value: change("models", unload_minutes=value),
        )
        unload.setSpecialValueText("Never")
        memory = self.add_number(
            "Memory",
            "When Scipix comes near this, it unloads what was not used for longest.",
            (0, 1_000_000),
            now.memory_mb,
            " MB",
            lambda value: change("models", memory_mb=value),
        )
        memory.setSpecialValueText("Half of the computer's")
        memory.setSingleStep(256)


class FeatureCard(QFrame):
    """One feature: a switch, its state, its model and what that costs, a button to load or unload it."""

    def __init__(self, feature: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self.feature, self.state = feature, State.NOT_INSTALLED
        name, about = _NAMES.get(feature, (feature.capitalize(), ""))
        self._name, self._about = name, about
        self.check = QCheckBox(name)
        self.check.setAccessibleDescription(about)
        self.chip = QLabel()
        self.chip.setAccessibleName(f"State of {name}")
        self.button = QPushButton()
        self.facts, self.figures = note_label(""), note_label("")
        self.figures.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(f"{name} is being loaded")
        self._arrange()

    def show_status(self, status: FeatureStatus) -> None:
        """status: of this feature."""
        self.state = state = status.state
        absent = state in _ABSENT
        self.check.blockSignals(True)  # the settings know it already
        self.check.setChecked(status.enabled and not absent)
        self.check.blockSignals(False)
        self.check.setEnabled(not absent)
        text, look = _CHIPS[state]
        self.chip.setText(text)
        _restyle(self.chip, "chip", look)
        self.button.setVisible(state in _ACTIONS)
        self.button.setText(_ACTIONS.get(state, ""))
        self.button.setAccessibleName(f"{self.button.text()} {self._name}")
        self.progress.setVisible(state is State.LOADING)
        self.facts.setText(" · ".join(part for part in (self._about, *_facts(status)) if part))
        figures = _figures(status)
        self.figures.setText(figures)
        self.figures.setVisible(bool(figures))
        _restyle(self.figures, "role", "error" if state is State.FAILED else "muted")

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self.check)
        top.addStretch(1)
        top.addWidget(self.chip, 0, Qt.AlignmentFlag.AlignVCenter)
        top.addWidget(self.button)
        below = QVBoxLayout()
        below.setContentsMargins(27, 0, 0, 0)  # under the words, not under the box
        below.setSpacing(2)
        for label in (self.facts, self.figures):
            below.addWidget(label)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 12, 11)
        column.setSpacing(3)
        column.addLayout(top)
        column.addLayout(below)
        column.addWidget(self.progress)


def _facts(status: FeatureStatus) -> list[str]:
    """What is installed."""
    if not status.model:
        return []
    return [status.model, status.precision, f"{status.size / 1e6:.1f} MB on disk"]


def _figures(status: FeatureStatus) -> str:
    """What it costs while it is loaded; otherwise why it is not what it should be."""
    if status.state is not State.READY:
        told = status.reason if status.model or status.state is State.FAILED else ""
        return told[:1].upper() + told[1:]
    place = _PLACES.get(status.provider, f"On {status.provider}")
    parts = [place, f"about {status.memory / 1e6:.0f} MB in memory", f"loaded in {words(status.load_ms)}"]
    if status.last_ms:
        parts.append(f"last reading {words(status.last_ms)}")
    return " · ".join(parts)


def _restyle(widget: QLabel, name: str, value: Any) -> None:
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
