"""The GlobalShortcuts portal on a real, private bus: the interface lives from signals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from scipix.errors import UsageError
from tests.gui.buses import FakeBus, Portal, options_of, private_bus

portal = pytest.importorskip("scipix.gui.hotkeys.portal")

SESSION = "/org/freedesktop/portal/desktop/session/1_1/s"


def answer(member: str, body: tuple[Any, ...]) -> tuple[int, dict[str, Any]]:
    """A desktop that grants each combination, in its own words."""
    if member == "CreateSession":
        return 0, {"session_handle": ("s", SESSION)}
    bound = [
        (
            name,
            {"description": fields["description"], "trigger_description": ("s", f"<{fields['preferred_trigger'][1]}>")},
        )
        for name, fields in body[1]
    ]
    return 0, {"shortcuts": ("a(sa{sv})", bound)}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Portal]:
    with private_bus(tmp_path) as found:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", found)
        made = Portal(found, answer, {portal.INTERFACE: 2})
        yield made
        made.close()


def press(service: Portal, name: str, session: str = SESSION) -> None:
    service.emit(portal.INTERFACE, "Activated", "osta{sv}", (session, name, 1, {}))


def test_bound_shortcut_is_shown_and_heard(service: Portal, qtbot: QtBot) -> None:
    hotkeys = portal.PortalHotkeys()
    try:
        with qtbot.waitSignal(hotkeys.bound) as bound:
            hotkeys.register("Ctrl+Alt+M")
        assert bound.args == ["snip", "<CTRL+ALT+m>"]
        spy = QSignalSpy(hotkeys.activated)
        press(service, "snip", "/another/session")
        press(service, "unknown")
        with qtbot.waitSignal(hotkeys.activated) as activated:
            press(service, "snip")
        assert activated.args == ["snip"]
        assert spy.count() == 1
    finally:
        hotkeys.close()
    members = [member for member, _ in service.calls]
    assert members == ["Register", "CreateSession", "BindShortcuts"]
    assert options_of(service.calls[1][1])["session_handle_token"]


def test_change_in_the_desktops_settings_is_told(service: Portal, qtbot: QtBot) -> None:
    hotkeys = portal.PortalHotkeys()
    try:
        with qtbot.waitSignal(hotkeys.bound):
            hotkeys.register("Ctrl+Alt+M")
        changed = [("snip", {"trigger_description": ("s", "Meta+Print")})]
        with qtbot.waitSignal(hotkeys.bound) as bound:
            service.emit(portal.INTERFACE, "ShortcutsChanged", "oa(sa{sv})", (SESSION, changed))
        assert bound.args == ["snip", "Meta+Print"]
    finally:
        hotkeys.close()


def test_second_registration_binds_both_anew(service: Portal, qtbot: QtBot) -> None:
    hotkeys = portal.PortalHotkeys()
    spy = QSignalSpy(hotkeys.bound)
    try:
        hotkeys.register("Ctrl+Alt+M")
        hotkeys.register("Ctrl+Alt+T", "text")
        qtbot.waitUntil(lambda: "text" in [spy.at(i)[0] for i in range(spy.count())])
        last = [body for member, body in service.calls if member == "BindShortcuts"][-1]
        assert [name for name, _ in last[1]] == ["snip", "text"]
        with qtbot.waitSignal(hotkeys.activated):
            press(service, "text")
    finally:
        hotkeys.close()


def refused(member: str, body: tuple[Any, ...]) -> tuple[int, dict[str, Any]]:
    return answer(member, body) if member == "CreateSession" else (1, {})


def without_trigger(member: str, body: tuple[Any, ...]) -> tuple[int, dict[str, Any]]:
    return answer(member, body) if member == "CreateSession" else (0, {"shortcuts": ("a(sa{sv})", [])})


@pytest.mark.parametrize(
    ("behave", "text"), [(refused, "not allowed"), (without_trigger, "gave no shortcut for Ctrl+Alt+M")]
)
def test_what_cannot_be_bound_is_reported(qtbot: QtBot, behave: Any, text: str) -> None:
    hotkeys = portal.PortalHotkeys(connect=lambda: FakeBus(behave))
    with qtbot.waitSignal(hotkeys.failed) as failed:
        hotkeys.register("Ctrl+Alt+M")
    assert failed.args is not None
    name, code, message = failed.args
    assert (name, code) == ("snip", "capture")
    assert text in message
    hotkeys.close()


def test_bus_that_breaks_is_reported(service: Portal, qtbot: QtBot) -> None:
    buses = []

    def connect() -> Any:
        buses.append(portal.SessionBus())
        return buses[-1]

    hotkeys = portal.PortalHotkeys(connect=connect)
    with qtbot.waitSignal(hotkeys.bound):
        hotkeys.register("Ctrl+Alt+M")
    with qtbot.waitSignal(hotkeys.failed) as failed:
        buses[0].interrupt()
    assert failed.args is not None
    assert "broke" in failed.args[2]
    hotkeys.close()


def test_no_combination_is_refused_at_once(qapp: QApplication) -> None:
    hotkeys = portal.PortalHotkeys(connect=lambda: FakeBus(answer))
    with pytest.raises(UsageError):
        hotkeys.register("m")
    hotkeys.unregister("never registered")
    hotkeys.close()
