import sys
from types import SimpleNamespace

import pytest

from scipix.errors import Cancelled, CaptureError
from scipix.gui.capture.choose import Session
from scipix.gui.capture.permission import MACOS_HELP, ScreenTest, ask_macos, core_graphics, make_screen_test
from scipix.gui.jobs import Jobs
from tests.gui.fakes import FakeGrabber


class Answer:
    """A function of CoreGraphics."""

    restype = None

    def __init__(self, value: bool) -> None:
        self.value, self.calls = value, 0

    def __call__(self) -> bool:
        self.calls += 1
        return self.value


def library(allowed: bool, allows: bool) -> SimpleNamespace:
    return SimpleNamespace(CGPreflightScreenCaptureAccess=Answer(allowed), CGRequestScreenCaptureAccess=Answer(allows))


def outcome(test: ScreenTest) -> tuple[bool, str]:
    found: list[tuple[bool, str]] = []
    test.run(lambda works, sentence: found.append((works, sentence)))
    (only,) = found
    return only


@pytest.mark.parametrize(
    ("session", "asks"),
    [
        (Session("linux", wayland=True, x11=True), True),
        (Session("linux", x11=True), False),
        (Session("darwin"), True),
        (Session("win32"), False),
    ],
)
def test_only_some_systems_ask(qapp, session, asks):
    jobs = Jobs()
    assert (make_screen_test(session, jobs) is not None) is asks
    jobs.close()


def test_a_picture_means_that_it_works(qapp):
    works, sentence = outcome(ScreenTest(FakeGrabber(), ""))
    assert works
    assert "can see the screen" in sentence


def test_a_failure_says_what_to_do(qapp):
    assert outcome(ScreenTest(FakeGrabber(CaptureError("Install the portal.")), "")) == (False, "Install the portal.")
    works, sentence = outcome(ScreenTest(FakeGrabber(Cancelled("refused")), ""))
    assert not works
    assert "refused" in sentence


def test_nothing_is_grabbed_before_macos_allows_it(qapp):
    grabber = FakeGrabber()
    mac = library(allowed=False, allows=False)
    assert outcome(ScreenTest(grabber, "", lambda: ask_macos(mac))) == (False, MACOS_HELP)
    assert grabber.grabs == 0
    assert mac.CGRequestScreenCaptureAccess.calls == 1


def test_macos_is_not_asked_twice():
    mac = library(allowed=True, allows=False)
    assert ask_macos(mac) == ""
    assert mac.CGRequestScreenCaptureAccess.calls == 0
    assert ask_macos(library(allowed=False, allows=True)) == ""


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has it")
def test_elsewhere_there_is_no_core_graphics():
    with pytest.raises(CaptureError):
        core_graphics()
