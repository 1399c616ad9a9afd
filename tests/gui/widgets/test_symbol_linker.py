from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from scipix.datatypes import Alternative, Box, Kind, Reading, Symbol
from scipix.gui.formats import LATEX
from scipix.gui.theme import load_theme
from scipix.gui.typeset import Typeset
from scipix.gui.widgets.result_view import ResultView, Shown
from scipix.gui.widgets.symbol_linker import DOUBT_KEY, OTHERS_KEY
from scipix.notation.drawing import Drawing
from tests.gui.fakes import RESOURCES

READING = Reading(
    Kind.FORMULA,
    r"a+\theta^{2}",
    0.5,
    symbols=(
        Symbol("a", Box(5, 20, 25, 40), 0.6, (Alternative(r"\alpha", 0.3), Alternative("&", 0.02))),
        Symbol("+", Box(35, 20, 55, 40), 0.99),
        Symbol(r"\theta", Box(65, 20, 85, 40), 0.5, (Alternative("0", 0.4),)),
        Symbol("^", None, 0.99),
        Symbol("{", None, 1.0),
        Symbol("2", Box(90, 5, 100, 18), 0.97),
        Symbol("}", None, 1.0),
    ),
)


@pytest.fixture
def view(qtbot):
    view = ResultView(load_theme(RESOURCES, "light"), 11.0, 0.9, LATEX[0])
    qtbot.addWidget(view)
    view.resize(760, 620)
    view.show()
    picture = QImage(120, 60, QImage.Format.Format_RGB32)
    picture.fill(QColor("white"))
    view.show_reading(Shown(picture, READING, READING.latex))
    view.copy_row._copy.setFocus()  # in the source the cursor would mark the first symbol
    yield view
    if view.linker.menu is not None:
        view.linker.menu.close()


def marked_text(view: ResultView) -> str:
    color = load_theme(RESOURCES, "light").color("selection")
    (text,) = selected(view, color)
    return text


def tinted_text(view: ResultView) -> list[str]:
    color = load_theme(RESOURCES, "light").color("doubt_soft")
    return selected(view, color)


def selected(view: ResultView, color: QColor) -> list[str]:
    # Each selection must live while its cursor is asked.
    selections = view.source.extraSelections()
    return [one.cursor.selectedText() for one in selections if one.format.background().color() == color]


