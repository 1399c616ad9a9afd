"""Edits are kept, whatever comes between."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scipix.history.recent import Recent
from scipix.settings import HistorySettings
from tests.gui import fakes
from tests.gui.test_application import World, read


@pytest.fixture
def world(qapp, tmp_path):
    world = World(tmp_path)
    yield world
    world.recognizer.hold.set()
    if world.app is not None:
        world.app.close()
    qapp.setStyleSheet("")


def kept(world: World) -> list[str]:
    """What the list on the disk holds, newest first."""
    recent = Recent(world.folder / "history.sqlite3")
    rows = recent.list()
    recent.close()
    return [row.latex for row in rows]


def begin_another(world: World, qtbot) -> None:
    """A picture that is being read, in view."""
    assert world.app is not None
    world.recognizer.hold.clear()
    seen = len(world.recognizer.seen)
    world.app.desk.take([fakes.image("another")])
    qtbot.waitUntil(lambda: len(world.recognizer.seen) == seen + 1)


@pytest.mark.parametrize("what", ["close", "another", "cancel"])
def test_an_entry_is_not_emptied_while_the_next_one_is_read(world, qtbot, what):
    app = world.start()
    read(app, qtbot, fakes.image())
    begin_another(world, qtbot)
    if what == "another":
        app.desk.take([fakes.image("third")])
    if what == "cancel":
        app.desk.save()
        app.run("cancel")
        qtbot.waitUntil(lambda: not app.reader.busy)
        assert app.window.result.latex == r"\frac{a}{b}"
    app.close()
    assert kept(world) == [r"\frac{a}{b}"]


def test_an_edit_never_lands_in_another_list(world, qtbot):
    """The same number stands for another entry there."""
    app = world.start()
    read(app, qtbot, fakes.image("of the disk"))
    remember = world.settings
    app.set_settings(replace(remember, history=HistorySettings(keep=False)))
    world.recognizer.answers = {"of memory": fakes.reading("y")}
    read(app, qtbot, fakes.image("of memory"))
    app.window.result.source.insertPlainText("x+")  # kept in the list that it is of
    app.set_settings(remember)
    app.window.result.source.insertPlainText("z+")
    assert app.window.result.latex == "x+z+y"  # stays in view
    app.close()
    assert kept(world) == [r"\frac{a}{b}"]


def test_an_edit_is_kept_when_a_reading_comes_at_once(world, qtbot):
    app = world.start()
    read(app, qtbot, fakes.image())
    begin_another(world, qtbot)
    app.window.sidebar.chosen.emit(app.desk.current_id)  # while the other one is read
    qtbot.waitUntil(lambda: app.window.result.latex == r"\frac{a}{b}")
    app.window.result.source.insertPlainText("x+")
    world.recognizer.hold.set()
    qtbot.waitUntil(lambda: not app.reader.busy)
    assert app.window.result.latex == r"\frac{a}{b}"
    app.close()
    assert kept(world) == [r"\frac{a}{b}", r"x+\frac{a}{b}"]
