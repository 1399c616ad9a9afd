"""A PDF in the app: opened, read from, left and closed."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog

from scipix.datatypes import Image, Origin
from scipix.gui.application import Application
from scipix.gui.jobs import Lane
from scipix.gui.viewer.layout import GAP
from scipix.gui.wish import Message
from scipix.settings import AppearanceSettings, Settings
from tests.gui import fakes
from tests.pdfs import Sheet, make_pdf

LEFT = Qt.MouseButton.LeftButton
PAGES = [Sheet(200, 300, box=(20, 220, 60, 40)), Sheet(200, 300, box=(100, 20, 60, 40)), Sheet(200, 300)]


class Recognizer(fakes.FakeRecognizer):
    """Keeps the pictures that it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.images: list[Image] = []

    def recognize(self, image, *, cancel=None):
        self.images.append(image)
        return super().recognize(image, cancel=cancel)


@pytest.fixture
def recognizer():
    return Recognizer()


@pytest.fixture
def clipboard():
    return fakes.FakeClipboard()


@pytest.fixture
def app(qapp, recognizer, clipboard):
    parts = fakes.parts(recognizer, clipboard, fakes.FakeHotkeys(), fakes.FakeGrabber())
    app = Application(qapp, parts)
    app.start()
    yield app
    app.close()
    qapp.setStyleSheet("")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "paper.pdf"
    path.write_bytes(make_pdf(PAGES))
    return path


def quiet(app: Application, qtbot) -> None:
    """Wait until nothing is under way."""
    qtbot.waitUntil(
        lambda: not app.reader.busy and not app.window.pdf.canvas._settle.isActive() and app.jobs.pending == 0,
        timeout=60_000,
    )


def open_pdf(app: Application, qtbot, path: Path) -> None:
    app.desk.take([path])
    qtbot.waitUntil(lambda: app.window.pdf.name == path.name, timeout=60_000)
    quiet(app, qtbot)


def drag(app: Application, box: tuple[float, float, float, float]) -> None:
    """box: points of the page in view."""
    canvas = app.window.pdf.canvas
    place, scale = canvas._layout.place(canvas.page), canvas.scale
    left = place.left - canvas.horizontalScrollBar().value()
    top = place.top - canvas.verticalScrollBar().value()
    start, end = (
        QPoint(round(left + x * scale), round(top + y * scale)) for x, y in ((box[0], box[1]), (box[2], box[3]))
    )
    QTest.mousePress(canvas.viewport(), LEFT, pos=start)
    QTest.mouseMove(canvas.viewport(), end)
    QTest.mouseRelease(canvas.viewport(), LEFT, pos=end)


def banners(app: Application) -> dict[str, str]:
    return {message.key: message.text for message in app.window.banners.messages()}


def test_a_pdf_is_shown_and_its_pages_are_drawn(app, qtbot, path):
    open_pdf(app, qtbot, path)
    assert app.window.stage.currentWidget() is app.window.pdf
    assert app.window.pdf.bar.page.maximum() == 3
    assert {tile.page for tile in app.window.pdf.canvas.tiles._pictures} >= {0}
    shown = app.window.pdf.canvas.viewport().grab().toImage()
    place = app.window.pdf.canvas._layout.place(0)
    scale = app.window.pdf.canvas.scale
    assert shown.pixelColor(round(place.left + 50 * scale), round(GAP + 60 * scale)).value() == 0
    assert shown.pixelColor(round(place.left + 10 * scale), round(GAP + 10 * scale)).value() == 255


