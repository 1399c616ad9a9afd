"""Names of keys for X11 and for the portal."""

import pytest

from scipix.gui.hotkeys.keysyms import keysym, trigger
from scipix.gui.hotkeys.parse import parse


@pytest.mark.parametrize(
    ("text", "symbol", "portal"),
    [
        ("Ctrl+Alt+M", "m", "CTRL+ALT+m"),
        ("Shift+Meta+5", "5", "SHIFT+LOGO+5"),
        ("Print", "Print", "Print"),
        ("Ctrl+Space", "space", "CTRL+space"),
        ("Ctrl+PageUp", "Prior", "CTRL+Prior"),
        ("Ctrl+,", "comma", "CTRL+comma"),
        ("F5", "F5", "F5"),
    ],
)
def test_names(text: str, symbol: str, portal: str) -> None:
    assert keysym(parse(text)) == symbol
    assert trigger(parse(text)) == portal


def test_every_name_is_known_to_the_x_library() -> None:
    xk = pytest.importorskip("Xlib.XK")
    keys = (
        "A M Z 0 9 F1 F24 Space Tab Return Escape Backspace Insert Delete Home End PageUp PageDown Left Right Up Down"
    )
    for key in [*keys.split(), "Print", "Pause", *"+-=,./;'[]\\`"]:
        assert xk.string_to_keysym(keysym(parse(f"Ctrl+{key}"))) != 0, key
