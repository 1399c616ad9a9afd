"""Grabbers: black pictures are found out, and the next one is tried."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import QApplication

from scipix.errors import Cancelled, CaptureError, ScipixError
from scipix.gui.capture.choose import Session, choose, make_grabber
from scipix.gui.capture.grabber import Failed, Finished, FirstThatWorks, Grab, QtGrabber, is_black
from scipix.gui.jobs import Jobs


def image(color: str, size: tuple[int, int] = (100, 40)) -> QImage:
    made = QImage(*size, QImage.Format.Format_RGB32)
    made.fill(QColor(color))
    return made


class FakeGrabber:
    """Answers at once with what it was given."""

    def __init__(self, name: str, answer: Grab | ScipixError) -> None:
        self.name, self._answer = name, answer

    def start(self, finished: Finished, failed: Failed) -> None:
        if isinstance(self._answer, Grab):
            finished(self._answer)
        else:
            failed(self._answer)

    def cancel(self) -> None:
        pass


def test_one_pixel_is_enough_not_to_be_black() -> None:
    picture = image("black")
    assert is_black(picture)
    picture.setPixelColor(33, 7, QColor(0, 0, 1))
    assert not is_black(picture)
    assert is_black(image("black").convertToFormat(QImage.Format.Format_ARGB32_Premultiplied))


def test_next_grabber_is_tried_and_the_first_error_reported() -> None:
    grab = Grab()
    got: list[object] = []
    chain = FirstThatWorks([FakeGrabber("a", CaptureError("one")), FakeGrabber("b", grab)])
    chain.start(got.append, got.append)
    assert got == [grab]
    assert chain.name == "b"
    errors = [CaptureError("one"), CaptureError("two")]
    FirstThatWorks([FakeGrabber("a", errors[0]), FakeGrabber("b", errors[1])]).start(got.append, got.append)
    assert got[1:] == [errors[0]]


def test_refusal_by_the_user_is_not_tried_again() -> None:
    got: list[object] = []
    no = Cancelled("no")
    FirstThatWorks([FakeGrabber("a", no), FakeGrabber("b", Grab())]).start(got.append, got.append)
    assert got == [no]


@pytest.mark.parametrize(("picture", "text"), [(QImage(), "gave no picture"), (image("black"), "completely black")])
def test_empty_and_black_screens_are_errors_with_advice(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, picture: QImage, text: str
) -> None:
    screen = qapp.primaryScreen()
    monkeypatch.setattr(type(screen), "grabWindow", lambda self, window: QPixmap.fromImage(picture))
    got: list[ScipixError] = []
    QtGrabber().start(lambda grab: pytest.fail("nothing was to be seen"), got.append)
    assert isinstance(got[0], CaptureError)
    assert text in str(got[0])
    assert "xdg-desktop-portal" in str(got[0])


def test_black_is_believed_where_programs_may_read_the_screen(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        type(qapp.primaryScreen()), "grabWindow", lambda self, window: QPixmap.fromImage(image("black"))
    )
    got: list[Grab] = []
    jobs = Jobs()
    grabber = make_grabber(choose(Session("linux", x11=True)), jobs)
    grabber.start(got.append, lambda error: pytest.fail(str(error)))
    assert is_black(got[0].shots[0].image)
    jobs.close()


def test_grab_has_a_shot_of_every_screen_in_pixels(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    def grab_window(self: object, window: int) -> QPixmap:
        pixmap = QPixmap.fromImage(image("red", (200, 80)))
        pixmap.setDevicePixelRatio(2.0)
        return pixmap

    monkeypatch.setattr(type(qapp.primaryScreen()), "grabWindow", grab_window)
    shots = QtGrabber().grab().shots
    assert [shot.screen.name for shot in shots] == [screen.name() for screen in qapp.screens()]
    assert (shots[0].image.width(), shots[0].image.devicePixelRatio()) == (200, 1.0)
