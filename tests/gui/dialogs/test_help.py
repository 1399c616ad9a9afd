from PySide6.QtWidgets import QLabel

from scipix.gui.commands import COMMANDS, native
from scipix.gui.dialogs.help import AboutDialog, KeyboardDialog
from scipix.gui.theme import load_theme
from tests.gui.fakes import RESOURCES


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


def test_versions_are_told(qtbot):
    dialog = AboutDialog(load_theme(RESOURCES, "light"), [("Qt", "6.11.3")])
    qtbot.addWidget(dialog)
    assert {"Qt", "6.11.3", "System"} <= texts(dialog)
