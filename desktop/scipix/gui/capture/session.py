"""One capture from the hotkey to the picture: grab the screens, show an overlay on each, hand out what was framed."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCursor, QGuiApplication, QImage, QScreen
from PySide6.QtWidgets import QWidget

from scipix.datatypes import Image, Origin
from scipix.errors import Cancelled, ScipixError
from scipix.gui.capture.geometry import PixelRect
from scipix.gui.capture.grabber import Grab, Grabber, ScreenShot
from scipix.gui.capture.options import CaptureOptions
from scipix.gui.capture.overlay import Overlay
from scipix.gui.convert import to_image

log = logging.getLogger(__name__)


class CaptureSession(QObject):
    """Long-lived; runs one capture at a time, as often as wanted.

    selected(Image): pixels exactly as on the screen; origin screen, dpi 96 times the measured scale.
    cancelled(): Esc, right click, or a refusal in the desktop's own dialog. failed(str code, str message): for the
    user. Exactly one of the three ends each `start`. painted(): the user sees an overlay now.
    """

    selected = Signal(object)
    cancelled = Signal()
    failed = Signal(str, str)
    waiting = Signal()
    painted = Signal()

    def __init__(self, grabber: Grabber, options: CaptureOptions | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._grabber = grabber
        self._options = options or CaptureOptions()
        self._active = False
        self._refused = False
        self._hidden: list[QWidget] = []
        self._overlays: list[Overlay] = []
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.timeout.connect(self._grab)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._on_patience)

    @property
    def active(self) -> bool:
        """True from `start` until one of the three signals."""
        return self._active

    @property
    def drawing(self) -> bool:
        """True while a box is drawn or stands on one of the screens."""
        return any(overlay.selection is not None for overlay in self._overlays)

    @property
    def overlays(self) -> tuple[Overlay, ...]:
        """The overlays on the screens now; empty before the grab arrived and after the end."""
        return tuple(self._overlays)

    def set_options(self, options: CaptureOptions) -> None:
        """Use these from the next `start` on."""
        self._options = options

    def start(self, hide: Sequence[QWidget] = ()) -> None:
        """Begin a capture; does nothing while one is active (its overlays are raised instead).

        hide: own windows that should not be in the picture; those that were visible come back before the signal. They
        stay when the last capture failed: the question for permission needs a window in front.
        """
        if self._active:
            for overlay in self._overlays:
                overlay.raise_()
                overlay.activateWindow()
            return
        self._active = True
        self._hidden = [window for window in hide if window.isVisible() and not self._refused]
        for window in self._hidden:
            window.hide()
        self._settle.start(self._options.settle_ms if self._hidden else 0)

    @Slot()
    def cancel(self) -> None:
        """Stop the capture under way, if any; emits `cancelled`."""
        if self._active:
            self._grabber.cancel()
            self._end()
            self.cancelled.emit()

    @Slot()
    def _grab(self) -> None:
        if self._active:
            self._patience.start(self._options.patience_ms)
            self._grabber.start(self._on_grab, self._on_failed)

    @Slot()
    def _on_patience(self) -> None:
        self._show_hidden()
        self.waiting.emit()

    def _on_grab(self, grab: Grab) -> None:
        if not self._active:
            return
        self._patience.stop()
        self._refused = False
        if grab.chosen is not None:
            self._finish(grab.chosen, 1.0)
            return
        self._overlays = [self._make_overlay(shot) for shot in grab.shots]
        for overlay in self._overlays:
            overlay.appear()
        self._focus_overlay()

    def _on_failed(self, error: ScipixError) -> None:
        if not self._active:
            return
        self._end()
        self._refused = not isinstance(error, Cancelled)
        if isinstance(error, Cancelled):
            self.cancelled.emit()
        else:
            log.warning("capture failed: %s", error)
            self.failed.emit(error.code, str(error))

    def _make_overlay(self, shot: ScreenShot) -> Overlay:
        overlay = Overlay(shot.image, _screen_named(shot.screen.name), self._options.overlay)
        overlay.accepted.connect(self._on_accepted)
        overlay.rejected.connect(self.cancel)
        overlay.started.connect(self._on_started)
        overlay.painted.connect(self.painted)
        return overlay

    def _focus_overlay(self) -> None:
        """Give the keyboard to the overlay under the pointer, else to the first."""
        pointer = QCursor.pos()
        under = [overlay for overlay in self._overlays if overlay.geometry().contains(pointer)]
        first = (under or self._overlays)[0]
        first.activateWindow()
        first.setFocus(Qt.FocusReason.ActiveWindowFocusReason)

    @Slot()
    def _on_started(self) -> None:
        for overlay in self._overlays:
            if overlay is not self.sender():
                overlay.reset()

    @Slot(object)
    def _on_accepted(self, rect: PixelRect) -> None:
        overlay = self.sender()
        if self._active and isinstance(overlay, Overlay):
            crop = overlay.grab_image.copy(rect.left, rect.top, rect.width, rect.height)
            self._finish(crop, overlay.measured_scale)

    def _finish(self, crop: QImage, scale: float) -> None:
        image: Image = to_image(crop, Origin.SCREEN, 96.0 * scale, "screen")
        self._end()
        self.selected.emit(image)

    def _end(self) -> None:
        self._active = False
        self._settle.stop()
        self._patience.stop()
        overlays, self._overlays = self._overlays, []
        for overlay in overlays:
            overlay.close_quietly()
            overlay.deleteLater()
        self._show_hidden()

    def _show_hidden(self) -> None:
        hidden, self._hidden = self._hidden, []
        for window in hidden:
            window.show()


def _screen_named(name: str) -> QScreen:
    """The screen of that name; the primary one when it was unplugged meanwhile."""
    found = [screen for screen in QGuiApplication.screens() if screen.name() == name]
    return found[0] if found else QGuiApplication.primaryScreen()