def move(widget: QWidget, place: QPoint) -> None:
    """Move the mouse in a widget. Straight to it: QTest.mouseMove goes through the window system, where windows that
    other tests have left behind may be in the way."""
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(place),
        QPointF(widget.mapToGlobal(place)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(widget, event)


def hover(view: ResultView, index: int) -> None:
    move(view.snip, view.snip.place_of(index).center())


def test_hovering_a_symbol_marks_it_and_its_token_and_shows_its_pixels(view, qtbot):
    hover(view, 2)
    assert view.snip.marked == 2
    assert marked_text(view) == r"\theta"
    qtbot.waitUntil(view.linker.card.isVisible)
    assert "50 % sure" in view.linker.card.text
    assert "0 40 %" in view.linker.card.text
    assert not view.linker.card._crop.pixmap().isNull()
    assert not view.linker.card.geometry().intersects(
        view.snip.place_of(2).translated(view.snip.mapTo(view, QPoint(0, 0)))
    )
    move(view.snip, QPoint(2, 2))
    assert view.snip.marked is None
    assert not view.linker.card.isVisible()


def test_hovering_a_token_marks_its_pixels(view, qtbot):
    place = view.source.span_rect(2, 8)
    move(view.source.viewport(), place.center())
    assert view.snip.marked == 2
    assert marked_text(view) == r"\theta"
    move(view.source.viewport(), QPoint(place.right() + 200, place.center().y()))
    assert view.snip.marked is None


def test_the_cursor_marks_the_pixels_of_its_token(view, qtbot):
    view.source.go_to(3)
    qtbot.waitUntil(view.source.hasFocus)
    view.source.go_to(1)
    assert view.snip.marked == 1


def test_doubtful_tokens_are_tinted_and_can_be_visited(view):
    assert tinted_text(view) == ["a", r"\theta"]
    seen = []
    for _ in range(3):
        QTest.keyClick(view, Qt.Key.Key_F8)
        seen.append(view.source.textCursor().position())
    assert DOUBT_KEY == "F8"
    assert seen == [2, 0, 2]


def test_the_menu_by_mouse_and_by_keyboard(view):
    wanted, drawn = [], []
    view.linker.choice_wanted.connect(wanted.append)
    view.linker.drawings_wanted.connect(drawn.append)
    QTest.mouseClick(view.snip, Qt.MouseButton.LeftButton, pos=view.snip.place_of(0).center())
    menu = view.linker.menu
    assert drawn == [(r"\alpha",)]
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == ["Instead of  a", "\\alpha\t30 %", "&&\t2 %", "What follows is read again"]
    view.linker.show_drawing(Typeset(r"\alpha", Drawing(1.0, 1.0, 0.2, ())))
    assert not menu.actions()[2].icon().isNull()
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert [(one.position, one.latex, one.whole, one.span) for one in wanted] == [(0, r"\alpha", True, (0, 1))]
    assert view.linker.menu is None
    assert OTHERS_KEY == "Ctrl+."
    view.source.go_to(8)
    QTest.keyClick(view, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    assert view.linker.menu.actions()[0].text() == "Nothing else is likely instead of  ^"


def test_after_an_edit_only_what_stayed_can_be_changed_and_alone(view, qtbot):
    view.source.replace_latex(r"b+\theta^{2}")
    assert tinted_text(view) == [r"\theta"]
    assert not view.bar._chip.isVisible()  # it would speak of another text
    wanted = []
    view.linker.choice_wanted.connect(wanted.append)
    QTest.mouseClick(view.snip, Qt.MouseButton.LeftButton, pos=view.snip.place_of(0).center())
    assert view.linker.menu is None
    QTest.mouseClick(view.snip, Qt.MouseButton.LeftButton, pos=view.snip.place_of(2).center())
    QTest.keyClick(view.linker.menu, Qt.Key.Key_Return)
    assert [(one.latex, one.whole) for one in wanted] == [("0", False)]
    view.replace_symbol(wanted[0])
    assert view.latex == "b+0^{2}"
    view.source.undo()
    assert view.latex == r"b+\theta^{2}"


def test_a_replaced_token_does_not_run_into_the_next(view):
    view.source.set_latex("ab")
    view.source.replace_span((0, 1), r"\alpha")
    assert view.latex == r"\alpha b"
    view.source.replace_span((7, 8), r"\beta")
    assert view.latex == r"\alpha \beta"


def test_a_choice_is_shown_and_undone_with_its_symbols(view, qtbot):
    wanted = []
    view.linker.choice_wanted.connect(wanted.append)
    QTest.mouseClick(view.snip, Qt.MouseButton.LeftButton, pos=view.snip.place_of(0).center())
    QTest.keyClick(view.linker.menu, Qt.Key.Key_Return)
    chosen = replace(READING.symbols[0], latex=r"\alpha", chosen=True)
    again = replace(READING, latex=r"\alpha+1", confidence=0.97, symbols=(chosen, *READING.symbols[1:2]))
    view.show_choice(wanted[0], again)
    assert view.latex == r"\alpha+1"
    assert tinted_text(view) == []
    assert view.bar._chip.text() == "Sure · 97 %"
    view.source.undo()
    with qtbot.waitSignal(view.edited):
        pass
    assert view.latex == READING.latex
    assert tinted_text(view) == ["a", r"\theta"]
    view.source.replace_latex("x")
    view.show_choice(wanted[0], again)  # too late
    assert view.latex == "x"


def test_nothing_is_linked_while_another_picture_is_read(view):
    view.show_waiting(view.picture, "Reading")
    view.linker.open_others()
    view.linker.next_doubtful()
    assert view.linker.menu is None
    assert view.source.extraSelections() == []


def test_the_mark_at_the_cursor_comes_and_goes_with_the_focus(view):
    view.source.setFocus()
    assert view.snip.marked == 0
    view.copy_row._copy.setFocus()
    assert view.snip.marked is None
