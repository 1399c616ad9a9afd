import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage, QTextCursor
from PySide6.QtTest import QTest

from scipix.gui.theme import load_theme
from scipix.gui.widgets.source_edit import SourceEdit
from tests.gui.fakes import RESOURCES


@pytest.fixture
def edit(qtbot):
    edit = SourceEdit(load_theme(RESOURCES, "light"), 11.0)
    qtbot.addWidget(edit)
    edit.show()
    return edit


def test_typing_is_reported_once_when_it_pauses(edit, qtbot):
    edit.set_latex("x")
    seen = []
    edit.edited.connect(seen.append)
    edit.moveCursor(QTextCursor.MoveOperation.End)
    with qtbot.waitSignal(edit.edited):
        QTest.keyClicks(edit, "^2+1")
    assert seen == ["x^2+1"]


def test_showing_a_text_is_no_edit_and_clears_the_undo(edit, qtbot):
    seen = []
    edit.edited.connect(seen.append)
    edit.set_latex("a")
    edit.set_latex("b")
    edit.flush()
    qtbot.wait(200)
    assert seen == []
    edit.undo()
    assert edit.latex == "b"


def test_flush_reports_what_is_pending(edit):
    edit.set_latex("x")
    seen = []
    edit.edited.connect(seen.append)
    QTest.keyClicks(edit, "y")
    edit.flush()
    edit.flush()
    assert seen == ["yx"]


def test_commands_numbers_and_braces_have_colors_of_their_own(edit):
    edit.set_latex(r"\frac{12}{𝔵} + \alpha % note")
    formats = edit.document().firstBlock().layout().formats()
    colors = {(item.start, item.length): item.format.foreground().color().name() for item in formats}
    theme = load_theme(RESOURCES, "light")
    assert colors[(0, 5)] == theme.colors["syntax_command"]
    assert colors[(6, 2)] == theme.colors["syntax_number"]
    # The letter before it takes two UTF-16 units.
    assert colors[(16, 6)] == theme.colors["syntax_command"]


def test_an_error_is_marked_where_it_is(edit):
    edit.set_latex(r"x + \bad")
    edit.show_error(4)
    [mark] = edit.extraSelections()
    assert mark.cursor.selectedText() == "\\"
    edit.show_error(None)
    assert edit.extraSelections() == []
    edit.show_error(99)
    assert len(edit.extraSelections()) == 1


def test_copy_without_a_selection_is_left_to_the_window(edit):
    edit.set_latex("abc")
    QGuiApplication.clipboard().setText("before")
    QTest.keyClick(edit, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "before"
    edit.selectAll()
    QTest.keyClick(edit, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "abc"


def test_text_is_pasted_and_pictures_and_files_are_left_to_the_window(edit):
    text, files, picture = QMimeData(), QMimeData(), QMimeData()
    text.setText("y\n")
    files.setUrls([QUrl.fromLocalFile("/a.png")])
    picture.setImageData(QImage(2, 2, QImage.Format.Format_RGB32))
    assert edit.canInsertFromMimeData(text)
    assert not edit.canInsertFromMimeData(files)
    assert not edit.canInsertFromMimeData(picture)
    edit.set_latex("")
    edit.insertFromMimeData(text)
    assert edit.latex == "y"


@pytest.mark.parametrize(("position", "wrong"), [(4, "b"), (1, "𝔵"), (2, "+"), (9, "b")])
def test_the_error_is_underlined_behind_letters_beyond_the_basic_plane(edit, position, wrong):
    edit.set_latex("a𝔵+𝔵b")
    edit.show_error(position)
    (selection,) = edit.extraSelections()
    assert selection.cursor.selectedText() == wrong
