from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QRectF

from scipix.gui.theme import load_theme
from scipix.gui.widgets.latency_dock import LatencyDock
from scipix.gui.widgets.latency_table import NAMES, path, words
from scipix.inference.latency import STAGES
from scipix.inference.ledger import Ledger

RESOURCES = Path(__file__).parents[3] / "resources"


@pytest.fixture
def dock(qtbot) -> LatencyDock:
    dock = LatencyDock(load_theme(RESOURCES, "light"), Ledger())
    qtbot.addWidget(dock)
    return dock


def read(dock: LatencyDock, milliseconds: float) -> None:
    latency = dock._ledger.latency
    latency.record("decode", milliseconds)
    latency.record("total", 2 * milliseconds)
    latency.count("readings")
    latency.count("cache_misses")
    latency.count("tokens", 30)


def row(dock: LatencyDock, stage: str) -> list[str]:
    return [dock.table.text(STAGES.index(stage), column) for column in range(8)]


def test_every_stage_has_a_name():
    assert list(NAMES) == list(STAGES)


def test_it_is_empty_before_anything_was_read(dock):
    dock.show()
    assert row(dock, "decode") == ["Decode", "", "–", "–", "–", "–", "–", "–"]
    assert dock.tile("Read") == "0"
    assert dock.tile("Memory").endswith(" MB")


def test_it_follows_what_is_read(dock):
    dock.show()
    read(dock, 20.0)
    read(dock, 40.0)
    dock.refresh()
    name, _, last, p50, *others, count = row(dock, "decode")
    assert (name, last, others, count) == ("Decode", "40.0 ms", ["40.0 ms"] * 3, "2")
    assert p50 in ("19.9 ms", "20.1 ms", "20.2 ms")
    assert (dock.tile("Read"), dock.tile("Known already")) == ("2", "0 of 2")
    assert dock.tile("Decoding") == "1000 tokens/s"
    assert dock.tile("While reading") == "16.7 /s"


def test_the_processor_is_told_once_there_is_a_share(dock, monkeypatch):
    begun, used = dock._ledger.began
    clock = SimpleNamespace(monotonic=lambda: begun + 0.1, process_time=lambda: used + 0.1)
    monkeypatch.setattr("scipix.gui.widgets.latency_dock.time", clock)
    tile = dock._cells["Processor"]
    dock.show()
    assert tile.isHidden()  # it began just now
    for seconds, busy, share in ((1.0, 0.5, "50 %"), (1.1, 0.6, "50 %"), (2.0, 2.0, "150 %")):
        clock.monotonic, clock.process_time = lambda at=begun + seconds: at, lambda at=used + busy: at
        dock.refresh()
        assert dock.tile("Processor") == share
        assert not tile.isHidden()


def test_shown_later_it_tells_the_share_at_once(dock, monkeypatch):
    begun, used = dock._ledger.began
    clock = SimpleNamespace(monotonic=lambda: begun + 60.0, process_time=lambda: used + 6.0)
    monkeypatch.setattr("scipix.gui.widgets.latency_dock.time", clock)
    dock.show()
    assert dock.tile("Processor") == "10 %"


def test_graphics_memory_is_shown_where_there_is_some(dock, monkeypatch):
    dock.show()
    tile = dock._cells["Graphics memory"]
    assert tile.isHidden()
    monkeypatch.setattr(dock._ledger.gpu, "own_bytes", lambda: 1_240_000_000)
    dock.refresh()
    assert not tile.isHidden()
    assert dock.tile("Graphics memory") == "1240 MB"


def test_it_asks_only_while_it_is_shown(dock, qtbot):
    assert not dock._timer.isActive()
    dock.show()
    assert dock._timer.isActive()
    dock.hide()
    assert not dock._timer.isActive()


def test_what_did_not_change_is_not_painted(dock):
    read(dock, 5.0)
    dock.show()
    changed = []
    dock.table.model().dataChanged.connect(lambda first, last: changed.append(first.row()))
    dock.refresh()
    assert changed == []
    dock._ledger.latency.record("queue", 1.0)
    dock.refresh()
    assert changed == [0]


def test_the_line_paints(dock):
    dock.resize(900, 260)
    for time in (10.0, 30.0, 20.0):
        read(dock, time)
    dock.show()
    accent = dock.table._lines.theme.color("accent").rgb()
    picture = dock.grab().toImage()
    blue = sum(picture.pixel(x, y) == accent for x in range(0, 900) for y in range(0, 260))
    assert blue > 20
    dock.set_theme(load_theme(RESOURCES, "dark"))
    assert dock.table._lines.theme.dark


def test_closing_is_told(dock, qtbot):
    dock.show()
    with qtbot.waitSignal(dock.closed):
        dock.close()


@pytest.mark.parametrize("times", [(5.0,), (0.0, 0.0), tuple(float(i) for i in range(48))])
def test_a_line_stays_in_its_cell(times):
    area = QRectF(10, 5, 200, 14)
    line = path(times, area)
    assert line.currentPosition().x() == pytest.approx(210)
    drawn = line.boundingRect()
    assert 9.99 <= drawn.left() <= drawn.right() <= 210.01
    assert 4.99 <= drawn.top() <= drawn.bottom() <= 19.01


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0.25, "0.25 ms"),
        (9.996, "10.0 ms"),
        (12.34, "12.3 ms"),
        (99.96, "100 ms"),
        (999.4, "999 ms"),
        (999.6, "1 s"),
        (1240, "1.24 s"),
        (2_000_000, "2000 s"),
    ],
)
def test_words(milliseconds, text):
    assert words(milliseconds) == text
