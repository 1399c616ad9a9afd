"""Key combinations as text."""

import pytest

from scipix.errors import UsageError
from scipix.gui.hotkeys.parse import parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ctrl+Alt+M", "Ctrl+Alt+M"),
        ("  alt + CONTROL + m ", "Ctrl+Alt+M"),
        ("cmd+shift+5", "Shift+Meta+5"),
        ("Super+space", "Meta+Space"),
        ("F9", "F9"),
        ("print", "Print"),
        ("shift+PrtSc", "Shift+Print"),
        ("ctrl+pgup", "Ctrl+PageUp"),
        ("Ctrl++", "Ctrl++"),
        ("ctrl + +", "Ctrl++"),
        ("Ctrl+Plus", "Ctrl++"),
        ("option+enter", "Alt+Return"),
        ("Ctrl+,", "Ctrl+,"),
        ("ctrl+f24", "Ctrl+F24"),
    ],
)
def test_spellings_are_normalized(text: str, expected: str) -> None:
    assert str(parse(text)) == expected
    assert parse(str(parse(text))) == parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "  ", "+", "Ctrl", "Ctrl+", "Ctrl+Alt", "Ctrl+A+B", "Ctrl+F25", "Ctrl+Foo", "m", "Shift+m", "Space", "ctrl+ä"],
)
def test_what_is_no_combination_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse(text)
