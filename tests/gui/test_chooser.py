import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from scipix.datatypes import Alternative, Box, Kind, Reading, Symbol
from scipix.errors import UsageError
from scipix.gui.application import Application
from scipix.recognize.choice import Choice
from tests.gui import fakes
from tests.gui.test_application import read, world  # noqa: F401 - a fixture

READING = Reading(
    Kind.FORMULA,
    "ab",
    0.5,
    symbols=(
        Symbol("a", Box(20, 20, 40, 40), 0.6, (Alternative(r"\alpha", 0.3),)),
        Symbol("b", Box(45, 20, 60, 40), 0.99),
    ),
)


@pytest.fixture
def app(world, qtbot) -> Application:  # noqa: F811
    world.recognizer.answers["screen"] = READING
    app = world.start()
    read(app, qtbot, fakes.image())
    return app


def choose(app: Application, qtbot) -> None:
    """Take the likeliest other symbol of the first one."""
    snip = app.window.result.snip
    QTest.mouseClick(snip, Qt.MouseButton.LeftButton, pos=snip.place_of(0).center())
    menu = app.window.result.linker.menu
    qtbot.waitUntil(lambda: app.jobs.pending == 0)
    assert not menu.actions()[2].icon().isNull()  # drawn by the typesetter
    QTest.keyClick(menu, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: app.window.result.latex != READING.latex)


def test_a_choice_is_read_again_kept_and_undone(world, app, qtbot):  # noqa: F811
    choose(app, qtbot)
    assert world.recognizer.choices == [Choice(0, r"\alpha")]
    assert app.window.result.latex == r"\alpha again"
    app.desk.save()
    entry_id = app.desk.current_id
    assert kept(app, qtbot, entry_id) == r"\alpha again"
    app.window.result.source.undo()
    qtbot.waitUntil(lambda: app.window.result.latex == "ab")
    app.desk.save()
    assert kept(app, qtbot, entry_id) == "ab"


def test_only_the_symbol_changes_where_nothing_can_be_read_again(world, app, qtbot):  # noqa: F811
    world.recognizer.answers["reread"] = UsageError("the reading is of another model")
    choose(app, qtbot)
    assert app.window.result.latex == r"\alpha b"
    assert "Only this symbol" in app.window.toast.text


def test_a_fault_is_told(world, app, qtbot):  # noqa: F811
    world.recognizer.answers["reread"] = ValueError("a fault")
    choose(app, qtbot)
    assert app.window.result.latex == r"\alpha b"
    assert any("ValueError" in message.text for message in app.window.banners.messages())


def test_a_choice_after_an_edit_is_not_read_again(world, app, qtbot):  # noqa: F811
    app.window.result.source.replace_latex("a+c")
    snip = app.window.result.snip
    QTest.mouseClick(snip, Qt.MouseButton.LeftButton, pos=snip.place_of(0).center())
    QTest.keyClick(app.window.result.linker.menu, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: app.window.result.latex == r"\alpha+c")
    assert world.recognizer.choices == []


def kept(app: Application, qtbot, entry_id: int | None) -> str:
    assert entry_id is not None
    found = []
    app.keeper.get(entry_id, found.append)
    qtbot.waitUntil(lambda: len(found) == 1)
    return found[0].latex
