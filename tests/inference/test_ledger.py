"""The files that hold the latency of sessions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from scipix.inference import ledger
from scipix.inference.gpu_memory import GpuMemory
from scipix.inference.ledger import Ledger, sessions, together
from scipix.inference.memory import peak_bytes, resident_bytes


def used(folder: Path | None, *times: float, program: str = "app") -> Ledger:
    made = Ledger(folder, program)
    for time in times:
        made.latency.record("decode", time)
        made.latency.record("total", 2 * time)
        made.latency.count("readings")
        made.latency.count("tokens", 20)
    return made


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    made = used(tmp_path / "latency", 100.0, 300.0)
    made.write()
    (session,) = sessions(tmp_path / "latency")
    assert session.program == "app"
    assert session.started <= session.written
    assert session.counts["readings"] == 2
    assert session.stages["decode"].spread() == made.session().stages["decode"].spread()
    assert session.tokens_per_second == pytest.approx(100)
    assert session.readings_per_second == pytest.approx(2.5)
    assert 1_000_000 < session.memory <= session.memory_peak
    assert session.cpu_s > 0


def test_pictures_read_side_by_side_count_by_the_clock(tmp_path: Path) -> None:
    made = used(None, 100.0, 100.0)
    assert made.session().readings_per_second == pytest.approx(5.0)  # of a version that did not tell
    session = replace(made.session(), busy_s=0.25)
    assert session.readings_per_second == pytest.approx(8.0)
    assert ledger.from_json(json.loads(json.dumps(ledger.to_json(session)))).busy_s == 0.25
    assert together([session, session]).readings_per_second == pytest.approx(8.0)


def test_graphics_memory_is_kept(tmp_path: Path) -> None:
    gpu = GpuMemory(wanted=lambda: False)
    gpu.own_bytes = lambda pid=None: 5_000_000_000  # type: ignore[method-assign]
    made = Ledger(tmp_path, gpu=gpu)
    made.latency.record("total", 1.0)
    made.write()
    found = sessions(tmp_path)
    assert found[0].gpu_memory == together(found).gpu_memory == 5_000_000_000


def test_nothing_new_is_not_written(tmp_path: Path) -> None:
    made = Ledger(tmp_path)
    made.write()
    assert list(tmp_path.iterdir()) == []
    made.latency.record("total", 1.0)
    assert made.due
    made.write()
    (path,) = tmp_path.iterdir()
    path.unlink()
    made.write()
    assert not path.exists()


def test_not_due_again_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(ledger.time, "monotonic", lambda: now[0])
    made = used(tmp_path, 1.0)
    made.write()
    made.latency.record("total", 1.0)
    assert not made.due
    now[0] += ledger.EVERY_S
    assert made.due


def test_without_a_folder_nothing_is_due() -> None:
    made = used(None, 1.0)
    assert not made.due
    made.write()


def test_a_folder_that_cannot_be_written_costs_only_the_figures(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    used(tmp_path / "file" / "latency", 1.0).write()


def test_damaged_files_are_left_out(tmp_path: Path) -> None:
    used(tmp_path, 1.0).write()
    good = next(tmp_path.iterdir())
    data = json.loads(good.read_text())
    broken = ["", "{", "[]", "{}", "null", json.dumps({**data, "schema": 99}), json.dumps({**data, "stages": {"a": 1}})]
    broken += [json.dumps({**data, "memory": float("inf")}), 100_000 * "["]
    for number, text in enumerate(broken):
        (tmp_path / f"session-0-{number}.json").write_text(text)
    (tmp_path / "other.json").write_text("{}")
    assert len(sessions(tmp_path)) == 1
    assert sessions(tmp_path / "none") == sessions(tmp_path / "other.json") == []


def test_old_sessions_are_removed_and_nothing_else(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"session-{number:013}-1.json").write_text("{}")
    (tmp_path / "notes.json").write_text("{}")
    used(tmp_path, 1.0).write()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 41
    assert "notes.json" in names
    assert "session-0000000000010-1.json" not in names
    assert "session-0000000000011-1.json" in names


def test_together(tmp_path: Path) -> None:
    several = [used(None, 10.0, 20.0).session(), used(None, 30.0, program="recognize").session()]
    whole = together(several)
    assert whole.program == "app, recognize"
    assert whole.counts["readings"] == 3
    assert whole.stages["decode"].count == 3
    assert several[0].stages["decode"].count == 2
    with pytest.raises(ValueError, match="no sessions"):
        together([])


def test_memory_now_is_about_at_most_its_peak() -> None:
    assert 1_000_000 < resident_bytes() <= 1.1 * peak_bytes()  # Linux counts the peak with some delay


def test_notes_are_written_and_said_once(tmp_path: Path) -> None:
    made = used(tmp_path, 1.0)
    assert made.unsaid() == ()
    made.note("cuda is not used any more")
    assert made.due
    assert made.unsaid() == ("cuda is not used any more",)
    assert made.unsaid() == ()
    made.write()
    (session,) = sessions(tmp_path)
    assert session.notes == ("cuda is not used any more",)
    assert session.counts["fallbacks"] == 1
    assert together([session, session]).notes == session.notes * 2
    path = next(tmp_path.iterdir())
    older = {key: value for key, value in json.loads(path.read_text()).items() if key != "notes"}
    assert ledger.from_json(older).notes == ()
