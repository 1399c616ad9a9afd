"""The Screenshot portal on a fake bus and on a real, private one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from scipix.datatypes import Box
from scipix.errors import Cancelled, CaptureError
from scipix.gui.capture.geometry import Screen
from scipix.gui.capture.grabber import Grab
from scipix.gui.jobs import Jobs
from scipix.inference.cancel import Cancel
from tests.gui.buses import FakeBus, Portal, options_of, private_bus

portal = pytest.importorskip("scipix.gui.capture.portal")
bus_module = pytest.importorskip("scipix.gui.portal")

QUICK = portal.PortalOptions(timeout_s=0.0, interactive_timeout_s=0.0)


def picture(path: Path, color: str = "#204060", size: tuple[int, int] = (80, 60)) -> tuple[int, dict[str, Any]]:
    """A screenshot in a file, and the answer that names it."""
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    assert image.save(str(path))
    return 0, {"uri": ("s", path.as_uri())}


def test_screenshot_is_read_and_its_file_removed(tmp_path: Path) -> None:
    path = tmp_path / "Bild von ö 1.png"
    bus = FakeBus(lambda member, body: picture(path))
    image = portal.take_screenshot(lambda: bus, portal.PortalOptions())
    assert image.pixelColor(5, 5) == QColor("#204060")
    assert not path.exists()
    assert bus.closed
    members = [member for member, _ in bus.calls]
    assert members == ["Register", "Screenshot"]
    assert options_of(bus.calls[1][1])["interactive"] is False


def test_portal_that_chooses_its_own_path_is_followed(tmp_path: Path) -> None:
    bus = FakeBus(
        lambda member, body: picture(tmp_path / "a.png"), own_path="/org/freedesktop/portal/desktop/request/1"
    )
    assert portal.take_screenshot(lambda: bus, portal.PortalOptions()).width() == 80


def test_denied_permission_leads_to_the_dialog_of_the_desktop(tmp_path: Path) -> None:
    def behave(member: str, body: tuple[Any, ...]) -> tuple[int, dict[str, Any]]:
        return picture(tmp_path / "a.png") if options_of(body)["interactive"] else (2, {})

    bus = FakeBus(behave)
    assert portal.take_screenshot(lambda: bus, portal.PortalOptions()).height() == 60
    assert [member for member, _ in bus.calls] == ["Register", "Screenshot", "Screenshot"]


def test_refusal_by_the_user_is_a_cancellation() -> None:
    bus = FakeBus(lambda member, body: (1, {}))
    with pytest.raises(Cancelled):
        portal.take_screenshot(lambda: bus, portal.PortalOptions())
    assert bus.closed


def test_silence_ends_in_help_and_closes_the_request() -> None:
    bus = FakeBus(lambda member, body: None)
    with pytest.raises(CaptureError, match=r"no answer in time.*xdg-desktop-portal"):
        portal.take_screenshot(lambda: bus, QUICK)
    assert [member for member, _ in bus.calls] == ["Register", "Screenshot", "Close", "Screenshot", "Close"]


def test_error_of_the_portal_is_passed_on_with_help() -> None:
    bus = FakeBus(lambda member, body: None, refuse="not for you")
    with pytest.raises(CaptureError, match="not for you"):
        portal.take_screenshot(lambda: bus, portal.PortalOptions(interactive=False))


def test_cancel_ends_the_wait() -> None:
    cancel = Cancel()
    cancel.set()
    bus = FakeBus(lambda member, body: None)
    with pytest.raises(Cancelled):
        portal.take_screenshot(lambda: bus, portal.PortalOptions(), cancel=cancel)


@pytest.mark.parametrize("uri", ["", "http://x/a.png", "file:///no/such/file.png"])
def test_answer_without_a_file_is_an_error(uri: str) -> None:
    with pytest.raises(CaptureError, match="returned no file"):
        portal.read_and_remove(uri)


def test_file_that_is_no_picture_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"no picture")
    with pytest.raises(CaptureError, match="cannot be read"):
        portal.read_and_remove(path.as_uri())
    assert not path.exists()


def test_black_picture_is_an_error(tmp_path: Path) -> None:
    bus = FakeBus(lambda member, body: picture(tmp_path / "a.png", "#000000"))
    with pytest.raises(CaptureError, match="black"):
        portal.take_screenshot(lambda: bus, portal.PortalOptions())


def screen(name: str, left: float, top: float, width: float, height: float, ratio: float) -> Screen:
    return Screen(name, Box(left, top, left + width, top + height), ratio)


def test_picture_of_three_screens_is_cut_by_color() -> None:
    """GIVEN screens at 100, 150 and 200 %, one at negative coordinates, and one picture of them at 200 %."""
    screens = (
        screen("red", -200, 0, 200, 100, 1.0),
        screen("green", 0, 0, 120, 80, 1.5),
        screen("blue", 120, -50, 160, 100, 2.0),
    )
    whole = QImage(960, 300, QImage.Format.Format_RGB32)
    whole.fill(QColor("black"))
    for name, area in (("red", (0, 100, 400, 200)), ("green", (400, 100, 240, 160)), ("blue", (640, 0, 320, 200))):
        part = QImage(area[2], area[3], QImage.Format.Format_RGB32)
        part.fill(QColor(name))
        for y in range(area[3]):
            for x in range(area[2]):
                whole.setPixelColor(area[0] + x, area[1] + y, QColor(name))
    grab = portal.cut(whole, screens)
    assert [shot.screen.name for shot in grab.shots] == ["red", "green", "blue"]
    for shot in grab.shots:
        expected = QImage(shot.image.size(), QImage.Format.Format_RGB32)
        expected.fill(QColor(shot.screen.name))
        assert shot.image == expected
    assert [(s.image.width(), s.image.height()) for s in grab.shots] == [(400, 200), (240, 160), (320, 200)]


def test_area_framed_in_the_desktops_dialog_is_the_choice_itself() -> None:
    area = QImage(333, 77, QImage.Format.Format_RGB32)
    grab = portal.cut(area, (screen("only", 0, 0, 1280, 800, 1.0),))
    assert grab.shots == ()
    assert grab.chosen is area


def test_grabber_waits_elsewhere_and_calls_back_here(tmp_path: Path, qtbot: QtBot, qapp: QApplication) -> None:
    area = qapp.primaryScreen().geometry()
    bus = FakeBus(lambda member, body: picture(tmp_path / "a.png", size=(area.width(), area.height())))
    jobs, got = Jobs(), []
    grabber = portal.PortalGrabber(jobs, connect=lambda: bus)
    grabber.start(got.append, got.append)
    qtbot.waitUntil(lambda: bool(got))
    assert isinstance(got[0], Grab)
    assert got[0].shots[0].image.width() == area.width()
    jobs.close()


def test_grabber_reports_what_went_wrong(qtbot: QtBot) -> None:
    def no_bus() -> FakeBus:
        raise CaptureError("There is no D-Bus session bus")

    jobs, errors = Jobs(), []
    portal.PortalGrabber(jobs, connect=no_bus).start(errors.append, errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], CaptureError)
    jobs.close()


def test_missing_bus_is_said_plainly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nobody'}")
    with pytest.raises(CaptureError, match="session bus"):
        bus_module.SessionBus()
    assert bus_module.interface_version(portal.INTERFACE) is None


def test_screenshot_over_a_real_bus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "shot.png"
    with private_bus(tmp_path) as found:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", found)
        service = Portal(found, lambda member, body: picture(path), {portal.INTERFACE: 5})
        try:
            assert bus_module.interface_version(portal.INTERFACE) == 5
            assert bus_module.interface_version("org.freedesktop.portal.GlobalShortcuts") is None
            image = portal.take_screenshot(bus_module.SessionBus, portal.PortalOptions())
            assert image.pixelColor(79, 59) == QColor("#204060")
        finally:
            service.close()


def test_real_bus_without_a_portal_gives_help(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with private_bus(tmp_path) as found:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", found)
        with pytest.raises(CaptureError, match="xdg-desktop-portal"):
            portal.take_screenshot(bus_module.SessionBus, portal.PortalOptions())
