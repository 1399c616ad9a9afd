from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scipix.cli.bench import table
from tests.cli.conftest import Terminal


def test_a_table_or_json(terminal: Terminal, draw: Callable[..., Path]) -> None:
    path = draw("a.png")
    terminal.rows = [{"stage": "load", "p50_ms": 12.345, "runs": 3}, {"stage": "decode", "p50_ms": None, "runs": 10}]
    assert terminal.run("bench", path) == 0
    assert terminal.results.splitlines() == ["stage   p50_ms  runs", "load      12.3     3", "decode       -    10"]
    assert terminal.run("bench", path, "--json") == 0
    assert terminal.objects == terminal.rows


def test_what_is_measured(terminal: Terminal, draw: Callable[..., Path]) -> None:
    assert terminal.run("bench", draw("a.png"), draw("b.png"), "--repeat", "7", "--provider", "cpu") == 0
    request = terminal.calls[0][1]
    assert (request.paths, request.provider, request.repeat) == (terminal.paths, "cpu", 7)
    assert [Path(image.name).name for image in request.images] == ["a.png", "b.png"]
    assert request.sample is not None
    assert request.sample.name == "a.png"


def test_transformers_is_compared_when_it_is_asked_for(terminal: Terminal, draw: Callable[..., Path]) -> None:
    path = draw("a.png")
    assert terminal.run("bench", path) == terminal.run("bench", path, "--transformers") == 0
    assert [call[1].peer for call in terminal.calls] == [False, True]


def test_the_samples_that_ship_by_default(terminal: Terminal) -> None:
    assert terminal.run("bench") == 3
    assert "samples" in terminal.messages


def test_a_picture_that_cannot_be_read_stops_it(terminal: Terminal) -> None:
    assert terminal.run("bench", "none.png") == 3
    assert terminal.calls == []


def test_repeating_less_than_once_is_wrong(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        terminal.run("bench", "--repeat", "0")
    assert "1 or more" in capsys.readouterr().err


def test_small_numbers_have_more_decimals() -> None:
    cells = [line.strip() for line in table([{"ms": value} for value in (1234.56, 9.994, 0.5, 0.01234, 0.0, 7)])]
    assert cells == ["ms", "1234.6", "9.99", "0.500", "0.0123", "0", "7"]


def test_no_rows_no_table() -> None:
    assert list(table([])) == []


def test_calibrating_needs_no_pictures(terminal: Terminal) -> None:
    terminal.rows = [{"graph": "encoder", "ms": 1.25, "chosen": "yes"}]
    assert terminal.run("bench", "--calibrate", "--json") == 0
    assert terminal.objects == terminal.rows
    request = terminal.calls[0][1]
    assert (request.calibrate, request.images) == (True, ())
