"""The queue of pictures: what comes alone overtakes what came together."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from scipix.errors import Cancelled, ModelMissing, NothingToRead
from scipix.gui.jobs import Jobs
from scipix.gui.reader import Engine, Reader
from tests.gui import fakes


class Heard:
    """What a reader has told, in order."""

    def __init__(self, reader: Reader) -> None:
        self.all: list[tuple] = []
        self.idle = 0
        reader.started.connect(lambda name, place, total: self.all.append(("started", name, place, total)))
        reader.finished.connect(lambda read: self.all.append(("finished", read.image.name, read.aside)))
        reader.failed.connect(lambda image, error: self.all.append(("failed", image and image.name, type(error))))
        reader.lost.connect(lambda error: self.all.append(("lost", type(error))))
        reader.idle.connect(self._on_idle)

    def _on_idle(self) -> None:
        self.idle += 1

    def of(self, *kinds: str) -> list[tuple]:
        return [entry for entry in self.all if entry[0] in kinds]


@pytest.fixture
def recognizer():
    return fakes.FakeRecognizer()


@pytest.fixture
def reader(qapp, recognizer):
    jobs = Jobs()
    engine = Engine(lambda: recognizer)
    yield Reader(jobs, engine, 0.0)
    recognizer.hold.set()
    jobs.close(engine.close)


def lot(names: str):
    return [fakes.image(name) for name in names]


def test_pictures_that_came_together_are_told_in_the_order_given(reader, recognizer, qtbot):
    heard = Heard(reader)
    reader.read(lot("abc"))
    assert reader.busy
    qtbot.waitUntil(lambda: heard.idle == 1)
    assert recognizer.seen == ["a", "b", "c"]  # b ends before a
    assert heard.all == [
        ("started", "a", 1, 3),
        ("finished", "a", False),
        ("started", "b", 2, 3),
        ("finished", "b", False),
        ("started", "c", 3, 3),
        ("finished", "c", False),
    ]
    assert not reader.busy
    assert recognizer.ended == 1


def test_a_snip_overtakes_them_and_stays_in_view(reader, recognizer, qtbot):
    heard = Heard(reader)
    recognizer.hold.clear()
    reader.read(lot("abcd"))
    qtbot.waitUntil(lambda: recognizer.seen == ["a"])
    reader.read([fakes.image("snip")])
    recognizer.hold.set()
    qtbot.waitUntil(lambda: heard.idle == 1)
    assert recognizer.seen.index("snip") == 2
    assert len(recognizer.threads) == 1
    assert heard.of("started") == [("started", "a", 1, 4), ("started", "snip", 1, 1)]
    finished = heard.of("finished")
    assert ("finished", "snip", False) in finished
    assert [entry for entry in finished if entry[1] != "snip"] == [("finished", name, True) for name in "abcd"]


def test_faults_of_those_in_the_background_take_no_view(reader, recognizer, qtbot):
    heard = Heard(reader)
    recognizer.answers = {"c": NothingToRead("blank")}
    recognizer.hold.clear()
    reader.read(lot("abcd"))
    qtbot.waitUntil(lambda: recognizer.seen == ["a"])
    reader.read([fakes.image("snip")])
    recognizer.hold.set()
    qtbot.waitUntil(lambda: heard.idle == 1)
    assert heard.of("failed", "lost") == [("lost", NothingToRead)]
    reader.read(lot("cd"))
    qtbot.waitUntil(lambda: heard.idle == 2)
    assert heard.of("failed", "lost")[1:] == [("failed", "c", NothingToRead)]


def test_one_lot_after_the_other(reader, recognizer, qtbot):
    heard = Heard(reader)
    reader.read(lot("ab"))
    reader.read(lot("cd"))
    qtbot.waitUntil(lambda: heard.idle == 1)
    assert [entry[1] for entry in heard.of("finished")] == list("abcd")
    assert recognizer.ended == 2


def test_files_are_opened_on_their_way(reader, recognizer, qtbot, tmp_path):
    heard = Heard(reader)
    missing = tmp_path / "none.png"
    reader.read([missing, fakes.RESOURCES / "samples" / "quadratic.png"])
    qtbot.waitUntil(lambda: heard.idle == 1)
    (failed,), (finished,) = heard.of("failed"), heard.of("finished")
    assert failed[1] is None
    assert Path(finished[1]).name == "quadratic.png"


def test_cancel_stops_all_of_it(reader, recognizer, qtbot):
    heard = Heard(reader)
    recognizer.hold.clear()
    reader.read(lot("abcd"))
    reader.read(lot("ef"))
    qtbot.waitUntil(lambda: recognizer.seen == ["a"])
    reader.cancel()
    qtbot.waitUntil(lambda: not reader.busy)
    assert heard.of("failed") == [("failed", None, Cancelled)]
    assert recognizer.seen == ["a"]
    recognizer.hold.set()
    reader.read(lot("g"))
    qtbot.waitUntil(lambda: heard.of("finished") == [("finished", "g", False)])


def test_what_concerns_all_is_told_once(qapp, qtbot):
    def make():
        raise ModelMissing("math-v1", "x.onnx")

    jobs = Jobs()
    reader = Reader(jobs, Engine(make), 0.0)
    heard = Heard(reader)
    reader.read(lot("abc"))
    qtbot.waitUntil(lambda: heard.idle == 1)
    assert heard.of("failed") == [("failed", None, ModelMissing)]
    jobs.close()


@pytest.mark.parametrize("stopped", [True, False])
def test_what_a_listener_gives_when_a_lot_fails_is_read_once_and_alone(reader, recognizer, qtbot, stopped):
    heard = Heard(reader)
    more = [lot("cd"), lot("ef")]

    def give(image, error) -> None:
        while more:
            reader.read(more.pop(0))

    reader.failed.connect(give)
    recognizer.hold.clear()
    recognizer.answers["a"] = Cancelled("stopped")  # ends the lot
    reader.read(lot("ab"))
    qtbot.waitUntil(lambda: recognizer.seen == ["a"])
    if stopped:
        reader.cancel()
    recognizer.hold.set()
    qtbot.waitUntil(lambda: heard.idle == 1)
    assert [entry[1] for entry in heard.of("finished")] == list("cdef")
    assert recognizer.seen == list("acdef")
    qtbot.waitUntil(lambda: not reader.busy)
    assert heard.idle == 1


def test_closing_ends_a_batch(qapp, qtbot, recognizer):
    jobs = Jobs()
    engine = Engine(lambda: recognizer)
    reader = Reader(jobs, engine, 0.0)
    recognizer.hold.clear()
    reader.read(lot("abc"))
    qtbot.waitUntil(lambda: recognizer.seen == ["a"])
    threading.Timer(0.05, recognizer.hold.set).start()
    jobs.close(engine.close)
    assert recognizer.ended == 1
    assert recognizer.closed