def test_a_box_is_read_like_a_snip(app, qtbot, path, recognizer, clipboard):
    open_pdf(app, qtbot, path)
    app.window.pdf.canvas.zoom(0.5)
    drag(app, (10, 30, 90, 90))
    qtbot.waitUntil(lambda: app.window.result.latex == r"\frac{a}{b}", timeout=60_000)
    quiet(app, qtbot)
    image = recognizer.images[0]
    assert (image.origin, image.page, image.dpi, image.name) == (Origin.PDF, 0, 300, "paper.pdf, page 1")
    # Of the box, at 300 dpi whatever the zoom; the rectangle is where it was framed.
    scale = 300 / 72
    assert image.width == pytest.approx(80 * scale, abs=6)
    assert image.height == pytest.approx(60 * scale, abs=6)
    rows, columns = np.nonzero(image.pixels.max(axis=2) < 128)
    assert (columns.max() + 1 - columns.min(), rows.max() + 1 - rows.min()) == pytest.approx((250, 167), abs=2)
    assert (columns.min(), rows.min()) == pytest.approx((10 * scale, 10 * scale), abs=5)
    assert clipboard.text == r"\frac{a}{b}"
    assert app.window.sidebar.list.count == 1
    assert app.window.stage.currentWidget() is app.window.result


def test_from_a_reading_back_to_the_same_place_and_on(app, qtbot, path, recognizer):
    open_pdf(app, qtbot, path)
    canvas = app.window.pdf.canvas
    canvas.go_to(1)
    value = canvas.verticalScrollBar().value()
    drag(app, (10, 10, 60, 60))
    qtbot.waitUntil(lambda: app.window.stage.currentWidget() is app.window.result, timeout=60_000)
    quiet(app, qtbot)
    assert app.window.return_bar.isVisible()
    app.run("cancel")
    assert app.window.stage.currentWidget() is app.window.pdf
    assert not app.window.return_bar.isVisible()
    assert canvas.verticalScrollBar().value() == value
    assert canvas.frame is not None
    drag(app, (20, 20, 70, 70))
    qtbot.waitUntil(lambda: len(recognizer.images) == 2, timeout=60_000)
    assert recognizer.images[1].page == 1
    quiet(app, qtbot)
    app.window.return_bar.return_wanted.emit()
    assert app.window.stage.currentWidget() is app.window.pdf


def test_no_page_is_drawn_behind_a_reading(app, qtbot, path, recognizer):
    open_pdf(app, qtbot, path)
    recognizer.hold.clear()
    gate = threading.Event()
    app.jobs.submit(Lane.PAGES, lambda cancel: gate.wait(60))
    app.window.pdf.canvas.zoom(1.7)
    app.window.pdf.canvas.ask()
    assert app.viewer._book._pending
    app.desk.take([fakes.image()])
    qtbot.waitUntil(lambda: len(recognizer.images) == 1, timeout=60_000)
    assert not app.viewer._book._pending
    recognizer.hold.set()
    gate.set()
    quiet(app, qtbot)
    tiles = len(app.window.pdf.canvas.tiles)
    app.run("cancel")
    qtbot.waitUntil(lambda: len(app.window.pdf.canvas.tiles) > tiles, timeout=60_000)


def test_escape_stops_a_reading_before_it_goes_back(app, qtbot, path, recognizer):
    open_pdf(app, qtbot, path)
    recognizer.hold.clear()
    drag(app, (10, 10, 60, 60))
    qtbot.waitUntil(lambda: len(recognizer.images) == 1, timeout=60_000)
    app.run("cancel")
    qtbot.waitUntil(lambda: not app.reader.busy, timeout=60_000)
    recognizer.hold.set()
    assert app.window.stage.currentWidget() is app.window.pdf
    assert app.window.pdf.is_open


def test_closing_frees_the_file_and_can_be_undone(app, qtbot, path):
    open_pdf(app, qtbot, path)
    canvas = app.window.pdf.canvas
    canvas.zoom(2.0)
    canvas.go_to(2)
    spot, document = canvas.spot(), app.viewer._book._pdf
    app.run("cancel")
    assert app.window.stage.currentWidget() is app.window.empty
    assert not app.window.pdf.is_open
    assert len(canvas.tiles) == 0
    quiet(app, qtbot)
    assert document._document is None
    assert app.window.toast.text == "Closed paper.pdf"
    app.window.toast._act()
    qtbot.waitUntil(lambda: app.window.pdf.is_open, timeout=60_000)
    assert canvas.spot().page == spot.page
    assert canvas.spot().down == pytest.approx(spot.down, abs=1)
    assert canvas.spot().scale == spot.scale


