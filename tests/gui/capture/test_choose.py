"""Which way of capturing fits the session."""

import pytest
from PySide6.QtWidgets import QApplication

from scipix.gui.capture.choose import Choice, Session, choose, make_grabber, screenshot_portal, session_from
from scipix.gui.jobs import Jobs


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"DISPLAY": ":0", "XDG_SESSION_TYPE": "x11"}, Session("linux", x11=True)),
        (
            {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0", "XDG_CURRENT_DESKTOP": "ubuntu:GNOME"},
            Session("linux", wayland=True, x11=True, desktop="ubuntu:gnome"),
        ),
        ({"XDG_SESSION_TYPE": "Wayland"}, Session("linux", wayland=True)),
        ({"XDG_SESSION_TYPE": "tty"}, Session("linux")),
    ],
)
def test_session_is_read_from_the_environment(env: dict[str, str], expected: Session) -> None:
    assert session_from(env, "linux") == expected


@pytest.mark.parametrize(
    ("session", "portal", "order", "hint"),
    [
        (Session("win32"), None, ("qt",), ""),
        (Session("darwin"), None, ("qt",), "Screen Recording"),
        (Session("linux", x11=True), None, ("qt",), ""),
        (Session("linux", x11=True), 4, ("qt", "portal"), ""),
        # With XWayland both displays are there, and Qt's way would give a null picture.
        (Session("linux", wayland=True, x11=True), 0, ("portal",), ""),
        (Session("linux", wayland=True, desktop="ubuntu:gnome"), None, (), "xdg-desktop-portal-gnome"),
        (Session("linux", wayland=True, desktop="sway"), None, (), "xdg-desktop-portal-wlr"),
        (Session("linux", wayland=True, desktop="mine"), None, (), "the xdg-desktop-portal backend of your desktop"),
        (Session("linux"), None, (), "graphical session"),
    ],
)
def test_order_and_hint(session: Session, portal: int | None, order: tuple[str, ...], hint: str) -> None:
    choice = choose(session, portal)
    assert choice.order == order
    assert hint in choice.hint
    assert bool(choice.hint) == bool(hint)


def test_other_systems_are_not_asked_for_a_portal() -> None:
    assert screenshot_portal(Session("win32")) is None


def test_grabber_starts_with_the_first_of_the_order(qapp: QApplication) -> None:
    jobs = Jobs()
    assert make_grabber(Choice(("qt", "portal"), ""), jobs).name == "qt"
    assert make_grabber(Choice((), ""), jobs).name == "qt"
    pytest.importorskip("jeepney")
    assert make_grabber(Choice(("portal",), ""), jobs).name == "portal"
    jobs.close()
