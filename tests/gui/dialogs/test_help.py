from PySide6.QtWidgets import QLabel

from scipix.gui.commands import COMMANDS, native
from scipix.gui.dialogs.help import KeyboardDialog


def texts(dialog) -> set[str]:
    return {label.text() for label in dialog.findChildren(QLabel)}


def test_every_shortcut_is_listed(qtbot):
    dialog = KeyboardDialog("Ctrl+Alt+M")
    qtbot.addWidget(dialog)
    assert {native(keys) for command in COMMANDS for keys in command.keys} <= texts(dialog)
    assert native("Ctrl+Alt+M") in texts(dialog)


def test_no_two_commands_share_their_keys():
    keys = [one for command in COMMANDS for one in command.keys]
    assert len(keys) == len(set(keys))
