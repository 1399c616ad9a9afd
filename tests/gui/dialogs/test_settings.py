import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QSpinBox, QWidget

from scipix.gui.dialogs.settings import PAGES, SettingsDialog
from scipix.settings import Settings, choices
from tests.gui.dialogs.test_models import FakeModels


@pytest.fixture
def dialog(qtbot):
    dialog = SettingsDialog(Settings(), [("cpu", "Processor")], lambda keys: None, "", FakeModels())
    qtbot.addWidget(dialog)
    dialog.seen = []
    dialog.changed.connect(dialog.seen.append)
    return dialog


def named(dialog: QWidget, kind: type, name: str):
    return next(box for box in dialog.findChildren(kind) if name in (box.accessibleName(), getattr(box, "text", str)()))


def test_each_change_is_reported_at_once(dialog):
    named(dialog, QCheckBox, "Copy each reading at once").click()
    named(dialog, QCheckBox, "Hide this window while you snip").click()
    named(dialog, QComboBox, "Colors").setCurrentIndex(2)
    named(dialog, QDoubleSpinBox, "Check below").setValue(75)
    named(dialog, QSpinBox, "At most").setValue(7)
    named(dialog, QCheckBox, "Answer at once when a picture comes again").click()
    named(dialog, QCheckBox, "Find the fastest place by itself").click()
    last = dialog.seen[-1]
    assert len(dialog.seen) == 7
    assert (last.copy.automatic, last.capture.hide_window, last.appearance.theme) == (False, False, "dark")
    assert (last.recognition.check_below, last.history.limit) == (0.75, 7)
    assert not last.recognition.remember
    assert not last.recognition.calibrate


def test_the_menus_offer_what_the_settings_allow(dialog):
    around = named(dialog, QComboBox, "Around LaTeX")
    offered = {around.itemData(index) for index in range(around.count())}
    assert offered == set(choices(type(Settings().copy), "delimiters"))
    colors = named(dialog, QComboBox, "Colors")
    assert {colors.itemData(index) for index in range(colors.count())} == set(
        choices(type(Settings().appearance), "theme")
    )
    runs = named(dialog, QComboBox, "Runs on")
    assert [runs.itemData(index) for index in range(runs.count())] == ["auto", "cpu"]


def test_every_page_and_control_has_a_name(dialog):
    for page in PAGES:
        dialog.show_page(page)
        assert dialog._stack.currentIndex() == PAGES.index(page)
    for kind in (QComboBox, QSpinBox, QDoubleSpinBox):
        assert all(box.accessibleName() for box in dialog.findChildren(kind))
