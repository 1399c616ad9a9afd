"""Results that are given again: in memory, and from a file that may be old, full, or damaged."""

from __future__ import annotations

import os
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from scipix.datatypes import Box, Kind, Reading, Symbol, Timings
from scipix.inference.result_file import FileLimits, ResultFile, delete
from scipix.inference.results import Question, Results


def question(number: int = 0, model: str = "m1", options: object = "plain") -> Question:
    return Question(bytes([number]) * 32, options, model)


def reading(latex: str = "x") -> Reading:
    return Reading(Kind.FORMULA, latex, 0.75, (Symbol("x", Box(1, 2, 3, 4), 0.5),), timings=Timings(1, 2, 3, 4, 5))


class Clock:
    def __init__(self) -> None:
        self.now = 1e9

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "results.sqlite3"


def write(path: Path, *numbers: int, model: str = "m1") -> None:
    results = Results(8, ResultFile(path))
    for number in numbers:
        results.put(question(number, model), reading(f"x{number}"))
    results.close()


def read(path: Path, number: int, model: str = "m1") -> str | None:
    results = Results(8, ResultFile(path))
    found = results.get(question(number, model))
    results.close()
    return None if found is None else found.latex


def test_a_result_comes_back_marked_and_without_times() -> None:
    results = Results(8)
    assert results.get(question()) is None
    results.put(question(), reading())
    assert results.get(question()) == replace(reading(), cached=True, timings=Timings())


def test_every_part_of_the_question_counts(path: Path) -> None:
    for results in (Results(8), Results(8, ResultFile(path))):
        results.put(question(), reading())
        assert results.get(question(1)) is None
        assert results.get(question(options="fancy")) is None
        assert results.get(question(model="m2")) is None


def test_the_one_used_longest_ago_gives_way() -> None:
    results = Results(2)
    for number in (0, 1):
        results.put(question(number), reading())
    results.get(question(0))
    results.put(question(2), reading())
    assert [results.get(question(number)) is not None for number in range(3)] == [True, False, True]


def test_what_is_put_again_counts_as_used() -> None:
    results = Results(2)
    for number in (0, 1, 0, 2):
        results.put(question(number), reading())
    assert [results.get(question(number)) is not None for number in range(3)] == [True, False, True]


def test_what_is_old_in_memory_is_asked_of_the_file(path: Path) -> None:
    clock = Clock()
    alone, filed = Results(8, ttl=100.0, clock=clock), Results(8, ResultFile(path, clock=clock), 100.0, clock)
    for results in (alone, filed):
        results.put(question(), reading())
        assert results.get(question()) is not None
    clock.now += 100.0
    assert alone.get(question()) is None
    assert filed.get(question()) is not None
    clock.now += 31 * 86400.0
    assert filed.get(question()) is None
    filed.put(question(), reading())
    clock.now -= 500.0  # set back
    assert filed.get(question()) is None


def test_a_size_of_zero_keeps_nothing(path: Path) -> None:
    results = Results(0, ResultFile(path))
    results.put(question(), reading())
    assert results.get(question()) is None
    assert not path.exists()


def test_the_file_outlives_the_process(path: Path) -> None:
    write(path, 1, 2)
    assert (read(path, 1), read(path, 2), read(path, 3)) == ("x1", "x2", None)
    found = Results(8, ResultFile(path)).get(question(1))
    assert found == replace(reading("x1"), cached=True, timings=Timings())


def test_another_model_empties_the_file(path: Path) -> None:
    write(path, 1)
    assert read(path, 1, "m2") is None
    assert read(path, 1, "m1") is None


def test_old_readings_are_made_anew(path: Path) -> None:
    clock = Clock()
    file = ResultFile(path, FileLimits(ttl=100.0), clock)
    file.put(b"k", "m1", reading())
    assert file.get(b"k") is not None
    clock.now += 100.0
    assert file.get(b"k") is None
    file.put(b"k", "m1", reading())
    clock.now -= 500.0  # set back
    assert file.get(b"k") is None


def test_the_file_stays_small_and_keeps_what_is_used(path: Path) -> None:
    file = ResultFile(path, FileLimits(size=20_000), Clock())
    for number in range(400):
        file.put(number.to_bytes(2), "m1", reading("x" * 50))
        assert file.get((0).to_bytes(2)) is not None
    kept = [number for number in range(400) if file.get(number.to_bytes(2)) is not None]
    file.close()
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT sum(size) FROM results").fetchone()[0] <= 20_000
    db.close()
    assert kept[0] == 0
    assert kept[-1] == 399
    assert 20 < len(kept) < 100


def test_one_that_is_larger_than_the_file_may_be(path: Path) -> None:
    file = ResultFile(path, FileLimits(size=10))
    file.put(b"k", "m1", reading())
    assert file.get(b"k") is None


@pytest.mark.parametrize(
    "damage", [b"not a database, but long enough to be taken for one " * 40, b"SQLite format 3\0" + b"\7" * 4080]
)
def test_a_corrupt_file_is_set_aside(path: Path, damage: bytes) -> None:
    write(path, 1)
    path.write_bytes(damage)
    results = Results(8, ResultFile(path))
    assert results.get(question(1)) is None
    results.put(question(2), reading("x2"))
    results.close()
    aside = path.with_name(path.name + ".corrupt")
    assert aside.read_bytes() == damage
    assert read(path, 2) == "x2"
    delete(path)
    assert list(path.parent.iterdir()) == []


def test_a_damaged_reading_is_dropped(path: Path) -> None:
    write(path, 1, 2)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE results SET reading = '{\"kind\": 3' WHERE key = ?", (question(1).digest(),))
    db.close()
    assert read(path, 1) is None
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM results").fetchone()[0] == 1
    db.close()
    assert read(path, 2) == "x2"


def test_a_file_that_cannot_be_made_hinders_nothing(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    results = Results(8, ResultFile(tmp_path / "cache" / "results.sqlite3"))
    results.put(question(), reading())
    found = results.get(question())
    assert found is not None
    results.forget()
    assert results.get(question()) is None


def test_forgetting_leaves_no_word_behind(path: Path) -> None:
    results = Results(8, ResultFile(path))
    results.put(question(1), reading(r"\mathrm{secret}"))
    assert any(b"secret" in file.read_bytes() for file in path.parent.iterdir())
    results.forget()
    assert results.get(question(1)) is None
    assert not any(b"secret" in file.read_bytes() for file in path.parent.iterdir())
    results.put(question(2), reading("y"))
    results.close()
    assert (read(path, 1), read(path, 2)) == (None, "y")


@pytest.mark.skipif(sys.platform == "win32", reason="no such permissions there")
def test_nobody_else_may_read_the_file(path: Path) -> None:
    old = os.umask(0)
    try:
        write(path, 1)
    finally:
        os.umask(old)
    assert path.stat().st_mode & 0o077 == 0
