"""The page of the models: what it says in every state, and what its parts do."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QSpinBox

from scipix.gui.dialogs.models import ModelsPage
from scipix.inference.features import FEATURES, FeatureStatus, State
from scipix.settings import Settings


class FakeModels(QObject):
    """Remembers what it was asked; says what it was told to."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str]] = []
        self.now = {name: FeatureStatus(name, State.NOT_INSTALLED, True, "no model is installed") for name in FEATURES}

    def statuses(self):
        return tuple(self.now.values())

    def load(self, feature: str) -> None:
        self.asked.append(("load", feature))

    def unload(self, feature: str) -> None:
        self.asked.append(("unload", feature))

    def become(self, state: State, reason: str = "", enabled: bool = True, **figures: object) -> None:
        about = ("math-v1", "int8", "Apache-2.0", 15_472_943)
        self.now["math"] = FeatureStatus("math", state, enabled, reason, *about, **figures)
        self.changed.emit()


@pytest.fixture
def models(qtbot) -> FakeModels:
    return FakeModels()


@pytest.fixture
def page(qtbot, models):
    changes = []
    page = ModelsPage(models, Settings(), lambda group, **values: changes.append((group, values)))
    page.changes = changes
    qtbot.addWidget(page)
    page.show()
    return page


def test_without_a_model_there_is_nothing_to_press(page):
    for card in page.cards.values():
        assert card.chip.text() == "No model installed"
        assert not card.check.isEnabled()
        assert not card.check.isChecked()
        assert not card.button.isVisible()
        assert not card.progress.isVisible()


def test_a_model_shows_what_it_costs(page, models):
    card = page.cards["math"]
    models.become(State.READY, provider="cpu", memory=19_000_000, load_ms=22.1, last_ms=38.4)
    assert (card.chip.text(), card.chip.property("chip")) == ("Ready", "good")
    assert card.facts.text() == "Printed formulas · math-v1 · int8 · 15.5 MB on disk"
    figures = "On the processor · about 19 MB in memory · loaded in 22.1 ms · last reading 38.4 ms"
    assert card.figures.text() == figures
    assert card.check.isChecked()
    models.become(State.READY, provider="cpu", memory=19_000_000, load_ms=22.1)
    assert "reading" not in card.figures.text()


def test_the_button_does_what_it_says(page, models):
    card = page.cards["math"]
    for state, text, asked in (
        (State.UNLOADED, "Load", "load"),
        (State.READY, "Unload", "unload"),
        (State.FAILED, "Try again", "load"),
    ):
        models.become(state, "it is damaged" if state is State.FAILED else "", provider="cpu")
        assert (card.button.isVisible(), card.button.text()) == (True, text)
        assert card.button.accessibleName() == f"{text} Math"
        card.button.click()
        assert models.asked[-1] == (asked, "math")
    assert card.figures.text() == "It is damaged"
    assert card.figures.property("role") == "error"


def test_loading_shows_what_is_being_done(page, models):
    card = page.cards["math"]
    models.become(State.LOADING, "checking its files")
    assert card.progress.isVisible()
    assert not card.button.isVisible()
    assert card.figures.text() == "Checking its files"
    models.become(State.READY, provider="cpu")
    assert not card.progress.isVisible()


def test_the_switch_reports_the_user_only(page, models):
    card = page.cards["math"]
    models.become(State.UNLOADED)
    card.check.click()
    assert page.changes == [("features", {"math": False})]
    models.become(State.OFF, enabled=False)
    assert (card.chip.text(), card.check.isChecked(), card.check.isEnabled()) == ("Off", False, True)
    assert not card.button.isVisible()
    models.become(State.UNLOADED)
    assert card.check.isChecked()
    assert len(page.changes) == 1


def test_a_model_that_is_of_no_use_yet_or_has_lost_a_file(page, models):
    card = page.cards["math"]
    models.become(State.UNSUPPORTED, "this version of Scipix has no use for it")
    assert (card.chip.text(), card.check.isEnabled()) == ("Not supported yet", False)
    models.become(State.NOT_INSTALLED, "weights/math-v1/encoder.onnx is missing")
    assert card.figures.text() == "Weights/math-v1/encoder.onnx is missing"


def test_the_limits(page):
    unload, memory = page.findChildren(QSpinBox)
    assert (unload.text(), memory.text()) == ("15 min", "Half of the computer's")
    unload.setValue(0)
    memory.setValue(1024)
    assert (unload.text(), memory.text()) == ("Never", "1024 MB")
    assert page.changes == [("models", {"unload_minutes": 0}), ("models", {"memory_mb": 1024})]
