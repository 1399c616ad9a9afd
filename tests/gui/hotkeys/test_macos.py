"""The macOS back end against a fake Carbon: its codes and its calls. Carbon itself cannot run here."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

import pytest
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication

from scipix.errors import CaptureError, HotkeyTaken
from scipix.gui.hotkeys import macos
from scipix.gui.hotkeys.parse import parse


class FakeCarbon:
    """Grants every key but `taken`; `press` calls the handler as Carbon does."""

    def __init__(self) -> None:
        self.held: dict[int, tuple[int, int]] = {}
        self.taken: set[int] = set()
        self.handler: Any = None
        self._next = 100
        self._pressed = macos.EventHotKeyId()

    def GetApplicationEventTarget(self) -> int:
        return 1

    def InstallEventHandler(self, target: int, handler: Any, count: int, kinds: Any, data: None, reference: Any) -> int:
        self.handler = handler
        reference._obj.value = 7
        return 0

    def RemoveEventHandler(self, reference: Any) -> int:
        self.handler = None
        return 0

    def RegisterEventHotKey(self, key: int, mask: int, hotkey: Any, target: int, flags: int, reference: Any) -> int:
        if key in self.taken:
            return -9878
        self._next += 1
        reference._obj.value = self._next
        self.held[self._next] = (key, hotkey.id)
        return 0

    def UnregisterEventHotKey(self, reference: Any) -> int:
        del self.held[reference.value]
        return 0

    def GetEventParameter(self, event: int, *rest: Any) -> int:
        ctypes.pointer(rest[-1]._obj)[0] = self._pressed
        return 0

    def press(self, key: int) -> None:
        number = next(number for held, number in self.held.values() if held == key)
        self._pressed = macos.EventHotKeyId(macos.four_chars("scpx"), number)
        assert self.handler(None, None, None) == 0


@pytest.mark.parametrize(
    ("text", "modifiers", "key"),
    [
        ("Ctrl+Alt+M", 0x1800, 46),
        ("Shift+Meta+5", 0x0300, 23),
        ("F1", 0, 122),
        ("Ctrl+F20", 0x1000, 90),
        ("Cmd+Space", 0x0100, 49),
        ("Cmd+A", 0x0100, 0),
    ],
)
def test_codes(text: str, modifiers: int, key: int) -> None:
    assert macos.modifiers(parse(text)) == modifiers
    assert macos.key_code(parse(text)) == key


def test_tables_have_every_letter_and_no_code_twice() -> None:
    codes = [macos.key_code(parse(f"Ctrl+{key}")) for key in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-=[];',./\\`"]
    codes += [macos.key_code(parse(f"F{number}")) for number in range(1, 21)]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("text", ["Print", "Ctrl+Insert", "F21"])
def test_keys_that_a_mac_has_not(text: str) -> None:
    with pytest.raises(CaptureError):
        macos.key_code(parse(text))


def test_os_types_are_big_endian() -> None:
    assert macos.four_chars("keyb") == 0x6B657962


def test_press_activates_and_close_gives_everything_back(qapp: QApplication) -> None:
    carbon = FakeCarbon()
    hotkeys = macos.MacHotkeys(carbon)
    spy = QSignalSpy(hotkeys.activated)
    hotkeys.register("Ctrl+Alt+M")
    hotkeys.register("Ctrl+Alt+T", "text")
    carbon.press(17)
    carbon.press(46)
    assert [spy.at(i)[0] for i in range(spy.count())] == ["text", "snip"]
    carbon.taken.add(40)
    with pytest.raises(HotkeyTaken, match=r"Ctrl\+Alt\+K"):
        hotkeys.register("Ctrl+Alt+K")
    assert len(carbon.held) == 2
    hotkeys.close()
    assert carbon.held == {}
    assert carbon.handler is None


@pytest.mark.skipif(sys.platform == "darwin", reason="there it can")
def test_other_systems_have_no_carbon(qapp: QApplication) -> None:
    with pytest.raises(CaptureError):
        macos.MacHotkeys()
