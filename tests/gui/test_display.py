"""Displays that answer, and those that do not."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scipix.gui import display
from scipix.gui.display import unreachable

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays of Linux")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Path]:
    with socket.socket(socket.AF_UNIX) as listening:
        path = tmp_path / "wayland-7"
        listening.bind(str(path))
        listening.listen()
        yield path


def test_without_a_display() -> None:
    assert unreachable({}) == "there is no display to open a window on"
    assert unreachable({"DISPLAY": ""}) != ""


@pytest.mark.parametrize("name", [":7777", "unix:7777.0", "localhost:7777", ":99999999"])
def test_a_display_that_is_gone(name: str) -> None:
    assert unreachable({"DISPLAY": name}) == f"the display {name} does not answer"
    assert "wayland-0 or" in unreachable({"DISPLAY": name, "WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": "/none"})


def test_wayland_answers(server: Path) -> None:
    assert unreachable({"WAYLAND_DISPLAY": str(server)}) == ""
    assert unreachable({"WAYLAND_DISPLAY": server.name, "XDG_RUNTIME_DIR": str(server.parent)}) == ""
    assert unreachable({"WAYLAND_DISPLAY": "wayland-8", "XDG_RUNTIME_DIR": str(server.parent)}) != ""
    assert unreachable({"WAYLAND_DISPLAY": str(server), "DISPLAY": ":7777"}) == ""


def test_x11_answers(server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "_X11_SOCKETS", str(server)[:-1])
    assert unreachable({"DISPLAY": ":7"}) == ""
    assert unreachable({"DISPLAY": ":7.0"}) == ""
    assert unreachable({"DISPLAY": ":8"}) != ""


def test_x11_answers_on_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("localhost", 0)) as listening:
        monkeypatch.setattr(display, "_X11_PORT", listening.getsockname()[1] - 10)
        assert unreachable({"DISPLAY": "localhost:10.0"}) == ""


def test_displays_of_others_are_not_asked() -> None:
    assert unreachable({"DISPLAY": "somewhere.invalid:0"}) == ""
    assert unreachable({"DISPLAY": "/private/tmp/launchd/org.xquartz"}) == ""
