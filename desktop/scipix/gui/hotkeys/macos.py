"""Hotkeys on macOS through Carbon's RegisterEventHotKey. Written from CarbonEvents.h; NOT RUN on the project's
machines.

Carbon's hotkeys are old and still the only ones that need no Accessibility right: the program hears its own keys alone.
The handler is called in the main thread by the event loop that Qt runs.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

from PySide6.QtCore import QObject

from scipix.errors import CaptureError, HotkeyTaken
from scipix.gui.hotkeys.backend import HotkeyBackend
from scipix.gui.hotkeys.parse import Accelerator, parse

_CARBON = "/System/Library/Frameworks/Carbon.framework/Carbon"
_CMD, _SHIFT, _OPTION, _CONTROL = 0x0100, 0x0200, 0x0800, 0x1000
_EVENT_HOTKEY_EXISTS = -9878
_HOTKEY_PRESSED = 5

# Virtual key codes of the ANSI keyboard, HIToolbox/Events.h (kVK_*).
_LETTERS = dict(
    zip(
        "ASDFHGZXCVBQWERYTOUIPLJKNM",
        (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 31, 32, 34, 35, 37, 38, 40, 45, 46),
        strict=True,
    )
)
_DIGITS = dict(zip("1234567890", (18, 19, 20, 21, 23, 22, 26, 28, 25, 29), strict=True))
_FUNCTION = (122, 120, 99, 118, 96, 97, 98, 100, 101, 109, 103, 111, 105, 107, 113, 106, 64, 79, 80, 90)
_OTHER = {
    "=": 24,
    "+": 24,
    "-": 27,
    "]": 30,
    "[": 33,
    "Return": 36,
    "'": 39,
    ";": 41,
    "\\": 42,
    ",": 43,
    "/": 44,
    ".": 47,
    "Tab": 48,
    "Space": 49,
    "`": 50,
    "Backspace": 51,
    "Escape": 53,
    "Home": 115,
    "PageUp": 116,
    "Delete": 117,
    "End": 119,
    "PageDown": 121,
    "Left": 123,
    "Right": 124,
    "Down": 125,
    "Up": 126,
}


class EventTypeSpec(ctypes.Structure):
    """EventTypeSpec of CarbonEventsCore.h."""

    _fields_ = (("eventClass", ctypes.c_uint32), ("eventKind", ctypes.c_uint32))


class EventHotKeyId(ctypes.Structure):
    """EventHotKeyID of CarbonEvents.h."""

    _fields_ = (("signature", ctypes.c_uint32), ("id", ctypes.c_uint32))


_HANDLER = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


def four_chars(text: str) -> int:
    """An OSType such as 'keyb'."""
    return int.from_bytes(text.encode("ascii"), "big")


def key_code(accelerator: Accelerator) -> int:
    """The virtual key code. Raises CaptureError for keys that a Mac keyboard has not (Print, Insert, Pause, F21...)."""
    key = accelerator.key
    if key[0] == "F" and key[1:].isdigit() and int(key[1:]) <= len(_FUNCTION):
        return _FUNCTION[int(key[1:]) - 1]
    for table in (_LETTERS, _DIGITS, _OTHER):
        if key in table:
            return table[key]
    raise CaptureError(f"A Mac keyboard has no key {key}.")


def modifiers(accelerator: Accelerator) -> int:
    """Carbon's modifier mask; Meta is Command."""
    mask = _CMD if accelerator.meta else 0
    mask |= _SHIFT if accelerator.shift else 0
    mask |= _OPTION if accelerator.alt else 0
    mask |= _CONTROL if accelerator.ctrl else 0
    return mask


class MacHotkeys(HotkeyBackend):
    """`HotkeyBackend` for macOS."""

    method = "macos"

    def __init__(self, carbon: Any = None, parent: QObject | None = None) -> None:
        """carbon: the framework, loaded when None."""
        super().__init__(parent)
        self._carbon = carbon or _load_carbon()
        self._ids: dict[str, tuple[int, ctypes.c_void_p]] = {}
        self._next_id = 1
        self._handler_ref = ctypes.c_void_p()
        # Kept: Carbon calls it for as long as the handler is installed.
        self._callback = _HANDLER(self._on_event)
        self._install()

    def register(self, accelerator: str, name: str = "snip") -> None:
        """Raises HotkeyTaken, CaptureError, UsageError."""
        wanted = parse(accelerator)
        number, self._next_id = self._next_id, self._next_id + 1
        reference = ctypes.c_void_p()
        target = self._carbon.GetApplicationEventTarget()
        hotkey = EventHotKeyId(four_chars("scpx"), number)
        status = self._carbon.RegisterEventHotKey(
            key_code(wanted), modifiers(wanted), hotkey, target, 0, ctypes.byref(reference)
        )
        if status == _EVENT_HOTKEY_EXISTS:
            raise HotkeyTaken(f"Another program holds {wanted}. Choose another key combination.")
        if status:
            raise CaptureError(f"macOS refused the key combination {wanted} (status {status}).")
        self.unregister(name)
        self._ids[name] = (number, reference)
        self.bound.emit(name, str(wanted))

    def unregister(self, name: str = "snip") -> None:
        found = self._ids.pop(name, None)
        if found is not None:
            self._carbon.UnregisterEventHotKey(found[1])

    def close(self) -> None:
        for name in list(self._ids):
            self.unregister(name)
        if self._handler_ref:
            self._carbon.RemoveEventHandler(self._handler_ref)
            self._handler_ref = ctypes.c_void_p()

    def heard(self, number: int) -> None:
        """Emit `activated` for a hotkey id."""
        for name, (own, _) in self._ids.items():
            if own == number:
                self.activated.emit(name)

    def _install(self) -> None:
        kind = EventTypeSpec(four_chars("keyb"), _HOTKEY_PRESSED)
        target = self._carbon.GetApplicationEventTarget()
        status = self._carbon.InstallEventHandler(
            target, self._callback, 1, ctypes.byref(kind), None, ctypes.byref(self._handler_ref)
        )
        if status:
            raise CaptureError(f"macOS installed no handler for hotkeys (status {status}).")

    def _on_event(self, _next: int, event: int, _data: int) -> int:
        hotkey = EventHotKeyId()
        status = self._carbon.GetEventParameter(
            event, four_chars("----"), four_chars("hkid"), None, ctypes.sizeof(hotkey), None, ctypes.byref(hotkey)
        )
        if status == 0 and hotkey.signature == four_chars("scpx"):
            self.heard(int(hotkey.id))
        return int(status)


def _load_carbon() -> Any:
    if sys.platform != "darwin":
        raise CaptureError("Carbon exists on macOS only.")
    carbon = ctypes.CDLL(_CARBON)
    pointer, number, status = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int32
    carbon.GetApplicationEventTarget.argtypes = ()
    carbon.GetApplicationEventTarget.restype = pointer
    carbon.InstallEventHandler.argtypes = (pointer, _HANDLER, ctypes.c_ulong, pointer, pointer, pointer)
    carbon.InstallEventHandler.restype = status
    carbon.RemoveEventHandler.argtypes = (pointer,)
    carbon.RegisterEventHotKey.argtypes = (number, number, EventHotKeyId, pointer, number, pointer)
    carbon.RegisterEventHotKey.restype = status
    carbon.UnregisterEventHotKey.argtypes = (pointer,)
    carbon.GetEventParameter.argtypes = (pointer, number, number, pointer, ctypes.c_ulong, pointer, pointer)
    carbon.GetEventParameter.restype = status
    return carbon
