"""Which command starts what."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Terminal


def test_no_command_opens_the_app(terminal: Terminal) -> None:
    assert terminal.run() == 0
    assert terminal.calls == [("app", [])]


def test_snip(terminal: Terminal) -> None:
    assert terminal.run("snip") == 0
    assert terminal.run("snip", "--mode", "math") == 0
    assert terminal.calls == [("snip", ""), ("snip", "math")]


@pytest.mark.parametrize("name", ["convert", "models", "history", "stats"])
def test_help_names_only_what_works(terminal: Terminal, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        terminal.run("--help")
    assert stopped.value.code == 0
    help_text = capsys.readouterr().out
    assert f"  {name} " not in help_text
    assert "  recognize" in help_text


def test_version(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        terminal.run("--version")
    assert capsys.readouterr().out.startswith("scipix 0.")
