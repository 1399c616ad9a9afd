"""What the app stands on; tests pass in their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtGui import QClipboard

from scipix.errors import SettingsError
from scipix.gui.capture.grabber import Grabber
from scipix.gui.capture.permission import ScreenTest
from scipix.gui.capture.session import CaptureSession
from scipix.gui.hotkeys.backend import HotkeyBackend
from scipix.gui.jobs import Jobs
from scipix.gui.reader import Recognizer
from scipix.gui.tuner import Calibrates
from scipix.gui.typeset import Engine as TypesetEngine
from scipix.history.recent import Recent
from scipix.inference.features import Features
from scipix.inference.ledger import Ledger
from scipix.settings import HistorySettings, RecognitionSettings, Settings


@dataclass(frozen=True, slots=True)
class Early:
    """What a start with a snip has made before the app. problem: with the settings file, None when there is none. jobs,
    session: which the app is to use, too; None: it makes its own."""

    settings: Settings
    problem: SettingsError | None = None
    jobs: Jobs | None = None
    session: CaptureSession | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What the app stands on.

    resources: folder of themes and icons. notes: sentences to show at the start. save_settings raises SettingsError.
    make_recognizer, open_history and providers are called in other threads. providers: (value, words) of those that
    this machine has. versions: (what, version), for the About box. features: what
    is loaded, which the recognizer uses. make_screen_test: None where nobody has to allow
    that the screen is seen. ledger: takes the latency. make_calibrator: finds where the models run fastest; called in
    another thread, None when that is never measured. jobs, session: as in `Early`.
    """

    resources: Path
    settings: Settings
    save_settings: Callable[[Settings], None]
    make_recognizer: Callable[[RecognitionSettings], Recognizer]
    typeset_engine: TypesetEngine
    open_history: Callable[[HistorySettings], Recent]
    clipboard: QClipboard
    make_grabber: Callable[[Jobs], Grabber]
    make_hotkeys: Callable[[], HotkeyBackend]
    providers: Callable[[], Sequence[tuple[str, str]]]
    versions: Callable[[], Sequence[tuple[str, str]]]
    features: Features
    notes: tuple[str, ...] = ()
    ledger: Ledger = field(default_factory=Ledger)
    make_screen_test: Callable[[Jobs], ScreenTest | None] = lambda jobs: None
    make_calibrator: Callable[[], Calibrates] | None = None
    jobs: Jobs | None = None
    session: CaptureSession | None = None
