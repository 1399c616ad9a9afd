"""The Windows back end against a fake user32: its codes and its messages. RegisterHotKey itself cannot run here."""

from __future__ import annotations

import ctypes
import sys

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication

from scipix.errors import CaptureError, HotkeyTaken
from scipix.gui.hotkeys import windows
from scipix.gui.hotkeys.parse import parse


class FakeUser32:
    """Grants every combination but those in `taken`."""

    def __init__(self) -> None:
        self.held: dict[int, tuple[int, int]] = {}
        self.taken: set[tuple[int, int]] = set()

    def RegisterHotKey(self, window: None, number: int, modifiers: int, key: int) -> int:
        assert window is None
        if (modifiers, key) in self.taken:
            return 0
        self.held[number] = (modifiers, key)
        return 1

    def UnregisterHotKey(self, window: None, number: int) -> int:
        return int(self.held.pop(number, None) is not None)


@pytest.mark.parametrize(
    ("text", "modifiers", "key"),
    [
        ("Ctrl+Alt+M", 0x4003, 0x4D),
        ("Shift+Meta+5", 0x400C, 0x35),
        ("F1", 0x4000, 0x70),
        ("Ctrl+F24", 0x4002, 0x87),
        ("Print", 0x4000, 0x2C),
        ("Ctrl+,", 0x4002, 0xBC),
    ],
)
def test_codes(text: str, modifiers: int, key: int) -> None:
    assert windows.modifiers(parse(text)) == modifiers
    assert windows.virtual_key(parse(text)) == key


def message(number: int, kind: int = 0x0312) -> windows.Msg:
    found = windows.Msg()
    found.message, found.wParam = kind, number
    return found


def test_message_of_the_hotkey_activates(qapp: QApplication) -> None:
    user32 = FakeUser32()
    hotkeys = windows.WindowsHotkeys(user32)
    hotkeys.register("Ctrl+Alt+M")
    hotkeys.register("Ctrl+Alt+T", "text")
    spy = QSignalSpy(hotkeys.activated)
    native = windows._Filter(hotkeys)
    numbers = list(user32.held)
    for heard in (message(numbers[1]), message(numbers[0]), message(numbers[0], 0x0100), message(77)):
        native.nativeEventFilter(QByteArray(b"windows_dispatcher_MSG"), ctypes.addressof(heard))
    native.nativeEventFilter(QByteArray(b"xcb_generic_event_t"), ctypes.addressof(message(numbers[0])))
    assert [spy.at(i)[0] for i in range(spy.count())] == ["text", "snip"]
    hotkeys.close()
    assert user32.held == {}


def test_new_combination_replaces_the_old_and_a_refused_one_leaves_it(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    user32 = FakeUser32()
    hotkeys = windows.WindowsHotkeys(user32)
    hotkeys.register("Ctrl+Alt+M")
    hotkeys.register("Ctrl+Alt+K")
    assert list(user32.held.values()) == [(0x4003, 0x4B)]
    user32.taken.add((0x4003, 0x4D))
    monkeypatch.setattr(windows, "_last_error", lambda: 1409)
    with pytest.raises(HotkeyTaken, match=r"Ctrl\+Alt\+M"):
        hotkeys.register("Ctrl+Alt+M")
    assert list(user32.held.values()) == [(0x4003, 0x4B)]
    monkeypatch.setattr(windows, "_last_error", lambda: 5)
    with pytest.raises(CaptureError, match="error 5"):
        hotkeys.register("Ctrl+Alt+M")
    hotkeys.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there it can")
def test_other_systems_have_no_such_library(qapp: QApplication) -> None:
    with pytest.raises(CaptureError):
        windows.WindowsHotkeys()
