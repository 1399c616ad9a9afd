"""Which command starts what."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Terminal


def test_no_command_opens_the_app(terminal: Terminal) -> None:
    assert terminal.run() == 0
    assert terminal.calls == [("app", [])]


def test_pictures_and_hidden_go_to_the_app(terminal: Terminal, draw: Callable[..., Path]) -> None:
    path = str(draw("a.png"))
    assert terminal.run(path) == 0
    assert terminal.run("--hidden") == 0
    assert terminal.run("--hidden", path, path) == 0
    assert [arguments for _, arguments in terminal.calls] == [[path], ["--hidden"], ["--hidden", path, path]]


def test_a_command_wins_over_a_file_of_its_name(
    terminal: Terminal, draw: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(draw("a.png").parent)
    Path("snip").write_bytes(Path("a.png").read_bytes())
    assert terminal.run("snip") == 0
    assert terminal.calls == [("snip", "")]


def test_snip(terminal: Terminal) -> None:
    assert terminal.run("snip") == 0
    assert terminal.run("snip", "--mode", "math") == 0
    assert terminal.calls == [("snip", ""), ("snip", "math")]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["stats", "--serve", "http"], "must be a whole number, not 'http'"),
        (["stats", "--serve", "65536"], "must be 0 to 65535"),
        (["bench", "--repeat", "1.5"], "must be a whole number, not '1.5'"),
        (["bench", "--repeat", "0"], "must be 1 or more"),
    ],
)
def test_wrong_numbers_are_refused_in_words(
    terminal: Terminal, arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        terminal.run(*arguments)
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert complaint in said
    assert said.startswith(f"usage: scipix {arguments[0]} ")


@pytest.mark.parametrize("name", ["convert", "history"])
def test_help_names_only_what_works(terminal: Terminal, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        terminal.run("--help")
    assert stopped.value.code == 0
    help_text = capsys.readouterr().out
    assert f"  {name} " not in help_text
    assert "  recognize" in help_text


@pytest.mark.parametrize("good", [True, False])
def test_what_was_mended_is_said_on_standard_error(terminal: Terminal, draw: Callable[..., Path], good: bool) -> None:
    terminal.notes = ("cuda is not used any more: the card is gone.",)
    terminal.run("recognize", draw("a.png") if good else "missing.png")
    assert terminal.messages.endswith("scipix: cuda is not used any more: the card is gone.\n")
    assert terminal.messages.count("cuda") == 1
    assert "cuda" not in terminal.results


def test_version(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        terminal.run("--version")
    assert capsys.readouterr().out.startswith("scipix 0.")


@pytest.mark.parametrize(
    "call", ["desktop_facts()", "paint_preview('x')", "start_app(['--hidden'])", "measure(SimpleNamespace(since=0.0))"]
)
def test_on_windows_onnxruntime_comes_before_qt(call: str, tmp_path: Path) -> None:
    """Otherwise its library cannot be loaded there."""
    assert _on_windows("sys.exit(7 if 'PySide6' not in sys.modules else 8)", f"program.{call}", tmp_path) == 7


def test_on_windows_the_app_starts_without_a_backend(tmp_path: Path) -> None:
    """It says what is wrong itself."""
    app = "sys.modules['scipix.gui.app'] = SimpleNamespace(main=lambda words: 9)\nsys.exit(program.start_app([]))"
    assert _on_windows("raise program.BackendUnavailable('no library')", app, tmp_path) == 9


def _on_windows(load: str, then: str, home: Path) -> int:
    """A process of its own, because here Qt may be loaded already. load: what becomes of onnxruntime."""
    program = (
        "import sys, contextlib, scipix.__main__ as program\n"
        "from types import SimpleNamespace\n"
        f"def load():\n    {load}\n"
        "program.sys.platform, program.load_onnxruntime = 'win32', load\n"
        f"{then}\n"
    )
    path = os.pathsep.join(sys.path)
    env = {**os.environ, "PYTHONPATH": path, "QT_QPA_PLATFORM": "offscreen", "HOME": str(home)}
    return subprocess.run([sys.executable, "-c", program], env=env, check=False, timeout=300).returncode


@pytest.mark.parametrize("words", [["gone.png"], ["--hidden", "folder/gone"]])
def test_a_file_for_the_app_that_is_not_there_is_not_taken_for_a_command(
    terminal: Terminal, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        terminal.run(*words)
    assert ended.value.code == 2
    assert f"no such file: {words[-1]}" in capsys.readouterr().err
