from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from scipix.datatypes import Box, Origin
from scipix.gui.convert import to_image, to_qimage
from scipix.gui.theme import load_theme
from scipix.gui.viewer.canvas import Canvas
from scipix.gui.viewer.layout import FULL, GAP, LEAST, MOST, Spot
from scipix.sources.pdf import Pdf
from tests.gui.fakes import RESOURCES
from tests.pdfs import Sheet, make_pdf

SIZES = ((200.0, 300.0),) * 5
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def canvas(qtbot):
    canvas = Canvas(load_theme(RESOURCES, "light"))
    qtbot.addWidget(canvas)
    canvas.resize(430, 400)
    canvas.show()
    canvas.show_pages(SIZES, Spot(scale=1.0))
    return canvas


def asked(canvas: Canvas) -> tuple[list, list]:
    found = []
    canvas.wanted.connect(lambda visible, near: found.append((visible, near)))
    canvas.ask()
    return found[-1]


def drag(canvas: Canvas, start: tuple[int, int], end: tuple[int, int], release: bool = True) -> None:
    view = canvas.viewport()
    QTest.mousePress(view, LEFT, pos=QPoint(*start))
    QTest.mouseMove(view, QPoint(*end))
    if release:
        QTest.mouseRelease(view, LEFT, pos=QPoint(*end))


def corner(canvas: Canvas) -> tuple[int, int]:
    """Of the first page in the view, at the start."""
    return (canvas.viewport().width() - 200) // 2, round(GAP)


