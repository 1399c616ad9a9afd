"""The settings dialog: every change is applied and saved at once, so there is nothing to confirm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QListWidget, QPushButton, QStackedWidget, QWidget

from scipix.gui.dialogs.forms import Page
from scipix.gui.dialogs.models import ModelsPage
from scipix.gui.formats import LATEX, OTHERS
from scipix.gui.models import Models
from scipix.gui.widgets.key_edit import KeyEdit
from scipix.settings import Settings

_SIZE = (780, 600)
# In the order of the list at the left.
PAGES = ("Capture", "Copy", "Appearance", "Recognition", "Models", "History")

TryHotkey = Callable[[str], tuple[str, str] | None]


class SettingsDialog(QDialog):
    """changed(Settings): after each change. clear_wanted(): the user wants the history emptied."""

    changed = Signal(object)
    clear_wanted = Signal()

    def __init__(
        self,
        settings: Settings,
        providers: Sequence[tuple[str, str]],
        try_hotkey: TryHotkey,
        hotkey_hint: str,
        models: Models,
        parent: QWidget | None = None,
    ) -> None:
        """providers: (value, words) of those that this machine has, without "auto". try_hotkey: takes the keys and
        returns (code, sentence) when they cannot be had. models: what is loaded."""
        super().__init__(parent)
        self._settings = settings
        self._providers = providers
        self._try_hotkey = try_hotkey
        self._hotkey_hint = hotkey_hint
        self._models = models
        self.setWindowTitle("Settings")
        self.resize(*_SIZE)
        self.setMinimumSize(640, 420)
        self.pages = QListWidget()
        self.pages.setObjectName("pages")
        self.pages.setFixedWidth(172)
        self.pages.setAccessibleName("Pages of the settings")
        self._stack = QStackedWidget()
        makers = (self._capture, self._copy, self._appearance, self._recognition, self._features, self._history)
        for name, make in zip(PAGES, makers, strict=True):
            self.pages.addItem(name)
            self._stack.addWidget(make())
        self.pages.currentRowChanged.connect(self._stack.setCurrentIndex)
        self.pages.setCurrentRow(0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.pages)
        row.addWidget(self._stack, 1)

    @property
    def settings(self) -> Settings:
        return self._settings

    def follow(self, settings: Settings) -> None:
        """Something was changed elsewhere, which the next change here must not undo."""
        self._settings = settings

    def show_page(self, name: str) -> None:
        """name: one of PAGES."""
        self.pages.setCurrentRow(PAGES.index(name))

    def _set(self, group: str, **values: Any) -> None:
        self._settings = replace(self._settings, **{group: replace(getattr(self._settings, group), **values)})
        self.changed.emit(self._settings)

    def _capture(self) -> Page:
        page = Page("Capture")
        now = self._settings.capture
        self.keys = KeyEdit(now.hotkey)
        self.keys.setFixedWidth(220)
        self.keys.recorded.connect(self._take_hotkey)
        page.add_row("New snip", "Click the field and press the keys. They work in every program.", self.keys)
        self.hotkey_problem = QLabel(self._hotkey_hint)
        self.hotkey_problem.setProperty("role", "muted")
        self.hotkey_problem.setWordWrap(True)
        self.hotkey_problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hotkey_problem.setVisible(bool(self._hotkey_hint))
        page.add_widget(self.hotkey_problem)
        page.add_check(
            "Hide this window while you snip",
            "What is behind it can be read; turn it off to start a moment sooner.",
            now.hide_window,
            lambda on: self._set("capture", hide_window=on),
        )
        page.add_check(
            "Adjust the box before it is read",
            "Move its sides after the drag and press Enter. Holding Ctrl on release does the same once.",
            now.adjust,
            lambda on: self._set("capture", adjust=on),
        )
        return page

    def _take_hotkey(self, keys: str) -> None:
        problem = self._try_hotkey(keys)
        self.hotkey_problem.setProperty("role", "muted" if problem is None else "error")
        self.hotkey_problem.style().unpolish(self.hotkey_problem)
        self.hotkey_problem.style().polish(self.hotkey_problem)
        if problem is None:
            self.hotkey_problem.setText(self._hotkey_hint)
            self.hotkey_problem.setVisible(bool(self._hotkey_hint))
            self._set("capture", hotkey=keys)
            return
        old = self._settings.capture.hotkey
        self.hotkey_problem.setText(f"{problem[1]} The keys are {old or 'none'} as before.")
        self.hotkey_problem.show()
        self.keys.set_keys(old)
        self._try_hotkey(old)

    def _copy(self) -> Page:
        page = Page("Copy")
        now = self._settings.copy
        page.add_check(
            "Copy each reading at once",
            "The formula is on the clipboard as soon as it is read.",
            now.automatic,
            lambda on: self._set("copy", automatic=on),
        )
        formats = [("latex", "LaTeX"), *((entry.format, entry.label) for entry in OTHERS)]
        page.add_choice("Format", "", formats, now.format, lambda value: self._set("copy", format=value))
        delimiters = [(entry.delimiters, entry.label.removeprefix("LaTeX ") or "none") for entry in LATEX]
        delimiters[0] = ("none", "nothing around it")
        page.add_choice(
            "Around LaTeX",
            "What your editor wants to see.",
            delimiters,
            now.delimiters,
            lambda value: self._set("copy", delimiters=value),
        )
        return page

    def _appearance(self) -> Page:
        page = Page("Appearance")
        now = self._settings.appearance
        themes = [("system", "Like the desktop"), ("light", "Light"), ("dark", "Dark")]
        page.add_choice("Colors", "", themes, now.theme, lambda value: self._set("appearance", theme=value))
        page.add_number(
            "Size of the source",
            "The LaTeX text in the window.",
            (7, 32),
            now.font_size,
            " pt",
            lambda value: self._set("appearance", font_size=value),
        )
        return page

    def _recognition(self) -> Page:
        page = Page("Recognition")
        now = self._settings.recognition
        providers = [("auto", "Automatic"), *self._providers]
        page.add_choice(
            "Runs on",
            "Automatic takes the fastest that works on this computer.",
            providers,
            now.provider,
            lambda value: self._set("recognition", provider=value),
        )
        page.add_check(
            "Find the fastest place by itself",
            "Once for each model, while Scipix is not used, it measures for some seconds where reading is fastest here.",
            now.calibrate,
            lambda on: self._set("recognition", calibrate=on),
        )
        page.add_percent(
            "Check below",
            "Readings and symbols less sure than this are marked as doubtful.",
            now.check_below,
            lambda value: self._set("recognition", check_below=value),
        )
        page.add_percent(
            "Refuse below",
            "Readings less sure than this count as not readable and are not copied. 0 leaves it to the model.",
            now.threshold,
            lambda value: self._set("recognition", threshold=value),
        )
        return page

    def _features(self) -> Page:
        self.models = ModelsPage(self._models, self._settings, self._set)
        return self.models

    def _history(self) -> Page:
        page = Page("History")
        now = self._settings.history
        page.add_check(
            "Keep readings after Scipix is closed",
            "They stay on this computer.",
            now.keep,
            lambda on: self._set("history", keep=on),
        )
        page.add_number(
            "At most",
            "The oldest give way.",
            (1, 100_000),
            now.limit,
            " readings",
            lambda value: self._set("history", limit=value),
        )
        page.add_check(
            "Answer at once when a picture comes again",
            "Readings, not pictures, stay in a file for 30 days. Turning this off, removing a reading from the history or "
            "clearing it deletes that file; without a history there is none.",
            self._settings.recognition.remember,
            lambda on: self._set("recognition", remember=on),
        )
        clear = QPushButton("Clear now")
        clear.clicked.connect(self.clear_wanted)
        page.add_row("Clear the history", "You can undo it for a few seconds.", clear)
        return page
