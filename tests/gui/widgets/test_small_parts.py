from dataclasses import replace
from datetime import datetime

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from scipix.datatypes import Box, Timings
from scipix.gui.formats import LATEX, OTHERS, find
from scipix.gui.theme import load_theme
from scipix.gui.widgets.banner import Banners, Level, Message
from scipix.gui.widgets.confidence_chip import describe
from scipix.gui.widgets.copy_row import CopyRow
from scipix.gui.widgets.key_edit import KeyEdit
from scipix.gui.widgets.reading_bar import describe_parts, describe_total
from scipix.gui.widgets.recent_list import RecentList, when
from scipix.gui.widgets.sample_card import SampleCard, in_ink
from scipix.gui.widgets.stage import Stage
from scipix.gui.widgets.toast import Toast
from scipix.history.recent import Row
from scipix.settings import CopySettings, choices
from tests.gui.fakes import RESOURCES, reading

NOW = datetime(2026, 11, 20, 14, 30)


@pytest.fixture
def theme(qapp):
    return load_theme(RESOURCES, "light")


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 20, 14, 29, 30), "just now"),
        (datetime(2026, 11, 20, 14, 25), "5 min ago"),
        (datetime(2026, 11, 20, 9, 5), "09:05"),
        (datetime(2026, 11, 19, 23, 59), "Yesterday 23:59"),
        (datetime(2026, 3, 2, 12, 0), "2 Mar"),
        (datetime(2025, 3, 2, 12, 0), "2 Mar 2025"),
        (datetime(2026, 11, 20, 15, 0), "15:00"),
    ],
)
def test_times_are_said_in_few_words(moment, words):
    assert when(moment.timestamp(), NOW) == words


def test_confidence_is_said_in_words():
    assert describe(reading(confidence=0.98), 0.9) == ("good", "Sure · 98 %")
    assert describe(reading(confidence=0.5), 0.9) == ("doubt", "Check it · 50 %")
    assert describe(reading(confidence=0.98, readable=False), 0.9) == ("bad", "Cannot read this")
    lost = replace(reading(confidence=0.2, readable=False), unread=(Box(0, 0, 9, 9),))
    assert describe(lost, 0.9) == ("bad", "Left something out")


def test_the_latency_has_its_parts():
    timed = replace(reading(), timings=Timings(0.0, 1.25, 9.8, 14.1, 1500.0))
    assert describe_total(timed) == "Read in 1.5 s"
    assert describe_total(replace(timed, cached=True)) == "Read before"
    assert describe_parts(timed.timings).splitlines() == [
        "Preparing the picture: 1.2 ms",
        "Looking (encoder): 9.8 ms",
        "Writing (decoder): 14.1 ms",
        "Total: 1500.0 ms",
    ]


def test_every_format_of_the_settings_can_be_copied():
    assert {entry.delimiters for entry in LATEX} == set(choices(CopySettings, "delimiters"))
    assert {entry.format for entry in (*LATEX, *OTHERS)} == set(choices(CopySettings, "format"))
    assert find("latex", "bracket").label == r"LaTeX in \[ … \]"
    assert find("svg", "bracket").format == "svg"


def test_banners_replace_their_own_kind_and_are_three_at_most(theme, qtbot):
    banners = Banners(theme)
    qtbot.addWidget(banners)
    for number in range(5):
        banners.show_message(Message(f"key {number}", Level.INFO, f"text {number}"))
    banners.show_message(Message("key 3", Level.ERROR, "again"))
    assert [message.text for message in banners.messages()] == ["text 2", "text 4", "again"]
    for number in range(5):
        banners.dismiss(f"key {number}")
    assert not banners.isVisibleTo(None)


def test_a_toast_ends_by_its_action_or_by_the_next_one(qtbot):
    ground = QWidget()
    qtbot.addWidget(ground)
    ground.resize(600, 400)
    ground.show()
    toast, seen = Toast(ground), []
    toast.show_text("Removed", "Undo", lambda: seen.append("undone"), lambda: seen.append("expired"))
    toast._button.click()
    assert seen == ["undone"]
    toast.show_text("Removed", "Undo", lambda: seen.append("undone"), lambda: seen.append("expired"))
    toast.show_text("Copied")
    assert seen == ["undone", "expired"]
    assert toast.text == "Copied"


