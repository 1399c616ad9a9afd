"""Run by test_real_capture.py on a display of its own: shows a known pattern, captures, writes what was captured.

Prints `ready` when the overlay is on the screen, then `selected`, `cancelled` or `failed CODE MESSAGE`.
"""

from __future__ import annotations

import sys

import numpy as np
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from scipix.datatypes import Image
from scipix.gui.capture.grabber import QtGrabber
from scipix.gui.capture.session import CaptureSession
from scipix.gui.convert import to_qimage

# Device pixels of the display.
LEFT, TOP, WIDTH, HEIGHT = 240, 120, 720, 480


def pattern() -> np.ndarray:
    """uint8 (HEIGHT, WIDTH, 3): every pixel different from its neighbors."""
    return np.random.default_rng(7).integers(1, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


class Pattern(QWidget):
    """The window whose pixels are known, whatever the scale of the screen."""

    def __init__(self) -> None:
        super().__init__()
        self._ratio = QGuiApplication.primaryScreen().devicePixelRatio()
        self._picture = to_qimage(Image(pattern()))
        self._picture.setDevicePixelRatio(self._ratio)
        self.setGeometry(*(round(number / self._ratio) for number in (LEFT, TOP, WIDTH, HEIGHT)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawImage(0, 0, self._picture)


class Run(QObject):
    """Starts the session once the pattern is on the screen and reports."""

    def __init__(self, out: str) -> None:
        super().__init__()
        self._out = out
        self._window = Pattern()
        self._window.show()
        self._session = CaptureSession(QtGrabber())
        self._session.selected.connect(self._on_selected)
        self._session.cancelled.connect(lambda: self._end("cancelled"))
        self._session.failed.connect(lambda code, text: self._end(f"failed {code} {text}"))
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._watch)
        self._timer.start(20)
        self._ready = False

    def _watch(self) -> None:
        if not self._session.active:
            if self._pattern_shows():
                self._session.start()
        elif not self._ready and self._session.overlays and self._session.overlays[0].windowHandle().isExposed():
            self._ready = True
            print("ready", flush=True)

    def _pattern_shows(self) -> bool:
        screen = QGuiApplication.primaryScreen().grabWindow(0).toImage().convertToFormat(QImage.Format.Format_RGB32)
        last = pattern()[-1, -1]
        color = screen.pixelColor(LEFT + WIDTH - 1, TOP + HEIGHT - 1)
        return [color.red(), color.green(), color.blue()] == last.tolist()

    def _on_selected(self, image: Image) -> None:
        to_qimage(image).save(self._out)
        self._end(f"selected {image.dpi:.1f}")

    def _end(self, line: str) -> None:
        self._timer.stop()
        print(line, flush=True)
        QApplication.quit()


def main() -> int:
    app = QApplication(sys.argv)
    run = Run(sys.argv[1])
    code = app.exec()
    del run
    return code


if __name__ == "__main__":
    raise SystemExit(main())
