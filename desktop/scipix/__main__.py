"""The one way in: `scipix`, `python -m scipix` and the frozen app."""

from __future__ import annotations

import os

# Before anything can import onnxruntime: its wheels phone home from 1.29 on, and only this stops them.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import contextlib
import io
import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from scipix.cli.main import main as run_command
from scipix.cli.programs import BenchRequest, Programs, Recognizer, Streams
from scipix.errors import BackendUnavailable, CaptureError, ExitCode, FolderUnusable, ScipixError, SettingsError
from scipix.inference.ledger import Ledger
from scipix.inference.runtime import load_onnxruntime
from scipix.paths import Paths, default_paths

if TYPE_CHECKING:
    from scipix.inference.features import Features
    from scipix.pipeline import PipelineOptions

T = TypeVar("T")

STARTED = time.time()  # seconds since the epoch, for the bench
INTERRUPTED = 130  # 128 + SIGINT, what shells expect
DEBUG = "SCIPIX_DEBUG"  # set to anything: tracebacks for faults of ours


def open_recognizer(models: Path, provider: str, enabled: frozenset[str], ledger: Ledger | None = None) -> Recognizer:
    from scipix.inference.features import FeatureOptions
    from scipix.pipeline import Pipeline

    pipeline = Pipeline(_pipeline_options(models, provider, ledger))
    pipeline.features.configure(FeatureOptions(enabled))
    return pipeline


def open_features(models: Path, provider: str, enabled: frozenset[str]) -> Features:
    from scipix.inference.features import FeatureOptions, Features

    return Features(*_pipeline_options(models, provider).sources(), FeatureOptions(enabled))


def _pipeline_options(models: Path, provider: str, ledger: Ledger | None = None) -> PipelineOptions:
    from scipix.inference.devices import this_machine
    from scipix.pipeline import PipelineOptions

    paths = default_paths(os.environ)
    return PipelineOptions(
        models=models,
        provider=provider,
        machine=lambda: this_machine(plugins=paths.plugins),
        latency=ledger and ledger.latency,
        calibrations=paths.calibration_file,
        precision=_precision(paths),
        tell=ledger and ledger.note,
        mapped=paths.mapped_folder,
    )


def _precision(paths: Paths) -> str:
    """As the user has it. Of a broken file the command line tells elsewhere."""
    from scipix.settings import load

    try:
        return load(paths.settings_file).recognition.precision
    except SettingsError:
        return "auto"


def before_qt() -> None:
    """On Windows, onnxruntime cannot load its library once Qt's are in the process (onnxruntime issue 26127)."""
    if sys.platform == "win32":
        with contextlib.suppress(BackendUnavailable):  # told by whoever needs it
            load_onnxruntime()


def start_app(arguments: Sequence[str]) -> int:
    """Open the window, or ask the app that runs already to show it. Raises CaptureError without a display."""
    check_display()
    before_qt()
    try:
        from scipix.gui.app import main as app
    except ImportError as exc:  # a system library that Qt links to
        raise CaptureError(f"the window system cannot be loaded: {exc}. `scipix doctor` tells more") from exc
    return app(list(arguments))


def check_display() -> None:
    """Raises CaptureError when no window can be opened: Qt would end the program."""
    if sys.platform.startswith("linux") and "QT_QPA_PLATFORM" not in os.environ:
        from scipix.gui.display import unreachable

        if problem := unreachable(os.environ):
            raise CaptureError(f"{problem}; `scipix recognize` works without one")


def ask_for_snip(mode: str, paths: Paths) -> int:
    """Of the app that runs; when none does, this process becomes it, or starts it. Raises CaptureError."""
    from scipix.gui.hand_over import answers, app_command, ask, fork_detached, reach, start_detached
    from scipix.gui.wish import Message, snip_words

    paths.make_data()
    line = reach(paths.data)
    if line is not None:
        answered = ask(line, Message("snip", mode))
    else:
        check_display()
        words = snip_words(mode)
        started = fork_detached() if sys.platform == "linux" else start_detached([*app_command(), *words])
        if started is None:
            return start_app(words)
        answered = answers(paths.data, started)
    if not answered:
        raise CaptureError("the app did not answer; start `scipix` and see what it says")
    return ExitCode.OK


