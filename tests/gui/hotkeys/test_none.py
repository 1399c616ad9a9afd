"""Without a way to a hotkey the user is told what to do."""

import pytest
from PySide6.QtWidgets import QApplication

from scipix.errors import CaptureError, UsageError
from scipix.gui.hotkeys.none import NoHotkeys


def test_refusal_says_what_to_bind(qapp: QApplication) -> None:
    hotkeys = NoHotkeys("this desktop has no GlobalShortcuts portal")
    with pytest.raises(CaptureError, match=r"no GlobalShortcuts portal.*scipix snip"):
        hotkeys.register("Ctrl+Alt+M")
    with pytest.raises(UsageError):
        hotkeys.register("nonsense")
    hotkeys.unregister()
    hotkeys.close()
