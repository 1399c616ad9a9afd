"""From the first moment of the app to its window. A snip comes first of all: the screen is frozen before anything is
imported that only reading and showing need; that is loaded while the user draws a box.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QMetaObject, QObject
from PySide6.QtWidgets import QApplication

from scipix.errors import ExitCode, ScipixError, SettingsError
from scipix.gui.capture import choose as capture
from scipix.gui.capture.options import CaptureOptions, OverlayOptions
from scipix.gui.capture.session import CaptureSession
from scipix.gui.fonts import base_points, sans_font
from scipix.gui.jobs import Jobs, Lane
from scipix.gui.wish import READY, Message
from scipix.paths import Paths
from scipix.settings import Settings, load_or_default

if TYPE_CHECKING:
    from scipix.datatypes import Image
    from scipix.gui.application import Application
    from scipix.gui.crash import CrashGuard
    from scipix.inference.cancel import Cancel


log = logging.getLogger(__name__)


class Launch(QObject):
    """Holds the app as soon as there is one; until then it keeps what is asked for."""

    def __init__(self, app: QApplication, paths: Paths) -> None:
        super().__init__()
        self._app, self._paths = app, paths
        self._settings: Settings | None = None
        self._problem: SettingsError | None = None
        self._jobs: Jobs | None = None
        self._session: CaptureSession | None = None
        self._application: Application | None = None
        self._guard: CrashGuard | None = None
        self._links: list[QMetaObject.Connection] = []
        self._loading = self._loaded = False
        self._waiting: list[Callable[[Application], object]] = []

    @property
    def application(self) -> Application | None:
        """None until it is built."""
        return self._application

    @property
    def loaded(self) -> bool:
        """Whether all is imported that building the app needs; only a start with a snip waits for that."""
        return self._loaded

    @property
    def session(self) -> CaptureSession | None:
        """That of the snip with which the app starts, None when it starts without one."""
        return self._session

    def begin(self, wish: Message, visible: bool = True) -> None:
        """Do what the app was started for. visible: show the window."""
        if wish.command == "snip":
            self._snip()
            return
        application = self._build(visible)
        if wish.paths:
            application.obey(wish)
        elif visible:
            application.greet()

    def obey(self, wish: Message) -> None:
        """Do what another process asks for, or the system, as soon as there is somebody who can."""
        if self._application is None and wish.command == "snip" and self._session is not None and self._session.active:
            self._session.start()  # shows what is under way
        elif wish.command != READY:
            self._when_built(lambda application: application.obey(wish))

    def close(self) -> None:
        """Free everything. The app, when there is one, keeps what is not kept yet."""
        self._end()
        if self._guard is not None:
            self._guard.remove()
        if self._application is not None:
            self._application.close()
        elif self._session is not None and self._jobs is not None:
            self._session.cancel()
            self._jobs.close()

    def _snip(self) -> None:
        self._app.setQuitOnLastWindowClosed(False)
        self._app.setFont(sans_font(base_points()))
        self._settings, self._problem = load_or_default(self._paths.settings_file)
        self._jobs = Jobs()
        choice = capture.choose(capture.session_from(os.environ, sys.platform))
        options = CaptureOptions(OverlayOptions(adjust_before_accept=self._settings.capture.adjust))
        self._session = session = CaptureSession(capture.make_grabber(choice, self._jobs), options)
        self._links = [
            session.painted.connect(self._load),
            session.waiting.connect(self._on_waiting),
            session.selected.connect(self._on_selected),
            session.cancelled.connect(self._on_cancelled),
            session.failed.connect(self._on_failed),
        ]
        session.start()

    def _load(self) -> None:
        """Import the rest in another thread, so that the pointer is not held up."""
        if self._jobs is not None and not self._loading:
            self._loading = True
            self._jobs.submit(Lane.IO, _import_the_rest, done=self._on_loaded, failed=self._give_up)

    def _on_loaded(self, _: object) -> None:
        self._loaded = True
        # Building the window takes a moment, which would be felt in the middle of a drag.
        if self._waiting or self._session is None or not self._session.drawing:
            self._build_behind()

    def _on_waiting(self) -> None:
        """The desktop asks for permission, and some do only where a window of ours is in front."""
        self._when_built(lambda application: application.window.come_forward())

    def _on_selected(self, image: Image) -> None:
        self._pass_on(lambda session: session.selected.emit(image))

    def _on_failed(self, code: str, text: str) -> None:
        self._pass_on(lambda session: session.failed.emit(code, text))

    def _on_cancelled(self) -> None:
        self._end()
        self._when_built(lambda application: (application.window.come_forward(), application.greet()))

    def _pass_on(self, again: Callable[[CaptureSession], None]) -> None:
        """The snip has ended. again: tells so those who were not there yet."""
        self._end()
        if self._application is None:
            self._when_built(lambda application: again(application.session))

    def _end(self) -> None:
        """From now on the session is the app's alone."""
        for link in self._links:
            QObject.disconnect(link)
        self._links = []

    def _when_built(self, action: Callable[[Application], object]) -> None:
        if self._application is not None:
            action(self._application)
            return
        self._waiting.append(action)
        if self._loaded:
            self._build_behind()
        else:
            self._load()

    def _build_behind(self) -> None:
        """The app, without showing its window."""
        try:
            self._build(visible=False)
        except ScipixError as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        """Without the rest nothing can be read."""
        log.error("Scipix cannot start: %s", error)
        self._app.exit(int(error.exit_code if isinstance(error, ScipixError) else ExitCode.FAULT))

    def _build(self, visible: bool) -> Application:
        from scipix.gui.application import Application
        from scipix.gui.crash import CrashGuard
        from scipix.gui.heap import Tidy
        from scipix.gui.parts import Early
        from scipix.gui.real_parts import make_parts

        self._guard = CrashGuard(self._app.quit)
        self._guard.install()
        early = None
        if self._settings is not None:
            early = Early(self._settings, self._problem, self._jobs, self._session)
        self._application = application = Application(self._app, make_parts(self._paths, early))
        application.start(visible)
        Tidy(application.jobs, application.reader, application).tidy()
        waiting, self._waiting = self._waiting, []
        for action in waiting:
            action(application)
        return application


def _import_the_rest(*, cancel: Cancel) -> None:
    """What `Launch._build` needs; what reading needs comes with the model, in the lane of work."""
    import scipix.gui.application
    import scipix.gui.crash
    import scipix.gui.heap
    import scipix.gui.real_parts  # noqa: F401
