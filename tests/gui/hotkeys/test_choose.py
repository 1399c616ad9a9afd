"""Which way to a hotkey fits the session."""

import sys

import pytest
from PySide6.QtWidgets import QApplication

from scipix.gui.capture.choose import Choice, Session
from scipix.gui.hotkeys.choose import choose, make_hotkeys


@pytest.mark.parametrize(
    ("session", "portal", "order"),
    [
        (Session("win32"), None, ("windows",)),
        (Session("darwin"), None, ("macos",)),
        (Session("linux", x11=True), 2, ("x11",)),
        # XGrabKey on XWayland hears nothing while a Wayland program has the focus.
        (Session("linux", wayland=True, x11=True), 2, ("portal",)),
        (Session("linux", wayland=True), 0, ("portal",)),
        (Session("linux", wayland=True, x11=True), None, ()),
        (Session("linux"), None, ()),
    ],
)
def test_order(session: Session, portal: int | None, order: tuple[str, ...]) -> None:
    choice = choose(session, portal)
    assert choice.order == order
    assert bool(choice.hint) == (not order)


def test_nothing_to_choose_explains(qapp: QApplication) -> None:
    made = make_hotkeys(choose(Session("linux", wayland=True), None))
    assert made.method == "none"
    assert "scipix snip" in made.hint


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there one of them works")
@pytest.mark.parametrize("method", ["windows", "macos"])
def test_backend_of_another_system_explains(qapp: QApplication, method: str) -> None:
    assert make_hotkeys(Choice((method,), "")).method == "none"
