"""Carries out what the user chose for a symbol: read again with it, or where that cannot be, put it into the text."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from scipix.datatypes import Origin
from scipix.errors import Cancelled, ScipixError
from scipix.gui.convert import to_image
from scipix.gui.jobs import Job, Jobs, Lane
from scipix.gui.reader import Reader
from scipix.gui.typeset import Typesetter
from scipix.gui.widgets.symbol_linker import Wanted
from scipix.gui.window import MainWindow


class Chooser(QObject):
    """Joins the menu of a symbol with the reader and the typesetter. failed(Exception): a fault of ours."""

    failed = Signal(object)

    def __init__(
        self, window: MainWindow, jobs: Jobs, reader: Reader, typesetter: Typesetter, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._window, self._jobs, self._reader, self._typesetter = window, jobs, reader, typesetter
        self._job: Job | None = None
        linker = window.result.linker
        linker.choice_wanted.connect(self._choose)
        linker.drawings_wanted.connect(self._draw)

    def _choose(self, wanted: Wanted) -> None:
        if self._job is not None:
            self._job.cancel.set()
        if not wanted.whole:
            self._window.result.replace_symbol(wanted)
            return
        from scipix.recognize.choice import Choice  # whoever has a reading has loaded what this needs

        self._job = self._reader.reread(
            to_image(self._window.result.picture, Origin.SCREEN),
            wanted.reading,
            Choice(wanted.position, wanted.latex),
            done=lambda reading: self._window.result.show_choice(wanted, reading),
            failed=lambda error: self._fall_back(wanted, error),
        )

    def _fall_back(self, wanted: Wanted, error: Exception) -> None:
        if isinstance(error, Cancelled):
            return
        self._window.result.replace_symbol(wanted)
        self._window.toast.show_text("Only this symbol was changed; what follows could not be read again")
        if not isinstance(error, ScipixError):
            self.failed.emit(error)

    def _draw(self, samples: tuple[str, ...]) -> None:
        show = self._window.result.linker.show_drawing
        for latex in samples:
            self._jobs.submit(Lane.IO, self._typesetter.preview, latex, done=show)