def test_an_edit_that_is_pending_survives_closing(app, qtbot, path):
    app.desk.take([fakes.image()])
    quiet(app, qtbot)
    app.window.result.source.replace_latex("x+1")
    open_pdf(app, qtbot, path)
    app.run("cancel")
    quiet(app, qtbot)
    assert app.window.stage.currentWidget() is app.window.result
    assert app.window.result.latex == "x+1"


def test_closing_from_a_reading_leaves_the_reading(app, qtbot, path):
    open_pdf(app, qtbot, path)
    app.desk.take([fakes.image()])
    qtbot.waitUntil(lambda: app.window.result.latex != "", timeout=60_000)
    app.window.return_bar.close_wanted.emit()
    assert not app.window.return_bar.isVisible()
    assert app.window.stage.currentWidget() is app.window.result
    app.run("cancel")
    assert app.window.stage.currentWidget() is app.window.result


def test_removing_the_reading_that_is_shown_leads_back_to_the_pdf(app, qtbot, path):
    open_pdf(app, qtbot, path)
    app.desk.take([fakes.image()])
    qtbot.waitUntil(lambda: app.desk.current_id is not None, timeout=60_000)
    app.shelf.remove(app.desk.current_id)
    assert app.window.stage.currentWidget() is app.window.pdf


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"%PDF-1.7\nbroken", "damaged"), (b"<html>", "no PDF"), (None, "no such file")],
)
def test_what_cannot_be_opened_is_a_banner(app, qtbot, tmp_path, data, words):
    path = tmp_path / "bad.pdf"
    if data is not None:
        path.write_bytes(data)
    app.desk.take([path])
    qtbot.waitUntil(lambda: "pdf" in banners(app), timeout=60_000)
    assert words.lower() in banners(app)["pdf"].lower()
    assert app.window.stage.currentWidget() is app.window.empty


def test_a_good_one_takes_the_banner_away_and_the_place_of_another(app, qtbot, path, tmp_path):
    bad, other = tmp_path / "bad.pdf", tmp_path / "other.PDF"
    other.write_bytes(make_pdf())
    app.desk.take([bad])
    qtbot.waitUntil(lambda: "pdf" in banners(app), timeout=60_000)
    open_pdf(app, qtbot, path)
    assert banners(app) == {}
    first = app.viewer._book._pdf
    open_pdf(app, qtbot, other)
    assert first._document is None
    assert app.window.pdf.canvas.page_count == 1
    app.desk.take([bad])
    qtbot.waitUntil(lambda: "pdf" in banners(app), timeout=60_000)
    assert app.window.pdf.name == "other.PDF"


def test_only_the_last_one_that_was_asked_for_is_shown(app, qtbot, path, tmp_path):
    other = tmp_path / "other.pdf"
    other.write_bytes(make_pdf())
    app.desk.take([path, other])
    assert "One PDF is open at a time: paper.pdf" in app.window.toast.text
    app.desk.take([other])
    qtbot.waitUntil(lambda: app.jobs.pending == 0, timeout=60_000)
    assert app.window.pdf.name == "other.pdf"


def test_pictures_beside_a_pdf_are_read(app, qtbot, path, recognizer):
    app.desk.take([path, fakes.image("a picture")])
    qtbot.waitUntil(lambda: app.window.pdf.is_open, timeout=60_000)
    quiet(app, qtbot)
    assert recognizer.seen == ["a picture"]


