"""XGrabKey on a real X server, pressed by xdotool."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from scipix.errors import CaptureError, HotkeyTaken, UsageError
from scipix.gui.hotkeys.choose import make_hotkeys
from tests.gui.xvfb import Display, virtual_display

x11 = pytest.importorskip("scipix.gui.hotkeys.x11")


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    with virtual_display("640x480") as found:
        yield found


@pytest.fixture
def hotkeys(display: Display, qapp: QApplication) -> Iterator:
    made = x11.X11Hotkeys(display.name)
    yield made
    made.close()


def test_press_activates_by_name(display: Display, hotkeys, qtbot: QtBot) -> None:
    hotkeys.register("Ctrl+Alt+M")
    hotkeys.register("Ctrl+Alt+T", "text")
    with qtbot.waitSignal(hotkeys.activated) as first:
        display.xdotool("key", "ctrl+alt+m")
    with qtbot.waitSignal(hotkeys.activated) as second:
        display.xdotool("key", "ctrl+alt+t")
    assert (first.args, second.args) == (["snip"], ["text"])


@pytest.mark.parametrize("lock", ["Num_Lock", "Caps_Lock"])
def test_press_counts_with_a_lock_on(display: Display, hotkeys, qtbot: QtBot, lock: str) -> None:
    hotkeys.register("Ctrl+Alt+M")
    display.xdotool("key", lock)
    try:
        with qtbot.waitSignal(hotkeys.activated):
            display.xdotool("key", "ctrl+alt+m")
    finally:
        display.xdotool("key", lock)


def test_other_keys_are_not_heard(display: Display, hotkeys, qtbot: QtBot) -> None:
    hotkeys.register("Ctrl+Alt+M")
    spy = QSignalSpy(hotkeys.activated)
    display.xdotool("key", "m", "key", "ctrl+m", "key", "ctrl+alt+shift+m", "key", "ctrl+alt+n")
    with qtbot.waitSignal(hotkeys.activated):
        display.xdotool("key", "ctrl+alt+m")
    assert spy.count() == 1


def test_held_key_activates_once(display: Display, hotkeys, qtbot: QtBot) -> None:
    hotkeys.register("Ctrl+Alt+M")
    hotkeys.register("Ctrl+Alt+T", "text")
    spy = QSignalSpy(hotkeys.activated)
    # The server repeats after 660 ms, 25 times a second.
    display.xdotool("keydown", "ctrl", "keydown", "alt", "keydown", "m", "sleep", "1.0", "keyup", "m")
    with qtbot.waitSignal(hotkeys.activated, check_params_cb=lambda name: name == "text"):
        display.xdotool("key", "t", "keyup", "alt", "keyup", "ctrl")
    assert [spy.at(i)[0] for i in range(spy.count())] == ["snip", "text"]


@pytest.mark.skipif(not shutil.which("setxkbmap"), reason="setxkbmap is not installed")
def test_letter_is_followed_when_the_keyboard_layout_changes(display: Display, hotkeys, qtbot: QtBot) -> None:
    hotkeys.register("Ctrl+Alt+A")
    try:
        # On the French keyboard A lies where Q was.
        subprocess.run(["setxkbmap", "fr"], env=display.env(), check=True)
        for name in ("one", "two"):
            # The first answer of the server brings the news, after the second they have been acted upon.
            hotkeys.register("Ctrl+Alt+F9", name)
            hotkeys.unregister(name)
        with qtbot.waitSignal(hotkeys.activated):
            display.xdotool("key", "ctrl+alt+a")
    finally:
        subprocess.run(["setxkbmap", "us"], env=display.env(), check=True)


def test_combination_of_another_program_is_taken(display: Display, hotkeys, qtbot: QtBot) -> None:
    hotkeys.register("Ctrl+Alt+M")
    second = x11.X11Hotkeys(display.name)
    try:
        second.register("Ctrl+Alt+K")
        with pytest.raises(HotkeyTaken, match=r"Ctrl\+Alt\+M"):
            second.register("Ctrl+Alt+M")
        # The one that worked is kept.
        with qtbot.waitSignal(second.activated):
            display.xdotool("key", "ctrl+alt+k")
        hotkeys.unregister()
        second.register("Ctrl+Alt+M")
        with qtbot.waitSignal(second.activated):
            display.xdotool("key", "ctrl+alt+m")
    finally:
        second.close()


def test_closing_gives_the_key_back(display: Display, qapp: QApplication) -> None:
    for _ in range(3):
        made = x11.X11Hotkeys(display.name)
        made.register("Ctrl+Alt+M")
        made.close()
        made.close()
        with pytest.raises(CaptureError):
            made.register("Ctrl+Alt+M")


def test_bad_requests_are_refused(hotkeys) -> None:
    with pytest.raises(UsageError):
        hotkeys.register("m")
    with pytest.raises(CaptureError, match="F24"):
        hotkeys.register("Ctrl+F24")
    hotkeys.unregister("never registered")


def test_display_that_is_not_there(qapp: QApplication) -> None:
    with pytest.raises(CaptureError):
        x11.X11Hotkeys(":9999")


def test_chosen_backend_without_its_display_explains(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    from scipix.gui.capture.choose import Choice

    monkeypatch.setenv("DISPLAY", ":9999")
    made = make_hotkeys(Choice(("x11",), "test"))
    assert made.method == "none"
    assert "scipix snip" in made.hint
