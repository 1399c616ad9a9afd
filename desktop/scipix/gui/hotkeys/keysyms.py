"""Names of keys in X11 and in the XDG shortcuts format (both are xkbcommon keysym names). Pure."""

from __future__ import annotations

from scipix.gui.hotkeys.parse import Accelerator

_KEYSYMS = {
    "Space": "space",
    "Backspace": "BackSpace",
    "PageUp": "Prior",
    "PageDown": "Next",
    "+": "plus",
    "-": "minus",
    "=": "equal",
    ",": "comma",
    ".": "period",
    "/": "slash",
    ";": "semicolon",
    "'": "apostrophe",
    "[": "bracketleft",
    "]": "bracketright",
    "\\": "backslash",
    "`": "grave",
}


def keysym(accelerator: Accelerator) -> str:
    """The name of the key: "m", "F5", "Print", "space"."""
    key = accelerator.key
    return key.lower() if len(key) == 1 and key.isalnum() else _KEYSYMS.get(key, key)


def trigger(accelerator: Accelerator) -> str:
    """The combination in the XDG shortcuts format, e.g. "CTRL+ALT+m", as the GlobalShortcuts portal wants it."""
    names = (("ctrl", "CTRL"), ("alt", "ALT"), ("shift", "SHIFT"), ("meta", "LOGO"))
    return "+".join([*(name for field, name in names if getattr(accelerator, field)), keysym(accelerator)])
