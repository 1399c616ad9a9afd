"""Starts the app: Qt, the one instance, the real parts."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import PySide6
from PySide6.QtCore import Qt, QTimer, qVersion
from PySide6.QtGui import QGuiApplication

from scipix import __version__
from scipix.errors import BackendUnavailable, ScipixError
from scipix.gui.application import Application
from scipix.gui.capture import choose as capture
from scipix.gui.capture.permission import make_screen_test
from scipix.gui.crash import CrashGuard
from scipix.gui.heap import Tidy
from scipix.gui.hotkeys import choose as hotkeys
from scipix.gui.instance import Instance, Message, send
from scipix.gui.parts import Parts
from scipix.gui.qt_app import QtApp
from scipix.history.recent import Recent
from scipix.inference.calibration import Calibrator
from scipix.inference.devices import this_machine
from scipix.inference.features import Features
from scipix.inference.ledger import Ledger
from scipix.inference.providers import LABELS
from scipix.inference.result_file import delete as delete_results
from scipix.notation.mathjax import MathJax
from scipix.paths import Paths, default_paths
from scipix.pipeline import Pipeline, PipelineOptions
from scipix.settings import HistorySettings, RecognitionSettings, load_or_default, save

# The name of the desktop file, by which portals and Wayland compositors know the app.
APP_ID = "org.scipix.Scipix"
_PROVIDER_WORDS = {
    "cpu": "Processor",
    "cuda": "NVIDIA GPU (CUDA)",
    "tensorrt": "NVIDIA GPU (TensorRT)",
    "directml": "GPU (DirectML)",
    "coreml": "CoreML",
    "openvino": "Intel (OpenVINO)",
    "webgpu": "GPU (WebGPU)",
}
_SIGNAL_POLL_MS = 250


def main(argv: Sequence[str]) -> int:
    """Run the app until it is quit; hand over to the app that runs already when there is one.

    argv: picture files to read, a PDF to open, and --hidden to start without the window. Returns the exit code. Raises
    FolderUnusable, UsageError, or ScipixError when the other one does not answer.
    """
    paths = default_paths(os.environ)
    paths.make_data()
    app = make_qt_app()
    wish = _wish(argv)
    instance = Instance(paths.data)
    if not instance.claim():
        if send(wish, paths.data):
            return 0
        raise ScipixError("Scipix runs already, but does not answer; end it and start it again")
    application = Application(app, make_parts(paths))
    instance.received.connect(application.obey)
    app.file_wanted.connect(lambda path: application.obey(Message("open", paths=(path,))))
    guard = CrashGuard(app.quit)
    guard.install()
    visible = "--hidden" not in argv
    application.start(visible)
    Tidy(application.jobs, application.reader, application).tidy()
    if wish.paths:
        application.obey(wish)
    elif visible:
        application.greet()
    timer = _let_signals_in(app)
    try:
        return app.exec()
    finally:
        timer.stop()
        guard.remove()
        application.close()
        instance.close()
        if app.platformName() == "offscreen":
            # Its clipboard outlives Python, and would free our Python object in it: a crash at exit.
            app.clipboard().clear()


def make_qt_app() -> QtApp:
    """The QApplication with the app's names; at fractional scales nothing is rounded."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    QGuiApplication.setDesktopFileName(APP_ID)
    app = QtApp([sys.argv[0]])
    app.setApplicationName("Scipix")
    app.setApplicationDisplayName("Scipix")
    app.setApplicationVersion(__version__)
    return app


def make_parts(paths: Paths) -> Parts:
    """The real parts."""
    settings, problem = load_or_default(paths.settings_file)
    session = capture.session_from(os.environ, sys.platform)
    ledger = Ledger(paths.latency_folder)
    features = Features(*_pipeline_options(settings.engine, paths, ledger).sources())
    return Parts(
        resources=paths.resources,
        settings=settings,
        save_settings=lambda changed: save(changed, paths.settings_file),
        make_recognizer=lambda chosen: _make_pipeline(chosen, paths, ledger, features),
        typeset_engine=MathJax(paths.resources / "mathjax" / "mathjax.js"),
        open_history=lambda chosen: open_history(chosen, paths),
        clipboard=QGuiApplication.clipboard(),
        make_grabber=lambda jobs: capture.make_grabber(capture.choose(session), jobs),
        make_hotkeys=lambda: hotkeys.make_hotkeys(hotkeys.choose(session)),
        providers=lambda: _providers(paths),
        versions=_versions,
        features=features,
        make_screen_test=lambda jobs: make_screen_test(session, jobs),
        ledger=ledger,
        make_calibrator=lambda: _make_calibrator(paths),
        notes=() if problem is None else (f"Settings: {problem}.",),
    )


def open_history(chosen: HistorySettings, paths: Paths) -> Recent:
    """The list on disk, or one for this session only. Raises HistoryError."""
    return Recent(paths.history_file if chosen.keep else None, chosen.limit)


def _make_pipeline(chosen: RecognitionSettings, paths: Paths, ledger: Ledger, features: Features) -> Pipeline:
    if not chosen.remember:
        delete_results(paths.results_file)
    return Pipeline(_pipeline_options(chosen, paths, ledger), features)


def _pipeline_options(chosen: RecognitionSettings, paths: Paths, ledger: Ledger) -> PipelineOptions:
    return PipelineOptions(
        paths.models,
        chosen.provider,
        results_file=paths.results_file if chosen.remember else None,
        machine=lambda: this_machine(plugins=paths.plugins),
        latency=ledger.latency,
        calibrations=paths.calibration_file,
        precision=chosen.precision,
        tell=ledger.note,
        mapped=paths.mapped_folder,
    )


def _make_calibrator(paths: Paths) -> Calibrator:
    from scipix.inference.bench import own_command  # much that only benches need

    machine = this_machine(plugins=paths.plugins)
    return Calibrator(paths.models, paths.calibration_file, own_command(), machine)


def _providers(paths: Paths) -> list[tuple[str, str]]:
    machine = this_machine(plugins=paths.plugins)
    offered = [LABELS[name] for name in LABELS if machine.offers(name)]
    return [(label, _PROVIDER_WORDS.get(label, label)) for label in offered]


def _versions() -> list[tuple[str, str]]:
    from scipix.inference.runtime import load_onnxruntime

    try:
        backend = load_onnxruntime().__version__
    except BackendUnavailable as error:
        backend = str(error)
    return [
        ("Scipix", __version__),
        ("Python", sys.version.split()[0]),
        ("Qt", qVersion()),
        ("PySide6", PySide6.__version__),
        ("onnxruntime", backend),
    ]


def _wish(argv: Sequence[str]) -> Message:
    files = tuple(str(Path(word).absolute()) for word in argv if not word.startswith("-"))
    return Message("open", paths=files) if files else Message("show")


def _let_signals_in(app: QtApp) -> QTimer:
    """Ctrl+C in the terminal and SIGTERM quit properly; Python sees a signal only when it runs."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, frame: app.quit())
    timer = QTimer()
    timer.timeout.connect(lambda: None)
    timer.start(_SIGNAL_POLL_MS)
    return timer
