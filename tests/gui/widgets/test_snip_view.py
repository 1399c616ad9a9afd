import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from scipix.datatypes import Box, Symbol
from scipix.gui.theme import load_theme
from scipix.gui.widgets.snip_view import SnipView, ground
from tests.gui.fakes import RESOURCES


@pytest.fixture
def view(qtbot):
    view = SnipView(load_theme(RESOURCES, "light"))
    qtbot.addWidget(view)
    view.resize(400, 200)
    return view


def picture(width: int, height: int, color: str = "white") -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    return image


def test_a_small_picture_is_not_enlarged(view):
    view.set_picture(picture(50, 20))
    assert view.scale == 1.0
    assert view.target().size() == QSize(50, 20)


def test_a_large_picture_fits(view):
    view.set_picture(picture(4000, 100))
    assert view.target().width() <= 400
    view.set_picture(picture(100, 4000))
    assert view.target().height() <= 200


def test_the_smallest_symbol_under_the_pointer_is_found_in_pixels_of_the_picture(view):
    view.set_picture(picture(100, 100))
    outer, inner = Symbol(r"\sqrt", Box(10, 10, 90, 90), 0.9), Symbol("x", Box(40, 40, 60, 60), 0.9)
    view.set_symbols((Symbol("{", None, 1.0), outer, inner), frozenset())
    corner = view.target().topLeft()
    assert view.symbol_at(corner + QPointF(50, 50)) == 2
    assert view.symbol_at(corner + QPointF(20, 20)) == 1
    assert view.symbol_at(corner + QPointF(2, 2)) is None


def test_only_doubtful_symbols_are_tinted(view):
    view.set_picture(picture(100, 100))
    symbols = (Symbol("a", Box(10, 10, 30, 30), 0.99), Symbol("b", Box(60, 60, 80, 80), 0.3))
    view.set_symbols(symbols, {1})
    shown = view.grab().toImage()
    corner = view.target().topLeft().toPoint()
    assert shown.pixelColor(corner.x() + 20, corner.y() + 20) == QColor("white")
    assert shown.pixelColor(corner.x() + 70, corner.y() + 70) != QColor("white")


def test_letters_that_were_left_out_have_red_boxes(view):
    view.set_picture(picture(100, 100))
    view.set_symbols((Symbol("a", Box(10, 10, 30, 30), 0.99),), frozenset(), (Box(60, 60, 80, 80),))
    shown = view.grab().toImage()
    corner = view.target().topLeft().toPoint()
    edge = [shown.pixelColor(corner.x() + x, corner.y() + y) for x in range(57, 61) for y in range(60, 80)]
    assert any(color.red() > color.blue() + 80 for color in edge)
    view.set_symbols((Symbol("a", Box(10, 10, 30, 30), 0.99),), frozenset())
    shown = view.grab().toImage()
    assert shown.pixelColor(corner.x() + 59, corner.y() + 70) == QColor("white")


def point_at(view, place: QPoint) -> None:
    """As the pointer does, whatever other windows there are: QTest would move the cursor of the whole screen."""
    none = Qt.MouseButton.NoButton
    where = QPointF(place), QPointF(view.mapToGlobal(place))
    QApplication.sendEvent(view, QMouseEvent(QEvent.Type.MouseMove, *where, none, none, Qt.KeyboardModifier.NoModifier))


def test_pointing_and_clicking_tell_which_symbol(view):
    view.set_picture(picture(100, 100))
    view.set_symbols((Symbol("a", Box(10, 10, 30, 30), 0.99), Symbol("b", Box(60, 60, 80, 80), 0.3)), frozenset())
    view.show()
    hovered, clicked = [], []
    view.hovered.connect(hovered.append)
    view.clicked.connect(clicked.append)
    corner = view.target().topLeft().toPoint()
    for x, y in ((20, 20), (21, 21), (70, 70), (45, 45)):
        point_at(view, corner + QPoint(x, y))
    assert hovered == [0, 1, None]
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=corner + QPoint(70, 70))
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=corner + QPoint(45, 45))
    assert clicked == [1]


def test_a_marked_symbol_is_outlined(view):
    view.set_picture(picture(100, 100))
    view.set_symbols((Symbol("a", Box(40, 40, 60, 60), 0.99), Symbol("{", None, 0.9)), frozenset())
    view.mark(0)
    shown, corner = view.grab().toImage(), view.target().topLeft().toPoint()
    assert shown.pixelColor(corner.x() + 50, corner.y() + 50) != QColor("white")
    view.mark(1)  # nothing is drawn of it
    shown = view.grab().toImage()
    assert shown.pixelColor(corner.x() + 50, corner.y() + 50) == QColor("white")
    assert view.place_of(1) == view.target().toAlignedRect()


def test_the_paper_has_the_color_of_the_picture(view):
    view.set_picture(picture(60, 20, "#202020"))
    assert view.grab().toImage().pixelColor(40, 100) == QColor("#202020")
    assert ground(QImage()) is None
