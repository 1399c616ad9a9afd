"""Opens a PDF in the window and has the boxes read that are drawn on it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog, QLineEdit

from scipix.datatypes import Box, Image
from scipix.errors import Cancelled, PdfLocked
from scipix.gui.desk import Desk, complaint
from scipix.gui.jobs import Jobs, Lane
from scipix.gui.viewer.book import Book, Loaded, load
from scipix.gui.viewer.layout import Spot
from scipix.gui.window import MainWindow

_BANNER = "pdf"


class ViewerController(QObject):
    """One PDF at a time; joins its view with the file and with the desk."""

    def __init__(self, window: MainWindow, jobs: Jobs, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window, self._jobs, self._desk = window, jobs, desk
        self._book: Book | None = None
        self._asked = 0  # how often something was to be opened; only the last one counts
        self._spots: dict[Path, Spot] = {}  # where one was in files that were closed
        desk.pdf_wanted.connect(self.open)
        window.pdf.canvas.framed.connect(self._read)
        window.pdf.canvas.wanted.connect(self._want)
        window.pdf.bar.close_wanted.connect(self.shut)
        window.return_bar.return_wanted.connect(self.back)
        window.return_bar.close_wanted.connect(self.shut)

    def open(self, path: Path, password: str = "") -> None:
        """Show a PDF in place of the one that is open; does not block."""
        self._asked += 1
        number = self._asked
        self._window.banners.dismiss(_BANNER)
        # Not stopped when another one is wanted: it would be lost, open, somewhere between two threads.
        self._jobs.submit(
            Lane.PAGES,
            load,
            path,
            password,
            done=lambda loaded: self._show(Book(self._jobs, path, loaded, self), loaded, number),
            failed=lambda error: self._on_failed(path, password, error, number),
            priority=1,
        )

    def back(self) -> None:
        """From a reading to the PDF; from the PDF to what is behind it, closing it."""
        if self._book is None:
            return
        if self._window.stage.currentWidget() is self._window.pdf:
            self.shut()
        else:
            self._window.show_pdf()

    def shut(self) -> None:
        """Close the PDF; for a while it can be opened again with one click."""
        path = self._put_away()
        if path is not None:
            if self._window.stage.currentWidget() is self._window.pdf:
                self._desk.save()
                self._desk.show_last()
            self._window.show_way_back()
            self._window.toast.show_text(f"Closed {path.name}", "Open again", lambda: self.open(path))

    def close(self) -> None:
        """For the end of the app, when no job runs any more."""
        if self._book is not None:
            self._book.free()
            self._book = None

    def _show(self, book: Book, loaded: Loaded, number: int) -> None:
        if number != self._asked:
            book.close()
            book.deleteLater()
            return
        self._put_away()
        self._book = book
        book.drawn.connect(self._window.pdf.canvas.set_tile)
        book.spoiled.connect(lambda page, error: self._window.pdf.canvas.set_spoiled(page))
        self._window.return_bar.set_name(book.path.name)
        self._window.show_pdf()  # first: then the view has its size
        self._window.pdf.show_document(book.path.name, loaded.sizes, self._spots.get(book.path, Spot()))

    def _put_away(self) -> Path | None:
        """Close the file that is open; its path."""
        book, self._book = self._book, None
        if book is None:
            return None
        self._spots[book.path] = self._window.pdf.canvas.spot()
        self._window.pdf.clear()
        book.drawn.disconnect()
        book.spoiled.disconnect()
        book.close()
        book.deleteLater()
        return book.path

    def _want(self, visible: list, soon: list) -> None:
        if self._book is not None:
            self._book.want(visible, soon)

    def _read(self, page: int, box: Box) -> None:
        if self._book is not None:
            self._book.cut(page, box, self._take, self._complain)

    def _take(self, image: Image) -> None:
        self._desk.take([image])

    def _on_failed(self, path: Path, password: str, error: Exception, number: int) -> None:
        if number != self._asked:
            return
        if isinstance(error, PdfLocked):
            self._ask_password(path, again=bool(password))
        else:
            self._complain(error)

    def _ask_password(self, path: Path, again: bool) -> None:
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle("Password")
        dialog.setLabelText(f"{'That was not it. ' if again else ''}{path.name} is locked. Its password:")
        dialog.setTextEchoMode(QLineEdit.EchoMode.Password)
        dialog.textValueSelected.connect(lambda text: self.open(path, text))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _complain(self, error: Exception) -> None:
        if not isinstance(error, Cancelled):
            self._window.banners.show_message(complaint(_BANNER, error))
