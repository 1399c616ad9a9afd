"""Asking the app that runs, and starting it; with real processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from scipix.errors import UsageError
from scipix.gui.hand_over import answers, app_command, ask, reach, send, start_detached
from scipix.gui.wish import Message, server_name

ROOT = Path(__file__).parents[2]
# An app that listens, and answers all that it is asked until it is asked to quit.
APP = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from scipix.gui.instance import Instance
app = QCoreApplication([])
instance = Instance(Path(sys.argv[1]))
assert instance.claim()
def on(message):
    if message.command == "quit":
        instance.close()
        app.quit()
instance.received.connect(on)
sys.exit(app.exec())
"""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the socket of these tests has a path")


@pytest.fixture
def answer(tmp_path: Path) -> Iterator[list[bytes]]:
    """A program that answers with these bytes, one after the other, and hangs up; with none it never answers."""
    parts: list[bytes] = []
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(server_name(tmp_path))
    listening.listen()
    over = threading.Event()

    def serve() -> None:
        connected, _ = listening.accept()
        with connected:
            connected.recv(4096)
            for part in parts:
                connected.sendall(part)
                over.wait(0.02)
            if not parts:
                over.wait(60)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield parts
    over.set()
    listening.close()


def test_an_answer_may_come_in_pieces(answer: list[bytes], tmp_path: Path) -> None:
    answer += [b"o", b"k", b"\n"]
    assert send(Message("snip"), tmp_path)


def test_a_refusal_is_told(answer: list[bytes], tmp_path: Path) -> None:
    answer += [b"error the message is not JSON\n"]
    with pytest.raises(UsageError, match="not JSON"):
        send(Message("snip"), tmp_path)


def test_half_an_answer_is_none(answer: list[bytes], tmp_path: Path) -> None:
    answer += [b"ok"]
    assert not send(Message("snip"), tmp_path)


def test_nobody_waits_for_ever(answer: list[bytes], tmp_path: Path) -> None:
    line = reach(tmp_path)
    assert line is not None
    assert not ask(line, Message("snip"), timeout=0.1)


def test_the_app_is_started_and_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "desktop"))
    assert reach(tmp_path) is None
    started = start_detached([sys.executable, "-c", APP, str(tmp_path)])
    try:
        assert answers(tmp_path, started, timeout=60)
    finally:
        assert send(Message("quit"), tmp_path, timeout=60)


@pytest.mark.parametrize(("code", "well"), [(0, True), (3, False)])
def test_an_app_that_ends_is_not_waited_for(tmp_path: Path, code: int, well: bool) -> None:
    """Well: another one came first, and was handed the wish."""
    started = start_detached([sys.executable, "-c", f"raise SystemExit({code})"])
    assert answers(tmp_path, started, timeout=60) is well


FORK = """
import os, sys, time
from pathlib import Path
from scipix.gui.hand_over import fork_detached
started = fork_detached()
if started is None:
    print("nobody sees this")
    Path(sys.argv[1]).write_text(f"{os.getsid(0) == os.getpid()} {os.read(0, 1)}")
    sys.exit(7)
while (code := started.poll()) is None:
    time.sleep(0.01)
print(code, started.poll())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere the app is started anew")
def test_the_copy_of_the_process_has_a_session_of_its_own_and_no_terminal(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "desktop")}
    command = [sys.executable, "-c", FORK, str(tmp_path / "seen")]
    done = subprocess.run(command, env=env, input="typed", capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "7 7\n"
    assert (tmp_path / "seen").read_text() == "True b''"


def test_app_is_this_python_unless_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert app_command() == [sys.executable, "-m", "scipix"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert app_command() == [sys.executable]
