"""One instance for each user, tried with real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from scipix.errors import FolderUnusable
from scipix.gui.hand_over import send
from scipix.gui.instance import Instance
from scipix.gui.wish import Message, server_name

ROOT = Path(__file__).parents[2]

# The first process: claims, tells, writes down each message, ends on `quit`.
APP = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from scipix.gui.instance import Instance
app = QCoreApplication([])
folder = Path(sys.argv[1])
instance = Instance(folder)
print("claimed" if instance.claim() else "second", flush=True)
def on(message):
    with open(folder / "log", "a") as log:
        log.write(message.to_line().decode())
    if message.command == "quit":
        instance.close()
        app.quit()
instance.received.connect(on)
sys.exit(app.exec())
"""


def command(folder: Path) -> list[str]:
    return [sys.executable, "-c", APP, str(folder)]


def env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "desktop"), "QT_QPA_PLATFORM": "offscreen"}


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(command(folder), env=env(), stdout=subprocess.PIPE, text=True)


def first_line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    child = start(tmp_path)
    assert first_line(child) == "claimed"
    yield child
    child.kill()
    child.communicate()


def test_messages_reach_the_first_process(app: subprocess.Popen[str], tmp_path: Path) -> None:
    wishes = [Message("snip", "math"), Message(), Message("open", paths=("/a b/ü.png", "/c.pdf")), Message("quit")]
    for wish in wishes:
        assert send(wish, tmp_path)
    assert app.wait(timeout=60) == 0
    lines = (tmp_path / "log").read_bytes().splitlines(keepends=True)
    assert [Message.from_line(line) for line in lines] == wishes
    assert json.loads(lines[0]) == {"command": "snip", "mode": "math"}


def test_second_process_finds_the_first(app: subprocess.Popen[str], tmp_path: Path, qapp: QApplication) -> None:
    assert not Instance(tmp_path).claim()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, qapp: QApplication) -> None:
    """Not taken for an app that runs already."""
    with pytest.raises(FolderUnusable, match=r"instance\.lock"):
        Instance(tmp_path / "none").claim()


def test_crash_leaves_nothing_in_the_way(app: subprocess.Popen[str], tmp_path: Path, qapp: QApplication) -> None:
    app.kill()
    app.wait()
    if sys.platform != "win32":
        assert Path(server_name(tmp_path)).exists()
    assert not send(Message(), tmp_path, timeout=0.0)
    instance = Instance(tmp_path)
    assert instance.claim()
    instance.close()


def test_nobody_answers_where_nobody_is(tmp_path: Path) -> None:
    assert not send(Message("snip"), tmp_path, timeout=0.0)


def test_same_process_receives_and_survives_garbage(tmp_path: Path, qtbot: QtBot) -> None:
    folder = tmp_path / ("deep" * 30)
    folder.mkdir()
    instance = Instance(folder)
    assert instance.claim()
    hostile = "import sys; from pathlib import Path; from PySide6.QtNetwork import QLocalSocket\n" + (
        "from scipix.gui.hand_over import send; from scipix.gui.wish import Message, server_name\n"
        "for line in (b'\\n', b'{}\\n', b'[1]\\n', b'\\xff\\xfe\\n', b'{\"command\": \"rm\"}\\n',"
        ' b\'{"command": "open", "paths": [1]}\\n\'):\n'
        "    s = QLocalSocket(); s.connectToServer(server_name(Path(sys.argv[1]))); assert s.waitForConnected(5000)\n"
        "    s.write(line); s.waitForReadyRead(5000); assert s.readAll().data().startswith(b'error'), line\n"
        "assert send(Message('snip'), Path(sys.argv[1]))\n"
    )
    with qtbot.waitSignal(instance.received, timeout=60_000) as got:
        child = subprocess.Popen([sys.executable, "-c", hostile, str(folder)], env=env())
    assert got.args == [Message("snip")]
    qtbot.waitUntil(lambda: child.poll() is not None, timeout=60_000)
    assert child.returncode == 0
    instance.close()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no mode")
def test_socket_is_for_the_user_alone(tmp_path: Path, qapp: QApplication) -> None:
    instance = Instance(tmp_path)
    assert instance.claim()
    assert Path(server_name(tmp_path)).stat().st_mode & 0o077 == 0
    instance.close()
