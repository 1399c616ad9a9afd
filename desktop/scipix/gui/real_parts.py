"""Makes the real parts of the app."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import PySide6
from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

from scipix import __version__
from scipix.errors import BackendUnavailable
from scipix.gui.capture import choose as capture
from scipix.gui.capture.permission import make_screen_test
from scipix.gui.hotkeys import choose as hotkeys
from scipix.gui.parts import Early, Parts
from scipix.history.recent import Recent
from scipix.inference.devices import this_machine
from scipix.inference.features import Features
from scipix.inference.ledger import Ledger
from scipix.inference.providers import LABELS
from scipix.inference.result_file import delete as delete_results
from scipix.inference.store import Store, Verified
from scipix.notation.mathjax import MathJax
from scipix.paths import Paths
from scipix.settings import HistorySettings, RecognitionSettings, load_or_default, save

if TYPE_CHECKING:
    from scipix.inference.calibration import Calibrator
    from scipix.inference.manifest import Model
    from scipix.pipeline import Pipeline, PipelineOptions

_PROVIDER_WORDS = {
    "cpu": "Processor",
    "cuda": "NVIDIA GPU (CUDA)",
    "tensorrt": "NVIDIA GPU (TensorRT)",
    "directml": "GPU (DirectML)",
    "coreml": "CoreML",
    "openvino": "Intel (OpenVINO)",
    "webgpu": "GPU (WebGPU)",
}


def make_parts(paths: Paths, early: Early | None = None) -> Parts:
    """The real parts. early: what was made before them."""
    early = early or Early(*load_or_default(paths.settings_file))
    settings = early.settings
    session = capture.session_from(os.environ, sys.platform)
    ledger = Ledger(paths.latency_folder)
    features = _features(settings.engine, paths, ledger)
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
        notes=() if early.problem is None else (f"Settings: {early.problem}.",),
        jobs=early.jobs,
        session=early.session,
    )


def open_history(chosen: HistorySettings, paths: Paths) -> Recent:
    """The list on disk, or one for this session only. Raises HistoryError."""
    return Recent(paths.history_file if chosen.keep else None, chosen.limit)


def _features(chosen: RecognitionSettings, paths: Paths, ledger: Ledger) -> Features:
    """The same as the pipeline has; what reading needs is imported when a model is looked at, which is behind the
    window."""

    def choose(model: Model) -> Model:
        return _pipeline_options(chosen, paths, ledger).choose(model)

    def load_math(verified: Verified) -> Any:
        return _pipeline_options(chosen, paths, ledger).sources()[1]["math"](verified)

    return Features(Store(paths.models, choose), {"math": load_math})


def _make_pipeline(chosen: RecognitionSettings, paths: Paths, ledger: Ledger, features: Features) -> Pipeline:
    from scipix.pipeline import Pipeline

    if not chosen.remember:
        delete_results(paths.results_file)
    return Pipeline(_pipeline_options(chosen, paths, ledger), features)


def _pipeline_options(chosen: RecognitionSettings, paths: Paths, ledger: Ledger) -> PipelineOptions:
    from scipix.pipeline import PipelineOptions

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
    from scipix.inference.calibration import Calibrator

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
