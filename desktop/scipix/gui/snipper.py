"""From the hotkey (or the button, the tray, `scipix snip`) to a picture for the desk."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog

from scipix.datatypes import Image
from scipix.errors import HotkeyTaken, ScipixError
from scipix.gui.capture.options import CaptureOptions, OverlayOptions
from scipix.gui.capture.session import CaptureSession
from scipix.gui.commands import native
from scipix.gui.hotkeys.backend import HotkeyBackend
from scipix.gui.widgets.banner import Level, Message
from scipix.gui.window import MainWindow
from scipix.settings import CaptureSettings


class Snipper(QObject):
    """taken(Image): the user framed something. hotkey_wanted(): the user would like to choose other keys."""

    taken = Signal(object)
    hotkey_wanted = Signal()

    def __init__(
        self,
        window: MainWindow,
        session: CaptureSession,
        hotkeys: HotkeyBackend,
        settings: CaptureSettings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._window, self._session, self._hotkeys, self._settings = window, session, hotkeys, settings
        session.selected.connect(self._on_selected)
        session.failed.connect(self._on_failed)
        hotkeys.activated.connect(lambda name: self.snip())
        hotkeys.bound.connect(lambda name, keys: window.set_hotkey(native(keys) or keys))
        hotkeys.failed.connect(lambda name, code, text: self._show_problem(self._settings.hotkey, code, text))
        self._apply_options()

    def snip(self) -> None:
        """Begin a capture; nothing happens while one is under way."""
        self._window.banners.dismiss("capture")
        # The dialogs too: hiding a window leaves those in front of it.
        own = [self._window, *self._window.findChildren(QDialog)]
        self._session.start(own if self._settings.hide_window else [])

    def register(self) -> None:
        """Ask for the hotkey of the settings; a conflict is shown in the window."""
        problem = self.try_hotkey(self._settings.hotkey)
        if problem is not None:
            self._show_problem(self._settings.hotkey, *problem)

    def try_hotkey(self, keys: str) -> tuple[str, str] | None:
        """Take another hotkey, or none when empty. Returns (code, sentence) when it cannot be had."""
        self._window.banners.dismiss("hotkey")
        try:
            if keys:
                self._hotkeys.register(keys)
            else:
                self._hotkeys.unregister()
                self._window.set_hotkey("")
        except ScipixError as error:
            self._window.set_hotkey("")
            return error.code, str(error)
        return None

    @property
    def hint(self) -> str:
        """What the settings dialog should say about hotkeys on this system."""
        return self._hotkeys.hint

    def set_settings(self, settings: CaptureSettings) -> None:
        """Take over changed settings; the hotkey is registered anew when it is another one."""
        changed = settings.hotkey != self._settings.hotkey
        self._settings = settings
        self._apply_options()
        if changed:
            self.register()

    def close(self) -> None:
        self._session.cancel()
        self._hotkeys.close()

    def _apply_options(self) -> None:
        self._session.set_options(CaptureOptions(OverlayOptions(adjust_before_accept=self._settings.adjust)))

    def _on_selected(self, image: Image) -> None:
        self.taken.emit(image)
        self._window.come_forward()

    def _on_failed(self, code: str, text: str) -> None:
        self._window.come_forward()
        self._window.banners.show_message(Message("capture", Level.ERROR, text, "Try again", self.snip))

    def _show_problem(self, keys: str, code: str, text: str) -> None:
        self._window.set_hotkey("")
        if code == HotkeyTaken.code:
            text = f"Another program uses {native(keys)}, so it does not start a snip."
        message = Message("hotkey", Level.WARNING, text, "Choose other keys", self.hotkey_wanted.emit)
        self._window.banners.show_message(message)
