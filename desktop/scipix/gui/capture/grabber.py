"""Ways to get the pixels of the screens, behind one Protocol. Qt's own way is here, the portal's in `portal.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtGui import QGuiApplication, QImage

from scipix.datatypes import Box
from scipix.errors import CaptureError, ScipixError
from scipix.gui.capture.geometry import Screen


@dataclass(frozen=True, slots=True, eq=False)
class ScreenShot:
    """One screen as it was: its place on the desktop, and its pixels (Format_RGB32, device pixel ratio 1)."""

    screen: Screen
    image: QImage


@dataclass(frozen=True, slots=True, eq=False)
class Grab:
    """All screens, or, when the user already framed an area in the desktop's own dialog, that area as `chosen`."""

    shots: tuple[ScreenShot, ...] = ()
    chosen: QImage | None = None


Finished = Callable[[Grab], None]
Failed = Callable[[ScipixError], None]


class Grabber(Protocol):
    """Takes one picture of all screens. Used from the GUI thread and never blocks it for more than a frame.

    start: calls exactly one of the two later (or at once), in the GUI thread: `finished(grab)`, or `failed(error)`
    with a CaptureError whose text tells the user what to do, or Cancelled when the user refused. cancel: calls
    neither any more.
    """

    @property
    def name(self) -> str: ...

    def start(self, finished: Finished, failed: Failed) -> None: ...

    def cancel(self) -> None: ...


def read_screens() -> tuple[Screen, ...]:
    """The screens as Qt sees them now."""
    found = []
    for screen in QGuiApplication.screens():
        area = screen.geometry()
        box = Box(area.x(), area.y(), area.x() + area.width(), area.y() + area.height())
        found.append(Screen(screen.name(), box, screen.devicePixelRatio()))
    return tuple(found)


def is_black(image: QImage) -> bool:
    """True when every pixel is black: what some compositors hand out instead of refusing."""
    import numpy as np  # a tenth of a second, and the portal's pictures need it only

    rgb = image.convertToFormat(QImage.Format.Format_RGB32)
    words = np.frombuffer(rgb.constBits(), np.uint32).reshape(rgb.height(), rgb.width())
    # A coarse look settles nearly every picture without reading all of it.
    return not (words[::16, ::16] & 0xFFFFFF).any() and not (words & 0xFFFFFF).any()


class QtGrabber:
    """QScreen.grabWindow(0): X11, Windows and macOS. A Wayland compositor answers with nothing or with black."""

    name = "qt"

    def __init__(self, *, may_be_black: bool = False) -> None:
        """may_be_black: believe a black picture: an X11 desktop with nothing on it is one."""
        self._may_be_black = may_be_black

    def start(self, finished: Finished, failed: Failed) -> None:
        try:
            grab = self.grab()
        except CaptureError as error:
            failed(error)
            return
        finished(grab)

    def cancel(self) -> None:
        """Nothing is ever under way."""

    def grab(self) -> Grab:
        """Take the picture now, about 10 ms a screen. Raises CaptureError when the system gives none."""
        shots = []
        for screen, place in zip(QGuiApplication.screens(), read_screens(), strict=True):
            image = screen.grabWindow(0).toImage().convertToFormat(QImage.Format.Format_RGB32)
            if image.isNull():
                raise CaptureError(
                    f"The system gave no picture of the screen {place.name}. On Wayland, install the desktop portal "
                    "of your desktop (xdg-desktop-portal with its backend); on macOS, allow Screen Recording for "
                    "Scipix in System Settings."
                )
            image.setDevicePixelRatio(1.0)
            shots.append(ScreenShot(place, image))
        if not shots:
            raise CaptureError("No screen is connected.")
        if not self._may_be_black and all(is_black(shot.image) for shot in shots):
            raise CaptureError(
                "The picture of the screen is completely black: the system keeps its content from programs. On "
                "Wayland, install the desktop portal of your desktop (xdg-desktop-portal with its backend)."
            )
        return Grab(tuple(shots))


class FirstThatWorks:
    """Tries grabbers in order; each CaptureError leads to the next. The first is reported: that of the best way."""

    def __init__(self, grabbers: Sequence[Grabber]) -> None:
        """grabbers: at least one."""
        self._grabbers = tuple(grabbers)
        self._current: Grabber = self._grabbers[0]

    @property
    def name(self) -> str:
        return self._current.name

    def start(self, finished: Finished, failed: Failed) -> None:
        self._try(0, None, finished, failed)

    def cancel(self) -> None:
        self._current.cancel()

    def _try(self, index: int, first: CaptureError | None, finished: Finished, failed: Failed) -> None:
        def on_failed(error: ScipixError) -> None:
            if not isinstance(error, CaptureError):
                failed(error)
            elif index + 1 < len(self._grabbers):
                self._try(index + 1, first or error, finished, failed)
            else:
                failed(first or error)

        self._current = self._grabbers[index]
        self._current.start(finished, on_failed)
