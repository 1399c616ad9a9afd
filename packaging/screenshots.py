"""Makes the pictures of the app in resources/screenshots: .venv/bin/python packaging/screenshots.py [--out FOLDER].

Needs no display. With models/weights/math-v1 the real pipeline reads the samples; without it only the empty window, the
settings and the overlay are made, because a result without a recognizer would be made up.
"""

# ruff: noqa: E402, TID251 - the environment must be set before Qt is imported, and these are pictures of the Qt app.
from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "desktop"))

from PySide6.QtCore import QEventLoop, QMarginsF, QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from scipix.gui import theme
from scipix.gui.app import make_qt_app
from scipix.gui.application import Application, Parts
from scipix.gui.capture.choose import Session
from scipix.gui.capture.options import OverlayOptions
from scipix.gui.capture.overlay import Overlay
from scipix.gui.capture.permission import make_screen_test
from scipix.gui.crash import make_report
from scipix.gui.dialogs.about import AboutDialog
from scipix.gui.dialogs.crash import CrashDialog
from scipix.gui.hotkeys.backend import HotkeyBackend
from scipix.gui.painting import paint
from scipix.gui.real_parts import make_parts
from scipix.gui.viewer.layout import GAP
from scipix.notation.mathjax import MathJax
from scipix.notation.svg import parse_svg
from scipix.paths import Paths, default_paths
from scipix.settings import AppearanceSettings, Settings

A4 = (595, 842)  # points
PAPER = (
    ("title", "The bell curve"),
    (
        "text",
        "The area under the bell curve has no elementary formula between two bounds, but over the whole line it has: one "
        "squares it, and reads the product of two integrals as one over the plane, in polar coordinates.",
    ),
    (
        "math",
        r"\left(\int_{-\infty}^{\infty}e^{-x^{2}}\,dx\right)^{2}=\int_{0}^{2\pi}\int_{0}^{\infty}e^{-r^{2}}r\,dr\,d\theta",
    ),
    ("text", "The inner integral on the right is elementary now. What is left is the circumference, and so"),
    ("math", r"\int_{-\infty}^{\infty}e^{-x^{2}}\,dx=\sqrt{\pi}."),
    ("text", "Integration by parts gives the even moments; the odd ones vanish:"),
    ("math", r"\int_{-\infty}^{\infty}x^{2n}e^{-x^{2}}\,dx=\frac{(2n)!}{4^{n}n!}\sqrt{\pi}"),
)
SAMPLES = ("rotation.png", "gaussian.png", "quadratic.png")
PATIENCE_S = 60.0
DOCKING_MS = 1500  # until the dock stands still and has measured once more


