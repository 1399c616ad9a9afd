import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from scipix.datatypes import Alternative, Box, Kind, Reading, Symbol, Timings
from scipix.errors import HistoryError
from scipix.history.recent import NewEntry, Recent

READING = Reading(
    Kind.FORMULA,
    r"\frac{a}{b}",
    0.75,
    symbols=(Symbol(r"\frac", Box(1.0, 2.0, 3.5, 4.0), 0.9), Symbol("{", None, 1.0, (Alternative("(", 0.1),), True)),
    alternatives=(Alternative(r"\frac{a}{6}", 0.2),),
    readable=True,
    model="math-v1",
    provider="CPUExecutionProvider",
    timings=Timings(1.0, 2.0, 3.0, 4.0, 10.0),
)


def entry(latex: str = r"\frac{a}{b}", created: float = 1.0) -> NewEntry:
    return NewEntry(created, Reading(Kind.FORMULA, latex, 0.5), b"picture", b"thumb")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "recent.sqlite"


def test_all_of_an_entry_survives_a_restart(path: Path):
    first = Recent(path)
    entry_id = first.add(NewEntry(123.5, READING, b"\x89PNG picture", b"\x89PNG thumb"))
    first.close()
    kept = Recent(path).get(entry_id)
    assert kept is not None
    assert kept.reading == READING
    assert (kept.created, kept.picture, kept.thumbnail) == (123.5, b"\x89PNG picture", b"\x89PNG thumb")
    assert kept.edited is None
    assert kept.latex == READING.latex


def test_an_entry_of_an_earlier_version_is_read(path: Path):
    recent = Recent(path)
    entry_id = recent.add(NewEntry(1.0, READING, b"picture", b"thumb"))
    recent.close()
    with closing(sqlite3.connect(path)) as db:
        (text,) = db.execute("SELECT reading FROM entries").fetchone()
        data = json.loads(text)
        for symbol in data["symbols"]:
            del symbol["others"], symbol["chosen"]
        db.execute("UPDATE entries SET reading = ?", (json.dumps(data),))
        db.commit()
    kept = Recent(path).get(entry_id)
    assert kept is not None
    assert [(symbol.others, symbol.chosen) for symbol in kept.reading.symbols] == [((), False)] * 2


def test_an_edit_is_kept_beside_the_reading(path: Path):
    recent = Recent(path)
    entry_id = recent.add(entry("a"))
    recent.update(entry_id, "b")
    kept = recent.get(entry_id)
    assert kept is not None
    assert (kept.edited, kept.latex, kept.reading.latex) == ("b", "b", "a")
    assert recent.list()[0].latex == "b"
    recent.update(entry_id, "a")
    kept = recent.get(entry_id)
    assert kept is not None
    assert kept.edited is None


def test_the_newest_come_first_and_text_can_be_searched(path: Path):
    recent = Recent(path)
    for latex in (r"\alpha", "x%y", r"\Beta"):
        recent.add(entry(latex))
    assert [row.latex for row in recent.list()] == [r"\Beta", "x%y", r"\alpha"]
    assert [row.latex for row in recent.list(containing="BETA")] == [r"\Beta"]
    assert [row.latex for row in recent.list(containing="%")] == ["x%y"]
    assert [row.latex for row in recent.list(limit=1)] == [r"\Beta"]


def test_the_limit_drops_the_oldest(path: Path):
    recent = Recent(path, limit=3)
    ids = [recent.add(entry(str(number))) for number in range(5)]
    assert [row.id for row in recent.list()] == ids[:1:-1]


def test_removed_and_cleared_entries_come_back_until_purged(path: Path):
    recent = Recent(path)
    one, two = recent.add(entry("1")), recent.add(entry("2"))
    recent.remove(one)
    assert [row.id for row in recent.list()] == [two]
    assert recent.get(one) is None
    recent.restore([one])
    assert recent.clear() == (one, two)
    assert recent.list() == []
    recent.restore([one, two])
    assert len(recent.list()) == 2
    recent.remove(one)
    recent.purge()
    recent.restore([one])
    assert [row.id for row in recent.list()] == [two]