def test_a_locked_pdf_asks_for_its_password(app, qtbot, tmp_path):
    path = tmp_path / "locked.pdf"
    path.write_bytes(make_pdf(password="secret"))

    def dialog() -> QInputDialog | None:
        found = [child for child in app.window.findChildren(QInputDialog) if child.isVisible()]
        return found[-1] if found else None

    app.desk.take([path])
    qtbot.waitUntil(lambda: dialog() is not None, timeout=60_000)
    first = dialog()
    assert "locked.pdf is locked" in first.labelText()
    first.setTextValue("wrong")
    first.accept()
    qtbot.waitUntil(lambda: dialog() not in (None, first), timeout=60_000)
    assert "That was not it" in dialog().labelText()
    dialog().setTextValue("secret")
    dialog().accept()
    qtbot.waitUntil(lambda: app.window.pdf.is_open, timeout=60_000)
    assert banners(app) == {}


def test_pdfs_are_dropped_and_come_from_the_command_line(app, qtbot, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    app.window.dropped.emit(data)
    qtbot.waitUntil(lambda: app.window.pdf.is_open, timeout=60_000)
    app.viewer.shut()
    app.obey(Message("open", paths=(str(path),)))
    qtbot.waitUntil(lambda: app.window.pdf.is_open, timeout=60_000)


def test_a_snip_overtakes_the_drawing_of_pages(app, qtbot, path, recognizer):
    """Pages have a lane of their own; a reading waits for none of them."""
    open_pdf(app, qtbot, path)
    gate = threading.Event()
    app.jobs.submit(Lane.PAGES, lambda cancel: gate.wait(60))
    app.desk.take([fakes.image("screen")])
    qtbot.waitUntil(lambda: app.window.result.latex != "", timeout=60_000)
    assert not gate.is_set()
    gate.set()


def test_the_keys_of_the_view(app, qtbot, path):
    open_pdf(app, qtbot, path)
    view, canvas = app.window.pdf, app.window.pdf.canvas
    app.window.activateWindow()
    canvas.setFocus()
    scale = canvas.scale
    QTest.keyClick(canvas, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert canvas.scale > scale
    QTest.keyClick(canvas, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(canvas, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert canvas.spot().scale is None
    QTest.keyClick(canvas, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert canvas.page == 1
    QTest.keyClick(canvas, Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)
    assert canvas.page == 0
    QTest.keyClick(canvas, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(QApplication.focusWidget() or view.bar.page, "3")
    QTest.keyClick(view.bar.page, Qt.Key.Key_Return)
    assert canvas.page == 2


def test_the_bar_follows_and_leads(app, qtbot, path):
    open_pdf(app, qtbot, path)
    bar, canvas = app.window.pdf.bar, app.window.pdf.canvas
    assert not bar._previous.isEnabled()
    bar._next.click()
    bar._next.click()
    assert bar.page.value() == 3
    assert not bar._next.isEnabled()
    bar._larger.click()
    assert bar.percent == f"{100 * canvas.scale * 72 / 96:.0f} %"
    bar._fit.click()
    assert canvas.spot().scale is None
    bar._close.click()
    assert not app.window.pdf.is_open


def test_the_view_follows_the_theme(app, qtbot, path):
    open_pdf(app, qtbot, path)
    app.set_settings(Settings(appearance=AppearanceSettings(theme="light")))
    before = app.window.pdf.grab().toImage().pixelColor(3, app.window.pdf.height() - 20)
    app.set_settings(Settings(appearance=AppearanceSettings(theme="dark")))
    after = app.window.pdf.grab().toImage().pixelColor(3, app.window.pdf.height() - 20)
    assert after.value() < 60 < before.value()


def test_the_app_closes_while_pages_are_drawn(app, qtbot, path):
    open_pdf(app, qtbot, path)
    document = app.viewer._book._pdf
    app.window.pdf.canvas.zoom(3.0)
    app.window.pdf.canvas.ask()
    app.close()
    assert document._document is None
