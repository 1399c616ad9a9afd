"""Puts the parts of the app together. Everything that reaches outside is passed in, so that tests pass in their own."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QDialog

from scipix.errors import Cancelled, HistoryError, ScipixError
from scipix.gui import theme
from scipix.gui.capture.session import CaptureSession
from scipix.gui.desk import Desk, complaint
from scipix.gui.dialogs.about import AboutDialog
from scipix.gui.dialogs.help import KeyboardDialog
from scipix.gui.dialogs.settings import SettingsDialog
from scipix.gui.dialogs.welcome import WelcomeDialog
from scipix.gui.fonts import base_points
from scipix.gui.formats import find
from scipix.gui.jobs import Jobs, Lane
from scipix.gui.keeper import Keeper
from scipix.gui.models import Models
from scipix.gui.parts import Parts
from scipix.gui.reader import Engine, Reader, Recognizer
from scipix.gui.shelf import Shelf
from scipix.gui.snipper import Snipper
from scipix.gui.tray import Tray
from scipix.gui.tuner import Tuner
from scipix.gui.typeset import Typesetter
from scipix.gui.viewer.controller import ViewerController
from scipix.gui.watch import Watch
from scipix.gui.widgets.banner import Level, Message
from scipix.gui.window import MainWindow, load_sample, sample_path
from scipix.gui.wish import Message as Wish
from scipix.history.recent import Recent
from scipix.settings import Settings, StartSettings

log = logging.getLogger(__name__)


class Application(QObject):
    """The running app."""

    def __init__(self, app: QApplication, parts: Parts) -> None:
        super().__init__()
        self._app, self._parts, self._settings = app, parts, parts.settings
        self._scratch = tempfile.TemporaryDirectory(prefix="scipix-")
        self._providers: Sequence[tuple[str, str]] = ()
        self._dialog: QDialog | None = None
        self._closed = False
        app.setWindowIcon(theme.app_icon(parts.resources))
        app.setQuitOnLastWindowClosed(False)
        self.theme = self._dress()
        self.jobs = parts.jobs or Jobs(self)
        self._engine = Engine(self._recognizer_maker())
        self.models = Models(self.jobs, self._engine, parts.features, self._settings, self)
        self.reader = Reader(self.jobs, self._engine, self._settings.recognition.threshold, self, parts.ledger.latency)
        self.typesetter = Typesetter(parts.typeset_engine)
        self.keeper = Keeper(self.jobs, self._history_opener(), self)
        self.window = self._make_window()
        self.desk = Desk(
            self.window, self._settings, self.jobs, self.reader, self.typesetter, self.keeper, parts.clipboard, self
        )
        self.viewer = ViewerController(self.window, self.jobs, self.desk, self)
        self.watch = Watch(self.window, parts.ledger, self.jobs, self.reader, self._settings.appearance.latency, self)
        calibrate = self._settings.recognition.calibrate
        self.tuner = Tuner(self.jobs, self.reader, parts.make_calibrator, calibrate, self)
        self.shelf = Shelf(self.window, self.keeper, self.desk, self)
        self.session = parts.session or CaptureSession(parts.make_grabber(self.jobs), None, self)
        self.snipper = Snipper(self.window, self.session, parts.make_hotkeys(), self._settings.capture, self)
        self.tray = Tray(theme.app_icon(parts.resources), self)
        self._connect()

    def start(self, visible: bool = True) -> None:
        """Show the window and load what the first snip needs."""
        if visible:
            self.window.come_forward()
        for place, note in enumerate(self._parts.notes):
            self._say(f"note-{place}", Level.WARNING, note)
        self.shelf.refresh()
        self.snipper.register()
        self._warm_up()
        self.tuner.rest()

    def obey(self, wish: Wish) -> None:
        """Do what another process asked for; a wish without paths is a command of the window."""
        if wish.command == "open":
            self.desk.take([Path(path) for path in wish.paths])
            self.window.come_forward()
        else:
            self.run(wish.command)

    def run(self, command: str) -> None:
        """Carry out a command of the window, the tray or another process; unknown ones are ignored."""
        actions: dict[str, Callable[[], object]] = {
            "snip": self.snipper.snip,
            "paste": self.desk.paste,
            "open": self.desk.open,
            "sample": lambda: self.desk.take([sample_path(self._parts.resources)]),
            "cancel": lambda: self.desk.cancel() or self.viewer.back(),
            "copy": self.desk.copy,
            "copy-as": self.window.result.copy_row.open_formats,
            "edit": self.window.result.source.setFocus,
            "search": self.window.sidebar.focus_search,
            "newer": lambda: self.window.step(-1),
            "older": lambda: self.window.step(1),
            "latency": self.watch.toggle,
            "settings": self.show_settings,
            "models": lambda: self.show_settings("Models"),
            "keyboard": self._show_keyboard,
            "about": self._show_about,
            "welcome": self.show_welcome,
            "show": self.window.come_forward,
            "close": self.window.close,
            "quit": self._app.quit,
        }
        self.tuner.rest()
        if command in actions:
            actions[command]()

    def show_settings(self, page: str = "Capture") -> SettingsDialog:
        """Open the settings at a page; does not block."""
        hotkey = (self.snipper.try_hotkey, self.snipper.hint)
        dialog = SettingsDialog(self._settings, self._providers, *hotkey, self.models, self.window)
        dialog.changed.connect(self.set_settings)
        dialog.clear_wanted.connect(self.shelf.clear)
        dialog.show_page(page)
        self._open(dialog)
        return dialog

    def greet(self) -> None:
        """Open the welcome on the first launch, and on no other."""
        if not self._settings.start.welcomed:
            self.show_welcome()
            self.set_settings(replace(self._settings, start=StartSettings(welcomed=True)))

    def show_welcome(self) -> WelcomeDialog:
        """Open the welcome; does not block. It ends with the first snip."""
        test = self._parts.make_screen_test(self.jobs)
        dialog = WelcomeDialog(self.theme, load_sample(self._parts.resources), test, self.window)
        dialog.set_hotkey(self.window.header.hotkey)
        dialog.sample_wanted.connect(lambda: self.run("sample"))
        dialog.hotkey_wanted.connect(lambda: self.show_settings("Capture"))
        self.window.hotkey_changed.connect(dialog.set_hotkey)
        self.snipper.taken.connect(dialog.accept)
        self._open(dialog)
        return dialog

    def set_settings(self, settings: Settings) -> None:
        """Apply and save changed settings."""
        old, self._settings = self._settings, settings
        if isinstance(self._dialog, SettingsDialog):
            self._dialog.follow(settings)
        if settings.appearance.theme != old.appearance.theme:
            self._change_theme()
        self.models.use(settings)
        if settings.engine != old.engine:
            self._change_recognizer()
        if settings.history.keep != old.history.keep:
            self.window.toast.finish()  # what it offers to undo is of the list before
            self.desk.let_go()
            self.keeper.use(self._history_opener())
        elif settings.history.limit != old.history.limit:
            self.keeper.set_limit(settings.history.limit)
        self.desk.set_settings(settings)
        self.watch.show(settings.appearance.latency)
        self.tuner.set_wanted(settings.recognition.calibrate)
        self.snipper.set_settings(settings.capture)
        self.window.result.set_options(
            settings.appearance.font_size, settings.recognition.check_below, self.desk.default_format
        )
        try:
            self._parts.save_settings(settings)
        except ScipixError as error:
            self._complain(error)

    def close(self) -> None:
        """Keep what is not kept yet, stop all work, free everything. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self.desk.save()
        self.window.toast.finish()
        try:
            self.keeper.close()
        except HistoryError:
            log.exception("the last changes of the recent list are lost")
        self.watch.close()
        self.models.close()
        self.snipper.close()
        self.tray.close()
        self.jobs.close(self._engine.close)
        self.viewer.close()
        self.typesetter.close()
        self.window.hide()
        self._scratch.cleanup()

    def _make_window(self) -> MainWindow:
        look, copying = self._settings.appearance, self._settings.copy
        default = find(copying.format, copying.delimiters)
        return MainWindow(self.theme, look.font_size, self._settings.recognition.check_below, default)

    def _connect(self) -> None:
        self.window.command.connect(self.run)
        self.window.closing.connect(self._on_window_closed)
        self.tray.command.connect(self.run)
        self.snipper.taken.connect(lambda image: self.desk.take([image]))
        self.snipper.hotkey_wanted.connect(lambda: self.show_settings("Capture"))
        self.watch.toggled.connect(lambda shown: self.set_settings(self._settings.with_latency(shown)))
        self.tuner.measured.connect(self._on_measured)
        self.keeper.set_aside.connect(self._on_set_aside)
        self._app.styleHints().colorSchemeChanged.connect(self._change_theme)
        self._app.aboutToQuit.connect(self.close)

    def _on_window_closed(self) -> None:
        self.desk.save()
        # Without a tray nobody could find the app again.
        if not self.tray.available:
            self._app.quit()

    def _on_measured(self, problems: Sequence[str]) -> None:
        for problem in problems:
            self._parts.ledger.note(problem)
        self._change_recognizer()

    def _on_set_aside(self, path: Path) -> None:
        text = f"The recent list was damaged. It was put aside as {path.name}, and a new one was begun."
        self._say("history", Level.WARNING, text)

    def _warm_up(self) -> None:
        self.jobs.submit(Lane.IO, self.typesetter.warm_up, failed=self._complain)
        self._load()
        self.jobs.submit(Lane.WORK, lambda *, cancel: self._parts.providers(), done=self._set_providers)

    def _set_providers(self, providers: Sequence[tuple[str, str]]) -> None:
        self._providers = providers

    def _recognizer_maker(self) -> Callable[[], Recognizer]:
        chosen = self._settings.engine
        return lambda: self._parts.make_recognizer(chosen)

    def _history_opener(self) -> Callable[[], Recent]:
        chosen = self._settings.history
        return lambda: self._parts.open_history(chosen)

    def _change_recognizer(self) -> None:
        self.window.banners.dismiss("model")
        self.jobs.submit(Lane.WORK, self._engine.reset, self._recognizer_maker(), failed=self._complain)
        self._load()

    def _load(self) -> None:
        if not self._settings.features.math:
            return
        done = lambda _: self.watch.tell()  # noqa: E731
        self.jobs.submit(Lane.WORK, self._engine.warm_up, done=done, failed=self._complain)

    def _change_theme(self) -> None:
        self.theme = self._dress()
        self.window.set_theme(self.theme)

    def _dress(self) -> theme.Theme:
        chosen = theme.load_theme(self._parts.resources, theme.choose(self._settings.appearance.theme))
        theme.apply(self._app, chosen, Path(self._scratch.name), base_points())
        return chosen

    def _show_keyboard(self) -> None:
        self._open(KeyboardDialog(self._settings.capture.hotkey, self.window))

    def _show_about(self) -> None:
        from scipix.licenses import notices

        resources = self._parts.resources
        self._open(AboutDialog(self.theme, self._parts.versions(), lambda: notices(resources), self.window))

    def _open(self, dialog: QDialog) -> None:
        if self._dialog is not None:
            self._dialog.close()
        self._dialog = dialog
        dialog.finished.connect(dialog.deleteLater)
        dialog.finished.connect(self._forget_dialog)
        dialog.show()

    def _forget_dialog(self) -> None:
        if self._dialog is self.sender():
            self._dialog = None

    def _say(self, key: str, level: Level, text: str) -> None:
        self.window.banners.show_message(Message(key, level, text))

    def _complain(self, error: Exception) -> None:
        if not isinstance(error, Cancelled):
            self.window.banners.show_message(complaint("app", error))