def measure(request: BenchRequest) -> Sequence[Mapping[str, Any]]:
    """Rows of the window part, then of the inference part; in a process that was started for it, what time_app says."""
    from scipix.inference.bench import own_command
    from scipix.pipeline import Pipeline

    before_qt()
    if request.calibrate:
        from scipix.inference.calibration import Calibrator
        from scipix.inference.devices import this_machine

        machine = this_machine(plugins=request.paths.plugins)
        return Calibrator(request.paths.models, request.paths.calibration_file, own_command(), machine).run_all()
    if request.since is not None:
        from scipix.gui.bench import time_app

        return [time_app(request.since, STARTED, request.images, request.paths, request.repeat)]
    options = _pipeline_options(request.paths.models, request.provider)
    pipeline = Pipeline(options)
    pipeline.warm_up()  # a missing model is told now, not as a failure of the processes that are timed
    pipeline.close()
    return [*_window_rows(own_command(), request.sample), *_reading_rows(request, options)]


def _reading_rows(request: BenchRequest, options: PipelineOptions) -> Sequence[Mapping[str, Any]]:
    from scipix.inference.bench import BenchOptions, run
    from scipix.pipeline import Pipeline
    from scipix.recognize.preprocess import prepare

    def files() -> list[Path]:
        mapped = [] if options.mapped is None else options.mapped.glob("*.ort")
        return [*options.sources()[0].open("math").files.values(), *mapped]

    forgets = replace(options, cache_size=0)  # every picture is read again each time
    bench = BenchOptions(
        lambda: Pipeline(forgets),
        request.images,
        prepare,
        lambda file: Pipeline(replace(options, results_file=file)),
        request.repeat,
        files,
        request.sample,
        peer=request.peer,
    )
    return run(bench).to_rows()


def _window_rows(command: Sequence[str], sample: Path | None) -> Sequence[Mapping[str, Any]]:
    if sample is None:
        return []
    from scipix.gui.bench import measure as measure_window

    return measure_window([*command, "bench", str(sample), "--json", "--window-since"])


def inference_facts(models: Path) -> Mapping[str, Any]:
    from scipix.inference.devices import this_machine
    from scipix.inference.doctor import facts

    paths = default_paths(os.environ)
    return facts(models, lambda: this_machine(plugins=paths.plugins), paths.calibration_file)


def desktop_facts() -> Mapping[str, Any]:
    before_qt()
    try:
        from scipix.gui.doctor import facts
    except ImportError as exc:
        return {"qt": {"ok": False, "message": str(exc)}}
    return facts(os.environ, sys.platform)


def paint_preview(latex: str) -> bytes:
    before_qt()
    try:
        from scipix.gui.selftest import paint
    except ImportError as exc:  # a system library that Qt links to
        raise CaptureError(f"the window system cannot be loaded: {exc}") from exc
    return paint(latex)


def shielded(work: Callable[[], T], /) -> T:
    """One input or one check cannot end the run, whatever it brings to light."""
    try:
        return work()
    except ScipixError:
        raise
    except Exception as exc:
        logging.getLogger("scipix").debug("fault", exc_info=True)
        raise ScipixError(f"a fault of Scipix: {type(exc).__name__}: {exc}") from exc


def standard_streams() -> Streams:
    """UTF-8 wherever the terminal stands; a windowed program has no streams at all."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    source = io.BytesIO() if sys.stdin is None else sys.stdin.buffer
    return Streams(source, sys.stdout or io.StringIO(), sys.stderr or io.StringIO())


def main() -> int:
    """Exit code of the command line in sys.argv; no traceback, whatever happens."""
    level = logging.DEBUG if DEBUG in os.environ else logging.ERROR
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("PIL").setLevel(logging.WARNING)
    streams = standard_streams()
    try:
        paths = default_paths(os.environ)
    except FolderUnusable as error:
        streams.message(str(error))
        return int(error.exit_code)
    ledger = Ledger(paths.latency_folder, "recognize")
    programs = Programs(
        lambda models, provider, enabled: open_recognizer(models, provider, enabled, ledger),
        start_app,
        ask_for_snip,
        measure,
        inference_facts,
        desktop_facts,
        shielded,
        paint_preview,
        open_features,
        ledger.latency,
        ledger.unsaid,
    )
    try:
        code = run_command(sys.argv[1:], paths, streams, programs)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our results has gone, and needs no words
        code = int(ExitCode.OUTPUT)
    except Exception as exc:
        logging.getLogger("scipix").debug("fault", exc_info=True)
        streams.message(f"a fault of Scipix: {type(exc).__name__}: {exc} (set {DEBUG}=1 for details)")
        return int(ExitCode.FAULT)
    finally:
        ledger.write()
    if code == ExitCode.OUTPUT:
        # Python would complain when it flushes at exit what could not be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


if __name__ == "__main__":
    sys.exit(main())
