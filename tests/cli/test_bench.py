from __future__ import annotations

from scipix.cli.bench import table
from tests.cli.conftest import Terminal


def test_a_table_or_json(terminal: Terminal) -> None:
    terminal.rows = [{"stage": "load", "p50_ms": 12.345, "runs": 3}, {"stage": "decode", "p50_ms": None, "runs": 10}]
    assert terminal.run("bench") == 0
    assert terminal.results.splitlines() == ["stage   p50_ms  runs", "load      12.3     3", "decode       -    10"]
    assert terminal.run("bench", "--json") == 0
    assert terminal.objects == terminal.rows


def test_no_rows_no_table() -> None:
    assert list(table([])) == []
