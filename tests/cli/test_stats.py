from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from scipix.inference.ledger import Ledger
from tests.cli.conftest import Terminal


def leave_session(terminal: Terminal, program: str, *times: float) -> None:
    ledger = Ledger(terminal.paths.latency_folder, program)
    for time in times:
        ledger.latency.record("decode", time)
        ledger.latency.count("readings")
    ledger.write()


@pytest.fixture
def used(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Two sessions; two processes never have the same id and time."""
    leave_session(terminal, "app", 10.0, 20.0)
    monkeypatch.setattr("scipix.inference.ledger.os.getpid", lambda: 2**31)
    leave_session(terminal, "recognize", 40.0)
    return terminal


def test_nothing_read_yet(terminal: Terminal) -> None:
    assert terminal.run("stats") == 0
    assert terminal.results == ""
    assert "no figures" in terminal.messages


def test_the_latest_session_in_words(used: Terminal) -> None:
    assert used.run("stats") == 0
    lines = used.results.splitlines()
    assert lines[0].startswith("recognize, from ")
    assert lines[-2].split() == ["stage", "count", "last", "mean", "p50", "p95", "p99", "p99.9", "max"]
    assert lines[-1].split() == ["decode", "1", *["40.0"] * 7]


def test_all_sessions_as_json(used: Terminal) -> None:
    assert used.run("stats", "--all", "--json") == 0
    (told,) = used.objects
    assert (told["program"], told["readings"]) == ("app, recognize", 3)
    assert told["stages_ms"][0]["count"] == 3


def test_csv(used: Terminal) -> None:
    assert used.run("stats", "--csv") == 0
    (row,) = csv.DictReader(used.results.splitlines())
    assert (row["stage"], float(row["p99.9"])) == ("decode", 40.0)


def test_prometheus_to_a_file_or_to_standard_output(used: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "scipix.prom"
    assert used.run("stats", "--prometheus", path) == 0
    assert used.results == ""
    assert used.run("stats", "--prometheus", "-") == 0
    assert used.results == path.read_text()
    assert 'scipix_stage_seconds_count{stage="decode"} 1' in used.results


def test_a_file_that_cannot_be_written_is_wrong_usage(used: Terminal, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert used.run("stats", "--prometheus", tmp_path / "file" / "x") == 2
    assert "cannot write" in used.messages


@pytest.mark.parametrize("arguments", [("--json", "--csv"), ("--serve", "70000"), ("--serve", "x")])
def test_wrong_arguments(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as stopped:
        terminal.run("stats", *arguments)
    assert stopped.value.code == 2


def test_recognize_records_how_long_opening_took(terminal: Terminal, draw) -> None:
    assert terminal.run("recognize", draw("a.png"), draw("b.png"), "--json") == 0
    assert terminal.latency.histograms()["image"].count == 2
    assert json.loads(terminal.results.splitlines()[0])["ok"]
