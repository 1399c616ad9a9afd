"""The Screenshot portal: the way to the screen on Wayland. Linux only."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from jeepney import new_method_call
from PySide6.QtGui import QImage

from scipix.errors import Cancelled, CaptureError, ScipixError
from scipix.gui.capture.geometry import Screen, Size, only_screen, split
from scipix.gui.capture.grabber import Failed, Finished, Grab, ScreenShot, is_black, read_screens
from scipix.gui.jobs import Job, Jobs, Lane
from scipix.gui.portal import Bus, SessionBus, address, new_token, register_app, request
from scipix.inference.cancel import Cancel

INTERFACE = "org.freedesktop.portal.Screenshot"
HELP = (
    "Allow screenshots for Scipix in the settings of your desktop (Apps or Privacy), check that xdg-desktop-portal and "
    "the backend of your desktop are running, and try again."
)
_DONE, _REFUSED = 0, 1


@dataclass(frozen=True, slots=True)
class PortalOptions:
    """Seconds to wait for the user.

    timeout_s: for the permission question of a plain screenshot, which a desktop may also never answer.
    interactive_timeout_s: for the desktop's own screenshot dialog. interactive: fall back on that dialog.
    """

    timeout_s: float = 15.0
    interactive_timeout_s: float = 120.0
    interactive: bool = True


class PortalGrabber:
    """`Grabber` over the portal; waits in the io lane, so that the window never blocks."""

    name = "portal"

    def __init__(
        self, jobs: Jobs, options: PortalOptions | None = None, connect: Callable[[], Bus] = SessionBus
    ) -> None:
        """connect: makes a connection, called in the job's thread."""
        self._jobs = jobs
        self._options = options or PortalOptions()
        self._connect = connect
        self._job: Job | None = None

    def start(self, finished: Finished, failed: Failed) -> None:
        screens = read_screens()

        def on_failed(error: Exception) -> None:
            failed(error if isinstance(error, ScipixError) else CaptureError(f"The capture failed: {error}"))

        def on_picture(picture: QImage) -> None:
            finished(cut(picture, screens))

        self.cancel()
        data = (self._connect, self._options)
        self._job = self._jobs.submit(Lane.IO, take_screenshot, *data, done=on_picture, failed=on_failed)

    def cancel(self) -> None:
        if self._job is not None:
            self._job.cancel.set()
            self._job = None


def take_screenshot(connect: Callable[[], Bus], options: PortalOptions, cancel: Cancel | None = None) -> QImage:
    """Ask the portal for a picture of everything; when it gives none, have the user take one in the desktop's dialog.

    Blocks until there is an answer. Returns a Format_RGB32 picture. The file that the portal wrote is removed.
    Raises CaptureError with help for the user, Cancelled when they refused or `cancel` was set.
    """
    bus = connect()
    try:
        register_app(bus)
        try:
            return _ask(bus, False, options.timeout_s, cancel)
        except CaptureError:
            if not options.interactive:
                raise
        return _ask(bus, True, options.interactive_timeout_s, cancel)
    except (TimeoutError, OSError) as exc:
        raise CaptureError(f"The connection to the desktop portal broke. {HELP}") from exc
    finally:
        bus.close()


def _ask(bus: Bus, interactive: bool, timeout: float, cancel: Cancel | None) -> QImage:
    token = new_token()
    options = {"handle_token": ("s", token), "interactive": ("b", interactive), "modal": ("b", interactive)}
    # No parent window: exporting a Wayland handle needs calls that Qt does not offer to Python.
    message = new_method_call(address(INTERFACE), "Screenshot", "sa{sv}", ("", options))
    response = request(bus, message, token, timeout, HELP, cancel)
    if response.code == _REFUSED:
        raise Cancelled("refused in the dialog of the desktop")
    if response.code != _DONE:
        raise CaptureError(f"The desktop portal took no screenshot. {HELP}")
    picture = read_and_remove(str(response.results.get("uri", "")))
    if is_black(picture):
        raise CaptureError(f"The desktop portal returned a completely black picture. {HELP}")
    return picture


def read_and_remove(uri: str) -> QImage:
    """Read the picture at a file URI as Format_RGB32 and remove the file: it shows the user's whole screen.

    Raises CaptureError when the URI names no picture on this machine.
    """
    parts = urlsplit(uri)
    path = Path(unquote(parts.path))
    if parts.scheme != "file" or not path.is_file():
        raise CaptureError(f"The desktop portal returned no file: {uri or 'nothing'}. {HELP}")
    picture = QImage(str(path))
    # The folder may be shared read-only with a sandbox; the picture itself was read.
    with suppress(OSError):
        path.unlink()
    if picture.isNull():
        raise CaptureError(f"The picture of the desktop portal cannot be read: {path.name}. {HELP}")
    picture = picture.convertToFormat(QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(1.0)
    return picture


def cut(picture: QImage, screens: tuple[Screen, ...]) -> Grab:
    """One picture into one for each screen.

    A picture that fits no layout of the screens is an area or a window that the user framed in the desktop's dialog.
    """
    size = Size(picture.width(), picture.height())
    rects = split(screens, size)
    if rects is not None:
        shots = (
            ScreenShot(screen, picture.copy(rect.left, rect.top, rect.width, rect.height))
            for screen, rect in zip(screens, rects, strict=True)
        )
        return Grab(tuple(shots))
    single = only_screen(screens, size)
    if single is not None:
        return Grab((ScreenShot(screens[single], picture),))
    return Grab(chosen=picture)
