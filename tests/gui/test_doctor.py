"""The facts about windows, from sessions that are not at hand."""

from __future__ import annotations

import json
import sys

import pytest
from pytestqt.qtbot import QtBot

from scipix.gui import doctor


def test_without_a_display_the_hint_says_what_to_do(qtbot: QtBot) -> None:
    found = doctor.facts({}, "linux")
    assert json.loads(json.dumps(found)) == found
    assert found["qt"]["ok"]
    assert (found["capture"]["ok"], found["capture"]["method"]) == (False, None)
    assert "graphical session" in found["capture"]["hint"]
    assert not found["hotkey"]["ok"]


def test_x11(qtbot: QtBot) -> None:
    found = doctor.facts({"DISPLAY": ":0"}, "linux")
    assert found["capture"]["method"] == "qt"
    assert found["hotkey"]["method"] == "x11"


def test_wayland_asks_for_the_portals(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.capture, "screenshot_portal", lambda session: 2)
    monkeypatch.setattr(doctor.hotkeys, "shortcuts_portal", lambda session: None)
    found = doctor.facts({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "linux")
    assert found["capture"]["method"] == "portal"
    assert "version 2" in found["capture"]["reason"]
    assert not found["hotkey"]["ok"]
    assert "scipix snip" in found["hotkey"]["hint"]


def test_fonts_are_counted(qtbot: QtBot) -> None:
    fonts = doctor.facts({}, sys.platform)["fonts"]
    assert fonts["ok"] == (fonts["families"] > 0)
    assert bool(fonts["hint"]) != fonts["ok"]