def test_only_what_is_named_is_purged_and_nothing_that_is_not_removed(path: Path):
    recent = Recent(path)
    one, two, three = (recent.add(entry(name)) for name in "abc")
    recent.remove(one)
    recent.remove(two)
    recent.purge([one, three])
    recent.restore([one, two, three])
    assert [row.id for row in recent.list()] == [three, two]
    recent.close()


def test_what_was_removed_is_gone_from_the_file_after_a_restart(path: Path):
    recent = Recent(path)
    recent.add(NewEntry(1.0, Reading(Kind.FORMULA, "secretformula", 0.5), b"secretpicture", b""))
    recent.clear()
    recent.close()
    Recent(path).close()
    assert b"secret" not in path.read_bytes()


@pytest.mark.parametrize("damage", ["garbage", "middle"])
def test_a_corrupt_file_is_set_aside_and_a_fresh_one_started(path: Path, damage: str):
    recent = Recent(path)
    for number in range(50):
        recent.add(NewEntry(1.0, READING, bytes([number]) * 4000, b"thumb"))
    recent.close()
    data = bytearray(path.read_bytes())
    if damage == "garbage":
        data = bytearray(b"not a database at all " * 100)
    else:
        data[4096 : len(data) // 2] = os.urandom(len(data) // 2 - 4096)
    path.write_bytes(data)
    fresh = Recent(path)
    assert fresh.list() == []
    assert fresh.set_aside is not None
    assert fresh.set_aside.read_bytes() == data
    assert fresh.get(fresh.add(entry())) is not None


def test_a_file_of_a_newer_version_is_left_alone(path: Path):
    Recent(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(HistoryError, match="newer"):
        Recent(path)
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_a_history_error(tmp_path: Path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(HistoryError):
        Recent(tmp_path / "file" / "recent.sqlite")


def test_the_file_is_safe_by_construction(path: Path):
    recent = Recent(path)
    assert recent._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert recent._db.execute("PRAGMA synchronous").fetchone() == (2,)


@pytest.mark.skipif(os.name != "posix", reason="permissions")
def test_nobody_else_may_read_it(path: Path):
    recent = Recent(path)
    recent.add(NewEntry(1.0, READING, b"picture", b"small"))
    assert sorted(file.name for file in path.parent.iterdir()) == [
        f"{path.name}{tail}" for tail in ("", "-shm", "-wal")
    ]
    assert [file.stat().st_mode & 0o077 for file in path.parent.iterdir()] == [0, 0, 0]
    recent.close()


def test_threads_may_share_it(path: Path):
    recent = Recent(path, limit=0)
    threads = [threading.Thread(target=lambda: [recent.add(entry()) for _ in range(10)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(recent.list()) == 40


def test_two_processes_wait_for_each_other(path: Path):
    first, second = Recent(path), Recent(path)
    first.add(entry("1"))
    second.add(entry("2"))
    assert [row.latex for row in first.list()] == ["2", "1"]


def test_nothing_that_was_reported_saved_is_lost_by_kill_9(path: Path):
    keeper = Path(__file__).with_name("keeper.py")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    saved: dict[int, str] = {}
    chance = random.Random(7)
    for round_number in range(6):
        child = subprocess.Popen(
            [sys.executable, str(keeper), str(path), str(round_number)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert child.stdout is not None
        lines = [child.stdout.readline()]
        # From here it is saving all the time: any moment is as good as another.
        time.sleep(chance.uniform(0.0, 0.08))
        child.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        lines += child.communicate()[0].splitlines()
        for line in lines:
            entry_id, _, mark = line.strip().partition(" ")
            if mark:
                saved[int(entry_id)] = mark
        recent = Recent(path, limit=0)
        assert recent.set_aside is None
        for known, mark in saved.items():
            kept = recent.get(known)
            assert kept is not None
            assert kept.latex == mark
            assert kept.picture == kept.reading.latex.encode() * 500
        recent.close()
    assert len(saved) > 6