def test_other_readings_are_offered_only_when_there_are_some(theme, qtbot):
    row, seen = CopyRow(theme, LATEX[0]), []
    qtbot.addWidget(row)
    row.alternative_wanted.connect(seen.append)
    assert not row._others.isVisibleTo(row)
    row.set_alternatives(reading().alternatives)
    assert row._others.isVisibleTo(row)
    row._others.menu().actions()[0].trigger()
    assert seen == [r"\frac{a}{6}"]


def test_the_list_reports_what_the_user_chose_and_not_what_was_set(theme, qtbot):
    entries, chosen, removed = RecentList(theme), [], []
    qtbot.addWidget(entries)
    entries.chosen.connect(chosen.append)
    entries.remove_wanted.connect(removed.append)
    entries.set_rows([Row(3, 0.0, "c", 1.0, b""), Row(2, 0.0, "b", 1.0, b"no picture")], 2)
    entries.resize(280, 300)
    entries.grab()
    assert (chosen, entries.current_id()) == ([], 2)
    QTest.keyClick(entries, Qt.Key.Key_Up)
    assert chosen == [3]
    QTest.keyClick(entries, Qt.Key.Key_Delete)
    assert removed == [3]


@pytest.mark.parametrize(
    ("key", "modifiers", "recorded"),
    [
        (Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier, ["Ctrl+Shift+X"]),
        (Qt.Key.Key_F9, Qt.KeyboardModifier.NoModifier, ["F9"]),
        (Qt.Key.Key_X, Qt.KeyboardModifier.NoModifier, []),
        (Qt.Key.Key_X, Qt.KeyboardModifier.ShiftModifier, []),
        (Qt.Key.Key_Control, Qt.KeyboardModifier.ControlModifier, []),
        (Qt.Key.Key_Backspace, Qt.KeyboardModifier.NoModifier, [""]),
        (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier, []),
        (Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier, ["Ctrl+Tab"]),
    ],
)
def test_keys_are_recorded_once_they_can_be_a_hotkey(qtbot, key, modifiers, recorded):
    edit, seen = KeyEdit("Ctrl+Alt+M"), []
    qtbot.addWidget(edit)
    edit.show()
    edit.recorded.connect(seen.append)
    QTest.keyClick(edit, key, modifiers)
    assert seen == []
    edit.set_keys("Ctrl+Alt+M")
    QTest.mouseClick(edit, Qt.MouseButton.LeftButton)
    QTest.keyClick(edit, key, modifiers)
    assert seen == recorded
    assert edit.keys == (recorded[0] if recorded else "Ctrl+Alt+M")


def test_a_sample_is_drawn_in_ink_of_the_theme(qtbot, theme):
    white = QImage(20, 10, QImage.Format.Format_RGB32)
    white.fill(QColor("white"))
    for x in range(5, 8):
        white.setPixelColor(x, 5, QColor("black"))
    white.setPixelColor(12, 5, QColor(128, 128, 128))
    drawn = in_ink(white, QColor("#ececea"))
    assert drawn.pixelColor(6, 5) == QColor("#ececea")
    assert drawn.pixelColor(0, 0).alpha() == 0
    assert drawn.pixelColor(12, 5).alpha() == 127
    card = SampleCard(theme, QPixmap.fromImage(white), QSize(20, 10), (3, 4))
    qtbot.addWidget(card)
    dark = load_theme(RESOURCES, "dark")
    card.set_theme(dark)
    shown = card._picture.pixmap().toImage()
    assert shown.pixelColor(shown.width() * 6 // 20, shown.height() * 5 // 10).lightness() > 128


def test_a_page_that_is_not_shown_takes_no_room_from_others(qtbot):
    window, stage = QWidget(), Stage()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.addWidget(stage)
    for height in (100, 400):
        page = QWidget()
        QVBoxLayout(page).addSpacing(height)
        stage.addWidget(page)
    low = window.minimumSizeHint().height()
    stage.setCurrentIndex(1)
    column.activate()
    assert window.minimumSizeHint().height() == low + 300