class QuietHotkeys(HotkeyBackend):
    """Says that it has the keys; a screenshot must not take them from the desktop it is made on."""

    activated = Signal(str)
    bound = Signal(str, str)
    failed = Signal(str, str, str)
    method = "quiet"
    hint = ""

    def register(self, accelerator: str, name: str = "snip") -> None:
        self.bound.emit(name, accelerator)

    def unregister(self, name: str = "snip") -> None: ...

    def close(self) -> None: ...


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "resources" / "screenshots")
    out: Path = parser.parse_args(arguments).out
    out.mkdir(parents=True, exist_ok=True)
    app = make_qt_app()
    for name in ("light", "dark"):
        with tempfile.TemporaryDirectory() as folder:
            shoot(app, name, out, private_paths(Path(folder)))
    # The offscreen clipboard outlives Python, and would free our Python object in it: a crash at exit.
    app.clipboard().clear()
    for path in sorted(out.glob("*.png")):
        print(f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}  {path.stat().st_size // 1024} kB")
    return 0


def private_paths(folder: Path) -> Paths:
    """The shipped models and resources, and a home that nobody has used."""
    shipped = default_paths(os.environ)
    return replace(shipped, config=folder / "config", data=folder / "data", cache=folder / "cache")


def shoot(app: QApplication, name: str, out: Path, paths: Paths) -> None:
    """All pictures of one theme."""
    settings = replace(Settings(), appearance=AppearanceSettings(theme=name))
    wayland = Session("linux", wayland=True)
    parts: Parts = replace(
        make_parts(paths),
        settings=settings,
        make_hotkeys=QuietHotkeys,
        make_screen_test=lambda jobs: make_screen_test(wayland, jobs),
    )
    application = Application(app, parts)
    try:
        application.start()
        until(lambda: application.jobs.pending == 0)
        missing = application.window.banners.messages()
        application.window.banners.dismiss("model")
        save(application.window, out / f"empty-{name}.png")
        if not missing:
            for sample in SAMPLES:
                application.desk.take([parts.resources / "samples" / sample])
                until(lambda: not application.reader.busy and application.jobs.pending == 0)
            application.window.toast.hide()
            save(application.window, out / f"result-{name}.png")
            shoot_pdf(application, out / f"pdf-{name}.png", paths.data / "The bell curve.pdf")
            shoot_latency(application, out / f"latency-{name}.png")
        dialog = application.show_settings("Copy")
        save(dialog, out / f"settings-{name}.png")
        if not missing:
            dialog.show_page("Models")
            save(dialog, out / f"models-{name}.png")
        dialog.close()
        shoot_dialogs(application, name, out)
        shoot_overlay(page(parts.resources, theme.load_theme(parts.resources, name)), out / f"overlay-{name}.png")
    finally:
        application.close()


def shoot_dialogs(application: Application, name: str, out: Path) -> None:
    """The welcome as on Wayland, the About box, the licenses, a report of a fault."""
    welcome = application.show_welcome()
    save(welcome, out / f"welcome-{name}.png")
    welcome.close()
    application.run("about")
    (about,) = application.window.findChildren(AboutDialog)
    save(about, out / f"about-{name}.png")
    licenses = about.show_licenses()
    save(licenses, out / f"licenses-{name}.png")
    licenses.close()
    about.close()
    try:
        raise RuntimeError("made by packaging/screenshots.py")
    except RuntimeError as error:
        crash = CrashDialog(make_report(error, "MainThread", ROOT))
    crash.show()
    save(crash, out / f"crash-{name}.png")
    crash.close()


def shoot_latency(application: Application, path: Path) -> None:
    """The window with the latency of readings that were really made."""
    for sample in SAMPLES * 4:
        application.desk.take([application.theme.folder / "samples" / sample])
        until(lambda: not application.reader.busy and application.jobs.pending == 0)
    application.run("latency")
    application.window.toast.hide()
    application.window.sidebar.list.setFocus()  # a caret in the source would mark a symbol
    wait(DOCKING_MS)
    save(application.window, path)
    application.run("latency")


def shoot_pdf(application: Application, path: Path, document: Path) -> None:
    """The window with a PDF while a box is being drawn round a formula."""
    box = write_paper(document)
    application.desk.take([document])
    view = application.window.pdf
    until(lambda: view.is_open and application.jobs.pending == 0)
    wait(200)
    until(lambda: application.jobs.pending == 0)
    ground, scale = view.canvas.viewport(), view.canvas.scale
    corner = QPointF((ground.width() - A4[0] * scale) / 2, GAP)
    start, end = ((corner + point * scale).toPoint() for point in (box.topLeft(), box.bottomRight()))
    QTest.mousePress(ground, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(ground, (start + end) / 2)
    QTest.mouseMove(ground, end)
    save(application.window, path)
    QTest.keyClick(view.canvas, Qt.Key.Key_Escape)
    application.viewer.shut()
    application.window.toast.hide()


def write_paper(path: Path) -> QRectF:
    """A page of a paper on A4, as vectors; a box around its last formula, in points."""
    writer = QPdfWriter(str(path))
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF())
    writer.setResolution(72)
    painter, mathjax = QPainter(writer), MathJax()
    font = painter.font()
    font.setFamilies(["Latin Modern Roman", "STIX Two Text", "Times New Roman", "serif"])
    top, box = 70.0, QRectF()
    for kind, text in PAPER:
        if kind == "math":
            formula = parse_svg(mathjax.svg(text))
            painter.save()
            box = QRectF((A4[0] - formula.width * 12) / 2, top + 8, formula.width * 12, formula.height * 12)
            painter.translate(box.topLeft())
            paint(formula, painter, QColor("black"), 12)
            painter.restore()
            top = box.bottom() + 12
            continue
        font.setPixelSize({"title": 20, "text": 12}[kind])
        painter.setFont(font)
        rest = QRect(90, round(top), 415, 300)
        wrap = int(Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
        painter.drawText(rest, wrap, text)
        top += painter.boundingRect(rest, wrap, text).height() + 8
    painter.end()
    mathjax.close()
    return box.adjusted(-14, -7, 14, 7)


def page(resources: Path, look: theme.Theme) -> QImage:
    """A document on a desktop, to snip from."""
    picture = QImage(1280, 800, QImage.Format.Format_RGB32)
    picture.fill(QColor("#23252b") if look.dark else QColor("#dfe3ea"))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    sheet = QRect(270, 40, 740, 800)
    painter.fillRect(sheet, QColor("white"))
    painter.setPen(QColor("#26282d"))
    font = painter.font()
    font.setFamilies(["Latin Modern Roman", "STIX Two Text", "Times New Roman", "serif"])
    font.setPixelSize(34)
    painter.setFont(font)
    painter.drawText(sheet.adjusted(80, 70, -80, 0), Qt.AlignmentFlag.AlignTop, "2  Quadratic equations")
    font.setPixelSize(20)
    painter.setFont(font)
    wrap = Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
    above = "Completing the square in the general equation of degree two gives both solutions at once, provided that "
    painter.drawText(sheet.adjusted(80, 140, -80, 0), int(wrap), above + "the leading coefficient is not zero:")
    formula = QImage(str(resources / "samples" / "quadratic.png"))
    painter.drawImage(QPoint(640 - formula.width() // 2, 290), formula)
    below = "The number under the root is called the discriminant. It tells how many real solutions there are before "
    painter.drawText(sheet.adjusted(80, 420, -80, 0), int(wrap), below + "any of them has been computed.")
    painter.end()
    return picture


def shoot_overlay(desktop: QImage, path: Path) -> None:
    """The overlay over a desktop while a box is being drawn round the formula."""
    overlay = Overlay(desktop, None, OverlayOptions())
    overlay.setGeometry(0, 0, desktop.width(), desktop.height())
    overlay.show()
    overlay.resize(desktop.width(), desktop.height())
    wait(50)
    QTest.mousePress(overlay, Qt.MouseButton.LeftButton, pos=QPoint(500, 278))
    QTest.mouseMove(overlay, QPoint(700, 350))
    QTest.mouseMove(overlay, QPoint(780, 384))
    save(overlay, path)
    overlay.close()


def save(widget: QWidget, path: Path) -> None:
    """The widget as it is painted."""
    wait(120)
    picture = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    picture.save(str(path), "PNG", 0)  # pyright: ignore[reportCallIssue, reportArgumentType]


def wait(milliseconds: int) -> None:
    """Let Qt and the other threads run."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def until(done: Callable[[], bool]) -> None:
    """Wait until it is so."""
    end = time.monotonic() + PATIENCE_S
    while not done():
        if time.monotonic() > end:
            raise TimeoutError("the app did not come to rest")
        wait(20)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
