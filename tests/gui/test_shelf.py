"""What was removed comes back, whatever was removed before."""

from __future__ import annotations

import pytest

from tests.gui import fakes
from tests.gui.test_application import World, read


@pytest.fixture
def world(qapp, tmp_path):
    world = World(tmp_path)
    world.recognizer.answers = {name: fakes.reading(name) for name in "abc"}
    yield world
    if world.app is not None:
        world.app.close()
    qapp.setStyleSheet("")


def texts(app) -> list[str]:
    model = app.window.sidebar.list.model()
    return [row.latex for row in model._rows]


@pytest.mark.parametrize(("second", "left"), [("remove", ["c", "b"]), ("clear", ["c", "b"])])
def test_undo_brings_the_second_back_and_the_first_is_gone(world, qtbot, second, left):
    app = world.start()
    for name in "abc":
        read(app, qtbot, fakes.image(name))
    qtbot.waitUntil(lambda: texts(app) == ["c", "b", "a"])
    first, other = (app.window.sidebar.list.model()._rows[place].id for place in (2, 1))
    app.shelf.remove(first)
    qtbot.waitUntil(lambda: texts(app) == ["c", "b"])
    if second == "remove":
        app.shelf.remove(other)
    else:
        app.shelf.clear()
    qtbot.waitUntil(lambda: texts(app) == (["c"] if second == "remove" else []) and app.jobs.pending == 0)
    app.window.toast._button.click()
    qtbot.waitUntil(lambda: texts(app) == left)
    app.keeper.restore([first])
    qtbot.waitUntil(lambda: app.jobs.pending == 0)
    assert texts(app) == left