def wheel(canvas: Canvas, angle: int, keys: Qt.KeyboardModifier, place: QPointF) -> None:
    turned = QPoint(0, angle)
    event = QWheelEvent(
        place, place, QPoint(), turned, Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(canvas.viewport(), event)


def test_it_asks_for_what_is_in_sight_and_near_by(canvas):
    visible, near = asked(canvas)
    assert [tile.page for tile in visible] == [0, 1]
    assert near == []
    canvas.go_to(2)
    visible, near = asked(canvas)
    assert [tile.page for tile in visible] == [2, 3]
    assert [tile.page for tile in near] == [1]
    assert {tile.scale for tile in visible} == {canvas.devicePixelRatioF()}


def test_what_is_there_or_spoiled_is_not_asked_for_again(canvas):
    visible, _ = asked(canvas)
    canvas.set_tile(visible[0], to_qimage(_sheet(SIZES[0]).render(0, dpi=72)))
    assert [tile.page for tile in asked(canvas)[0]] == [1]
    canvas.set_spoiled(1)
    assert asked(canvas)[0] == []


def _sheet(size: tuple[float, float]) -> Pdf:
    return Pdf(make_pdf([Sheet(*size, box=(20.3, 20.6, 101, 257))]))


def test_what_is_hidden_asks_for_nothing_and_asks_again_when_it_is_shown(canvas, qtbot):
    with qtbot.waitSignal(canvas.wanted) as asked:
        canvas.hide()
    assert asked.args == [[], []]
    canvas.go_to(3)
    with qtbot.waitSignal(canvas.wanted, timeout=20_000) as asked:
        canvas.show()
    assert [tile.page for tile in asked.args[0]] == [3, 4]


def test_scrolling_asks_by_itself_and_tells_the_page(canvas, qtbot):
    places = []
    canvas.moved.connect(lambda page, scale: places.append((page, scale)))
    with qtbot.waitSignal(canvas.wanted, timeout=20_000) as asked:
        canvas.verticalScrollBar().setValue(700)
    assert [tile.page for tile in asked.args[0]] == [2, 3]
    assert places[-1] == (2, 1.0)
    canvas.verticalScrollBar().setValue(canvas.verticalScrollBar().maximum())
    assert canvas.page == 4


@pytest.mark.parametrize("scale", [1.0, 1.37, 2.0])
def test_a_page_is_shown_pixel_by_pixel(canvas, scale):
    """Nothing is scaled once more on its way to the screen."""
    ratio = canvas.devicePixelRatioF()
    canvas.show_pages(SIZES[:1], Spot(scale=scale))
    with _sheet(SIZES[0]) as document:
        for tile in asked(canvas)[0]:
            picture = document.render(0, dpi=72 * tile.scale, box=tile.box)
            canvas.set_tile(tile, to_qimage(picture))
        whole = document.render(0, dpi=72 * scale * ratio).pixels
    shown = to_image(canvas.viewport().grab().toImage(), Origin.SCREEN).pixels
    place = canvas._layout.place(0)
    left, top = round(place.left * ratio), round(place.top * ratio)
    part = shown[top : top + len(whole), left : left + whole.shape[1]]
    assert min(part.shape[:2]) > 150
    assert (part == whole[: len(part), : part.shape[1]]).all()


def test_while_a_page_is_drawn_anew_the_old_picture_is_stretched(canvas):
    tile = asked(canvas)[0][0]
    with _sheet(SIZES[0]) as document:
        canvas.set_tile(tile, to_qimage(document.render(0, dpi=72)))
    canvas.zoom(2.0, QPointF(0, 0))
    shown = to_image(canvas.viewport().grab().toImage(), Origin.SCREEN).pixels
    assert (shown == 0).all(axis=2).sum() > 10_000


def test_a_spoiled_page_says_so(canvas):
    before = canvas.viewport().grab().toImage()
    canvas.set_spoiled(0)
    assert canvas.viewport().grab().toImage() != before


def test_the_width_is_fitted_until_one_zooms(canvas):
    canvas.fit()
    assert canvas.scale == pytest.approx((canvas.viewport().width() - 2 * GAP) / 200)
    canvas.resize(330, 400)
    assert canvas.scale == pytest.approx((canvas.viewport().width() - 2 * GAP) / 200)
    assert canvas.spot().scale is None
    canvas.zoom(1.5)
    zoomed = canvas.scale
    canvas.resize(430, 400)
    assert canvas.scale == zoomed == canvas.spot().scale


def test_the_zoom_has_limits(canvas):
    canvas.zoom(1e6)
    assert canvas.scale == MOST
    canvas.zoom(1e-9)
    assert canvas.scale == LEAST < FULL


def test_the_wheel_zooms_around_the_pointer_with_ctrl_and_scrolls_without(canvas):
    canvas.go_to(2)
    place = QPointF(200, 150)
    before = canvas._layout.spot(canvas._on_roll(place)[1])
    wheel(canvas, 240, Qt.KeyboardModifier.ControlModifier, place)
    assert canvas.scale == pytest.approx(1.44)
    page, down = canvas._layout.spot(canvas._on_roll(place)[1])
    assert page == before[0]
    assert down == pytest.approx(before[1], abs=1)
    value = canvas.verticalScrollBar().value()
    wheel(canvas, -120, Qt.KeyboardModifier.NoModifier, place)
    assert canvas.verticalScrollBar().value() > value
    assert canvas.scale == pytest.approx(1.44)


def test_one_comes_back_to_the_same_spot(canvas):
    canvas.zoom(1.5)
    canvas.verticalScrollBar().setValue(1234)
    spot = canvas.spot()
    canvas.show_pages((), Spot())
    canvas.show_pages(SIZES, spot)
    assert canvas.scale == 1.5
    assert canvas.verticalScrollBar().value() == 1234


def test_keys_go_to_the_ends(canvas):
    QTest.keyClick(canvas, Qt.Key.Key_End)
    assert canvas.page == 4
    QTest.keyClick(canvas, Qt.Key.Key_Home)
    assert canvas.page == 0
    QTest.keyClick(canvas, Qt.Key.Key_PageDown)
    assert canvas.verticalScrollBar().value() > 200


def test_a_box_is_in_points_of_its_page(canvas, qtbot):
    left, top = corner(canvas)
    canvas.zoom(1.0)
    with qtbot.waitSignal(canvas.framed) as framed:
        drag(canvas, (left + 60, top + 90), (left + 10, top + 40))
    assert framed.args == [0, Box(10, 40, 60, 90)]
    assert canvas.frame is not None
    assert canvas.frame.box == Box(10, 40, 60, 90)


def test_a_box_ends_at_the_edge_of_its_page(canvas, qtbot):
    left, top = corner(canvas)
    with qtbot.waitSignal(canvas.framed) as framed:
        drag(canvas, (left + 150, top + 250), (left + 350, top + 330))
    assert framed.args == [0, Box(150, 250, 200, 300)]


def test_a_box_counts_at_every_zoom_and_after_scrolling(canvas, qtbot):
    canvas.zoom(2.0, QPointF(0, 0))
    canvas.go_to(3)
    place = canvas._layout.place(3)
    left, top = round(place.left) - canvas.horizontalScrollBar().value(), round(GAP)
    with qtbot.waitSignal(canvas.framed) as framed:
        drag(canvas, (left + 100, top + 40), (left + 140, top + 90))
    assert framed.args[0] == 3
    box = framed.args[1]
    assert (box.left, box.top, box.right, box.bottom) == pytest.approx((50, 20, 70, 45), abs=0.6)


def test_clicks_and_slips_read_nothing(canvas):
    boxes = []
    canvas.framed.connect(lambda page, box: boxes.append(box))
    left, top = corner(canvas)
    drag(canvas, (left + 60, top + 90), (left + 60, top + 90))
    drag(canvas, (left + 60, top + 90), (left + 100, top + 93))
    drag(canvas, (2, 2), (left + 100, top + 93))  # begins beside the page
    assert boxes == []
    assert canvas.frame is None


def test_escape_gives_a_box_up(canvas):
    boxes = []
    canvas.framed.connect(lambda page, box: boxes.append(box))
    left, top = corner(canvas)
    drag(canvas, (left + 60, top + 90), (left + 160, top + 190), release=False)
    override = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    override.ignore()
    QApplication.sendEvent(canvas, override)
    assert override.isAccepted()
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas.viewport(), LEFT, pos=QPoint(left + 160, top + 190))
    assert boxes == []
    override.ignore()
    QApplication.sendEvent(canvas, override)
    assert not override.isAccepted()  # Esc is the window's again


def test_the_roll_goes_along_with_a_box_that_leaves_the_view(canvas, qtbot):
    canvas.zoom(2.0, QPointF(0, 0))
    canvas.go_to(0)
    drag(canvas, (200, 100), (220, 460), release=False)
    qtbot.waitUntil(lambda: canvas.verticalScrollBar().value() > 100, timeout=20_000)
    QTest.mouseRelease(canvas.viewport(), LEFT, pos=QPoint(220, 460))
    assert canvas.frame is not None
    assert canvas.frame.box.height > 180


def test_the_cursor_says_where_a_box_can_be_drawn(canvas):
    left, top = corner(canvas)
    QTest.mouseMove(canvas.viewport(), QPoint(left + 9, top + 9))
    assert canvas.viewport().cursor().shape() == Qt.CursorShape.CrossCursor
    QTest.mouseMove(canvas.viewport(), QPoint(3, 3))
    assert canvas.viewport().cursor().shape() == Qt.CursorShape.ArrowCursor


def test_an_empty_roll_does_no_harm(canvas):
    canvas.show_pages((), Spot())
    assert asked(canvas) == ([], [])
    canvas.zoom(2.0)
    canvas.fit()
    canvas.go_to(3)
    canvas.resize(300, 300)
    drag(canvas, (10, 10), (90, 90))
    assert canvas.page_count == 0
