"""What happens between the user's wish and the result on the screen: reading, showing, editing, copying, keeping."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QTimer, Signal
from PySide6.QtGui import QClipboard, QImage
from PySide6.QtWidgets import QFileDialog

from scipix.datatypes import Image, Reading
from scipix.errors import Cancelled, FeatureDisabled, ModelCorrupt, ModelMissing, ScipixError
from scipix.gui.chooser import Chooser
from scipix.gui.clipboard import pictures
from scipix.gui.convert import to_qimage
from scipix.gui.copier import Copier
from scipix.gui.formats import CopyAs, find
from scipix.gui.jobs import Job, Jobs, Lane
from scipix.gui.keeper import Handle, Keeper
from scipix.gui.reader import Read, Reader
from scipix.gui.typeset import Typesetter
from scipix.gui.widgets.banner import Level, Message
from scipix.gui.widgets.result_view import Shown
from scipix.gui.window import MainWindow
from scipix.history.recent import Entry
from scipix.settings import Settings

log = logging.getLogger(__name__)

_SAVE_MS = 500


class Desk(QObject):
    """Joins the window with the reader, the typesetter, the keeper and the copier.

    shown(Handle): another entry is shown now. pdf_wanted(Path): one was given, which is to be opened, not read.
    """

    shown = Signal(object)
    pdf_wanted = Signal(object)

    def __init__(
        self,
        window: MainWindow,
        settings: Settings,
        jobs: Jobs,
        reader: Reader,
        typesetter: Typesetter,
        keeper: Keeper,
        clipboard: QClipboard,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._window, self._settings, self._jobs = window, settings, jobs
        self._reader, self._typesetter, self._keeper, self._clipboard = reader, typesetter, keeper, clipboard
        self._copier = Copier(jobs, typesetter, clipboard, self)
        self._chooser = Chooser(window, jobs, reader, typesetter, self)
        self._handle: Handle | None = None
        self._last: Shown | None = None
        self._saved_latex = ""
        self._waiting = ""
        self._typesetting: Job | None = None
        self._save_timer = QTimer(self)
        self._save_timer.setSingleShot(True)
        self._save_timer.setInterval(_SAVE_MS)
        self._save_timer.timeout.connect(self.save)
        self._connect()

    @property
    def copier(self) -> Copier:
        return self._copier

    @property
    def current_id(self) -> int | None:
        """The entry that is shown, None when it is not kept (yet)."""
        return self._handle.id if self._handle is not None else None

    def take(self, sources: Iterable[Image | Path]) -> None:
        """Read pictures, and open a PDF."""
        from scipix.sources.pdf import SUFFIX  # its libraries are loaded when the window is there

        given = list(sources)
        pdfs = [source for source in given if isinstance(source, Path) and source.suffix.lower() == SUFFIX]
        if pdfs:
            self.pdf_wanted.emit(pdfs[0])
        if len(pdfs) > 1:
            self._window.toast.show_text(f"One PDF is open at a time: {pdfs[0].name}")
        if len(pdfs) == len(given):
            return
        for key in ("reading", "unreadable", "copy"):
            self._window.banners.dismiss(key)
        self.save()
        self._reader.read(source for source in given if source not in pdfs)

    def take_data(self, data: QMimeData | None, name: str) -> None:
        """Read the pictures of a drop or of the clipboard."""
        try:
            found = pictures(data, name)
        except (ScipixError, OSError) as error:
            self._complain("reading", error)
            return
        if found:
            self.take(found)
        else:
            self._window.toast.show_text("There is no picture here to read")

    def paste(self) -> None:
        self.take_data(self._clipboard.mimeData(), "the clipboard")

    def open(self) -> None:
        """Let the user choose files; does not block."""
        dialog = QFileDialog(self._window, "Open pictures or a PDF")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        from scipix.sources.images import SUFFIXES
        from scipix.sources.pdf import SUFFIX

        endings = " ".join(f"*{suffix}" for suffix in [*sorted(SUFFIXES), SUFFIX])
        dialog.setNameFilters([f"Pictures and PDFs ({endings})", "All files (*)"])
        dialog.filesSelected.connect(lambda names: self.take([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def cancel(self) -> bool:
        """Stop reading; False when nothing is being read."""
        if not self._reader.busy:
            return False
        self._reader.cancel()
        return True

    def copy(self, wanted: CopyAs | None = None) -> None:
        """Copy what is shown, in the user's format when none is given."""
        latex = self._window.result.latex
        if self._last is not None and latex.strip():
            self._copier.copy(latex, wanted or self.default_format)

    @property
    def default_format(self) -> CopyAs:
        return find(self._settings.copy.format, self._settings.copy.delimiters)

    def show_entry(self, entry: Entry) -> None:
        """Show a kept entry."""
        self.save()
        picture = QImage.fromData(entry.picture)
        self._show(Shown(picture, entry.reading, entry.latex), Handle(entry.id))

    def forget(self, entry_id: int | None) -> None:
        """Show nothing when the entry that is shown is removed; None for whatever is shown."""
        if entry_id is None or entry_id == self.current_id:
            self._save_timer.stop()
            self._handle, self._last = None, None
            self._window.show_empty()

    def let_go(self) -> None:
        """Keep a pending edit, and none from now on: another list is to be used. What is shown stays."""
        self.save()
        self._handle = None

    def save(self) -> None:
        """Keep a pending edit now."""
        self._save_timer.stop()
        if not self._window.result.editable:
            return
        self._window.result.source.flush()
        self._save_timer.stop()
        latex = self._window.result.latex
        if self._last is not None and self._handle is not None and latex != self._saved_latex:
            self._saved_latex = latex
            self._keeper.update(self._handle, latex)

    def set_settings(self, settings: Settings) -> None:
        self._settings = settings
        self._reader.threshold = settings.recognition.threshold

    def _connect(self) -> None:
        self._reader.started.connect(self._on_started)
        self._reader.loaded.connect(self._on_loaded)
        self._reader.finished.connect(self._on_finished)
        self._reader.failed.connect(self._on_failed)
        self._reader.lost.connect(lambda error: self._complain("reading", error))
        # A cache cannot tell which of its results belong to an entry (crops, other options): all of them go.
        self._keeper.forgotten.connect(self._reader.forget)
        self._window.dropped.connect(lambda data: self.take_data(data, "the dropped picture"))
        self._window.result.edited.connect(self._on_edited)
        self._window.result.copy_wanted.connect(self.copy)
        self._window.result.cancel_wanted.connect(self.cancel)
        self._chooser.failed.connect(lambda error: self._complain("reading", error))
        self._copier.copied.connect(lambda wanted: self._window.toast.show_text(f"Copied {wanted.label}"))
        self._copier.failed.connect(lambda error: self._complain("copy", error))

    def _on_started(self, name: str, place: int, total: int) -> None:
        what = "the snip" if name == "screen" else name
        self._waiting = f"Reading {what} …" if total == 1 else f"Reading {what} …  {place} of {total}"
        self.save()  # the user may have chosen an entry, and changed it, since the last picture was given
        self._window.show_result()
        self._window.result.show_waiting(QImage(), self._waiting)

    def _on_loaded(self, image: Image) -> None:
        self.save()
        self._window.result.show_waiting(to_qimage(image), self._waiting)

    def _on_finished(self, read: Read) -> None:
        reading = read.reading
        if read.aside:  # the recent list has it; what overtook it stays in view and on the clipboard
            self._keeper.add(read.image, reading, time.time())
            return
        if self._settings.copy.automatic and reading.readable and reading.latex:
            self._copier.copy(reading.latex, self.default_format)
        handle = self._keeper.add(read.image, reading, time.time())
        self.save()
        self._show(Shown(to_qimage(read.image), reading, reading.latex), handle)

    def _on_failed(self, image: Image | None, error: Exception) -> None:
        self.save()
        if isinstance(error, Cancelled):
            self._window.toast.show_text("Stopped")
            self.show_last()
            return
        self._complain("reading", error)
        if image is None:
            self.show_last()
        else:
            self._last, self._handle = None, None
            self._window.result.show_failure(to_qimage(image), "Not read")

    def show_last(self) -> None:
        """Show what was read last, nothing when there is none."""
        if self._last is None:
            self._window.show_empty()
        else:
            self._show(Shown(self._last.picture, self._last.reading, self._saved_latex), self._handle)

    def _show(self, shown: Shown, handle: Handle | None) -> None:
        self._last, self._handle, self._saved_latex = shown, handle, shown.latex
        self._window.result.show_reading(shown)
        self._window.show_result()
        self._typeset(shown.latex)
        self._explain(shown.reading)
        self.shown.emit(handle)

    def _explain(self, reading: Reading) -> None:
        if reading.readable:
            self._window.banners.dismiss("unreadable")
            return
        text = "I cannot read this. What is shown is a guess and was not copied; try a larger or sharper picture."
        if reading.unread:
            text = "Something was left out: the letters in red boxes. What is shown is a guess and was not copied."
        self._window.banners.show_message(Message("unreadable", Level.WARNING, text))

    def _on_edited(self, latex: str) -> None:
        self._typeset(latex)
        self._save_timer.start()

    def _typeset(self, latex: str) -> None:
        if self._typesetting is not None:
            self._typesetting.cancel.set()
        self._typesetting = self._jobs.submit(
            Lane.IO,
            self._typesetter.preview,
            latex,
            done=self._window.result.show_typeset,
            failed=lambda error: self._complain("preview", error),
            priority=1,
        )

    def _complain(self, key: str, error: Exception) -> None:
        if isinstance(error, Cancelled):
            return
        message = complaint(key, error)
        if isinstance(error, FeatureDisabled):
            show = lambda: self._window.command.emit("models")  # noqa: E731
            message = replace(message, action="Open the settings", on_action=show)
        self._window.banners.show_message(message)


def complaint(key: str, error: Exception) -> Message:
    """The banner for an error: the sentence of a ScipixError, and a general one for a fault of ours."""
    if isinstance(error, ModelMissing | ModelCorrupt):
        return Message("model", Level.ERROR, f"{_sentence(error)} Formulas cannot be read until it is installed again.")
    if isinstance(error, FeatureDisabled):
        text = f"Reading {error.feature} is switched off. Switch it on under Settings > Models."
        return Message(key, Level.WARNING, text)
    if isinstance(error, ScipixError):
        return Message(key, Level.ERROR, _sentence(error))
    log.error("a fault of ours", exc_info=error)
    return Message(key, Level.ERROR, f"Something went wrong inside Scipix ({type(error).__name__}: {error}).")


def _sentence(error: ScipixError) -> str:
    text = str(error).strip() or error.code
    return text[0].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
