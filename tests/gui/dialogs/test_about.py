import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from scipix.gui.dialogs.about import AboutDialog, LicensesDialog, WholeLines
from scipix.gui.theme import load_theme
from scipix.licenses import Notice
from tests.gui.fakes import RESOURCES

NOTICES = [Notice("alpha", "1.0", "MIT", "Permission is granted"), Notice("beta", "2.0", "BSD", "Redistribution")]


def about(qtbot) -> AboutDialog:
    dialog = AboutDialog(load_theme(RESOURCES, "light"), [("Qt", "6.11.3")], lambda: NOTICES)
    qtbot.addWidget(dialog)
    return dialog


def press(dialog, text: str) -> None:
    (button,) = [button for button in dialog.findChildren(QPushButton) if button.text() == text]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_versions_are_told_and_copied(qtbot):
    dialog = about(qtbot)
    assert {"Qt", "6.11.3", "System"} <= {label.text() for label in dialog.findChildren(QLabel)}
    press(dialog, "Copy versions")
    assert QGuiApplication.clipboard().text().startswith("Qt: 6.11.3\nSystem: ")


def test_every_component_shows_its_license(qtbot):
    dialog = about(qtbot)
    dialog.show()
    press(dialog, "Licenses")
    (licenses,) = dialog.findChildren(LicensesDialog)
    assert licenses.list.count() == 2
    assert licenses.text.toPlainText() == "Permission is granted"
    licenses.list.setCurrentRow(1)
    assert licenses.name.text() == "License: BSD"
    assert licenses.text.toPlainText() == "Redistribution"
    licenses.close()


@pytest.mark.parametrize("height", [100, 211, 222, 233, 402])
def test_no_line_of_a_license_is_cut(qtbot, height):
    text = WholeLines()
    qtbot.addWidget(text)
    text.setPlainText("\n".join(str(number) for number in range(200)))
    text.resize(300, height)
    text.show()
    text.setStyleSheet("QPlainTextEdit { font-size: 17pt; border: 0 }")
    bottom, block = text.viewport().height(), text.firstVisibleBlock()
    while (line := text.blockBoundingGeometry(block).translated(text.contentOffset())).top() < bottom - 1:
        assert line.bottom() <= bottom + 1
        block = block.next()
    assert height - bottom < line.height() + 2  # and there is no room for another
