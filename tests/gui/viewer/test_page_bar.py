from __future__ import annotations

import pytest

from scipix.gui.theme import load_theme
from scipix.gui.viewer.layout import FULL
from scipix.gui.viewer.page_bar import PageBar
from tests.gui.fakes import RESOURCES


@pytest.fixture
def bar(qtbot):
    bar = PageBar(load_theme(RESOURCES, "light"))
    qtbot.addWidget(bar)
    bar.resize(800, 50)
    bar.show()
    bar.set_document("paper.pdf", 12)
    return bar


def test_showing_a_place_asks_for_nothing(bar):
    wanted = []
    bar.page_wanted.connect(wanted.append)
    bar.set_place(4, 1.5 * FULL)
    bar.set_document("other.pdf", 3)
    assert wanted == []
    assert bar.percent == "150 %"
    assert bar.page.maximum() == 3


def test_a_number_that_is_typed_is_a_page_from_0(bar, qtbot):
    with qtbot.waitSignal(bar.page_wanted) as wanted:
        bar.page.setValue(7)
    assert wanted.args == [6]
    with qtbot.waitSignal(bar.page_wanted) as wanted:
        bar.step(-1)
    assert wanted.args == [5]


def test_a_long_name_ends_in_an_ellipsis_and_is_told_whole(bar, qtbot):
    name = "a very long name of a paper " * 10 + ".pdf"
    bar.set_document(name, 2)
    assert "…" in bar._name.text()
    assert bar._name.toolTip() == name
    assert bar.minimumSizeHint().width() < 500
    bar.resize(5000, 50)
    qtbot.waitUntil(lambda: bar._name.text() == name)


def test_a_narrow_bar_leaves_room_for_the_name(bar, qtbot):
    assert bar._next.isVisible()
    bar.resize(480, 50)
    qtbot.waitUntil(lambda: not bar._next.isVisible() and not bar._percent.isVisible())
    assert bar._name.text() == "paper.pdf"
    assert not bar._hint.isVisible()
    bar.resize(900, 50)
    qtbot.waitUntil(lambda: bar._next.isVisible())
    assert "Drag a box" in bar._hint.text()
