"""Key combinations as text: "ctrl + alt+m" is "Ctrl+Alt+M".

Pure; each back end turns an `Accelerator` into its own codes.
"""

from __future__ import annotations

from dataclasses import dataclass

from scipix.errors import UsageError

_MODIFIERS = {
    "ctrl": "ctrl",
    "control": "ctrl",
    "strg": "ctrl",
    "alt": "alt",
    "option": "alt",
    "opt": "alt",
    "shift": "shift",
    "meta": "meta",
    "super": "meta",
    "win": "meta",
    "windows": "meta",
    "cmd": "meta",
    "command": "meta",
    "logo": "meta",
}
_NAMED = (
    "Space",
    "Tab",
    "Return",
    "Escape",
    "Backspace",
    "Insert",
    "Delete",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    "Left",
    "Right",
    "Up",
    "Down",
    "Print",
    "Pause",
)
_ALIASES = {
    "enter": "Return",
    "esc": "Escape",
    "ins": "Insert",
    "del": "Delete",
    "pgup": "PageUp",
    "pgdown": "PageDown",
    "prtsc": "Print",
    "printscreen": "Print",
    "plus": "+",
    "minus": "-",
    "comma": ",",
    "period": ".",
}
_SIGNS = "+-=,./;'[]\\`"
_LAST_FUNCTION_KEY = 24
# They have a meaning of their own in every program, so alone they would make the keyboard useless.
_SAFE_ALONE = {"Print", "Pause"}


@dataclass(frozen=True, slots=True)
class Accelerator:
    """A key with modifiers. key: "A".."Z", "0".."9", "F1".."F24", one of the named keys, or a sign."""

    key: str
    ctrl: bool = False
    alt: bool = False
    shift: bool = False
    meta: bool = False

    def __str__(self) -> str:
        held = [name.capitalize() for name in ("ctrl", "alt", "shift", "meta") if getattr(self, name)]
        return "+".join([*held, self.key])


def parse(text: str) -> Accelerator:
    """Read a combination, in any case, order and spelling of the modifiers.

    Raises UsageError when it names no key, several, or a key that would be lost to every other program without a
    modifier.
    """
    held: set[str] = set()
    key = ""
    for part in _parts(text):
        modifier = _MODIFIERS.get(part.lower())
        if modifier is not None:
            held.add(modifier)
        elif key:
            raise UsageError(f"{text} names two keys: {key} and {part}")
        else:
            key = _key(part, text)
    if not key:
        raise UsageError(f"{text or 'the key combination'} names no key")
    alone = not held & {"ctrl", "alt", "meta"}
    function_key = len(key) > 1 and key[0] == "F" and key[1:].isdigit()
    if alone and key not in _SAFE_ALONE and not function_key:
        raise UsageError(f"{text} needs Ctrl, Alt or Meta: alone the key would be lost to every other program")
    return Accelerator(key, "ctrl" in held, "alt" in held, "shift" in held, "meta" in held)


def _parts(text: str) -> list[str]:
    """The names between plus signs; a plus sign at the end is a key itself."""
    text = "".join(text.split())
    plus = text.endswith("++") or text == "+"
    names = (text[:-1].removesuffix("+") if plus else text).split("+")
    if plus:
        return [*(name for name in names if name), "+"]
    if not all(names):
        raise UsageError(f"{text or 'the key combination'} names no key")
    return names


def _key(part: str, text: str) -> str:
    folded = part.lower()
    if folded in _ALIASES:
        return _ALIASES[folded]
    if len(part) == 1 and (part in _SIGNS or (part.isascii() and part.isalnum())):
        return part.upper()
    if folded[0] == "f" and folded[1:].isdecimal() and 1 <= int(folded[1:]) <= _LAST_FUNCTION_KEY:
        return f"F{int(folded[1:])}"
    named = [name for name in _NAMED if name.lower() == folded]
    if not named:
        raise UsageError(f"{text} has no known key: {part}")
    return named[0]
