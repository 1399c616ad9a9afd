"""Hotkeys on Windows through RegisterHotKey. Written from the Win32 documentation; NOT RUN on the project's machines.

WM_HOTKEY comes to the message queue of the thread that registered; Qt's dispatcher hands it to native event filters.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray, QCoreApplication, QObject

from scipix.errors import CaptureError, HotkeyTaken
from scipix.gui.hotkeys.backend import HotkeyBackend
from scipix.gui.hotkeys.parse import Accelerator, parse

_WM_HOTKEY = 0x0312
_MOD_ALT, _MOD_CONTROL, _MOD_SHIFT, _MOD_WIN, _MOD_NOREPEAT = 0x1, 0x2, 0x4, 0x8, 0x4000
_ERROR_HOTKEY_ALREADY_REGISTERED = 1409
# Ids below 0xC000 are the application's own.
_FIRST_ID = 0x5C1

# Virtual-key codes, learn.microsoft.com/windows/win32/inputdev/virtual-key-codes. Signs: positions of the US layout.
_VIRTUAL_KEYS = {
    "Backspace": 0x08,
    "Tab": 0x09,
    "Return": 0x0D,
    "Pause": 0x13,
    "Escape": 0x1B,
    "Space": 0x20,
    "PageUp": 0x21,
    "PageDown": 0x22,
    "End": 0x23,
    "Home": 0x24,
    "Left": 0x25,
    "Up": 0x26,
    "Right": 0x27,
    "Down": 0x28,
    "Print": 0x2C,
    "Insert": 0x2D,
    "Delete": 0x2E,
    ";": 0xBA,
    "=": 0xBB,
    "+": 0xBB,
    ",": 0xBC,
    "-": 0xBD,
    ".": 0xBE,
    "/": 0xBF,
    "`": 0xC0,
    "[": 0xDB,
    "\\": 0xDC,
    "]": 0xDD,
    "'": 0xDE,
}


class Msg(ctypes.Structure):
    """MSG of winuser.h; spelled out, because ctypes.wintypes cannot be imported everywhere that tests run."""

    _fields_ = (
        ("hwnd", ctypes.c_void_p),
        ("message", ctypes.c_uint),
        ("wParam", ctypes.c_size_t),
        ("lParam", ctypes.c_ssize_t),
        ("time", ctypes.c_uint32),
        ("x", ctypes.c_int32),
        ("y", ctypes.c_int32),
    )


def virtual_key(accelerator: Accelerator) -> int:
    """The virtual-key code of the key."""
    key = accelerator.key
    if len(key) == 1 and key.isalnum():
        return ord(key)
    if key[0] == "F" and key[1:].isdigit():
        return 0x70 + int(key[1:]) - 1
    return _VIRTUAL_KEYS[key]


def modifiers(accelerator: Accelerator) -> int:
    """The fsModifiers of RegisterHotKey, without repeats."""
    mask = _MOD_NOREPEAT
    mask |= _MOD_CONTROL if accelerator.ctrl else 0
    mask |= _MOD_ALT if accelerator.alt else 0
    mask |= _MOD_SHIFT if accelerator.shift else 0
    mask |= _MOD_WIN if accelerator.meta else 0
    return mask


def hotkey_id(address: int) -> int | None:
    """The id of the hotkey that the MSG at this address reports, None for other messages."""
    message = Msg.from_address(address)
    return int(message.wParam) if message.message == _WM_HOTKEY else None


class _Filter(QAbstractNativeEventFilter):
    def __init__(self, owner: WindowsHotkeys) -> None:
        super().__init__()
        self._owner = owner

    def nativeEventFilter(self, event_type: QByteArray | bytes | bytearray | memoryview, message: int) -> object:
        if bytes(event_type).startswith(b"windows_") and int(message):  # pyright: ignore[reportArgumentType]
            found = hotkey_id(int(message))
            if found is not None and self._owner.heard(found):
                return True, 0
        return False, 0


class WindowsHotkeys(HotkeyBackend):
    """`HotkeyBackend` for Windows; works in the GUI thread, with no thread of its own."""

    method = "windows"

    def __init__(self, user32: Any = None, parent: QObject | None = None) -> None:
        """user32: the library, loaded when None."""
        super().__init__(parent)
        self._user32 = user32 or _load_user32()
        self._ids: dict[str, int] = {}
        self._next_id = _FIRST_ID
        self._filter = _Filter(self)
        application = QCoreApplication.instance()
        if application is not None:
            application.installNativeEventFilter(self._filter)

    def register(self, accelerator: str, name: str = "snip") -> None:
        """Raises HotkeyTaken, CaptureError, UsageError."""
        wanted = parse(accelerator)
        number, self._next_id = self._next_id, self._next_id + 1
        if not self._user32.RegisterHotKey(None, number, modifiers(wanted), virtual_key(wanted)):
            code = _last_error()
            if code == _ERROR_HOTKEY_ALREADY_REGISTERED:
                raise HotkeyTaken(f"Another program holds {wanted}. Choose another key combination.")
            raise CaptureError(f"Windows refused the key combination {wanted} (error {code}).")
        self.unregister(name)
        self._ids[name] = number
        self.bound.emit(name, str(wanted))

    def unregister(self, name: str = "snip") -> None:
        number = self._ids.pop(name, None)
        if number is not None:
            self._user32.UnregisterHotKey(None, number)

    def close(self) -> None:
        for name in list(self._ids):
            self.unregister(name)
        application = QCoreApplication.instance()
        if application is not None:
            application.removeNativeEventFilter(self._filter)

    def heard(self, number: int) -> bool:
        """Emit `activated` for a hotkey id; False when it is not ours."""
        for name, own in self._ids.items():
            if own == number:
                self.activated.emit(name)
                return True
        return False


def _load_user32() -> Any:
    if sys.platform != "win32":
        raise CaptureError("RegisterHotKey exists on Windows only.")
    user32 = ctypes.WinDLL("user32", use_last_error=True)
    user32.RegisterHotKey.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_uint, ctypes.c_uint)
    user32.RegisterHotKey.restype = ctypes.c_int
    user32.UnregisterHotKey.argtypes = (ctypes.c_void_p, ctypes.c_int)
    user32.UnregisterHotKey.restype = ctypes.c_int
    return user32


def _last_error() -> int:
    return ctypes.get_last_error() if sys.platform == "win32" else 0
