"""From arguments to an exit code."""

from __future__ import annotations

from argparse import Namespace

from scipix.cli import arguments
from scipix.cli.programs import Programs, Streams
from scipix.errors import ScipixError, SettingsError
from scipix.paths import Paths
from scipix.settings import Settings, load


def main(argv: list[str], paths: Paths, streams: Streams, programs: Programs) -> int:
    """argv: without the program's name. Every ScipixError ends as a message and its exit code.

    Wrong arguments raise SystemExit(2), and --help and --version SystemExit(0), as argparse does.
    """
    options = None if arguments.is_for_the_app(argv) else arguments.parse(argv)
    try:
        return programs.app(argv) if options is None else int(_run(options, paths, streams, programs))
    except ScipixError as error:
        streams.message(str(error))
        return int(error.exit_code)
    finally:
        for sentence in programs.unsaid():
            streams.message(sentence)


def _run(options: Namespace, paths: Paths, streams: Streams, programs: Programs) -> int:
    # What a command needs is imported when it runs: none of it may keep `scipix snip` from the screen.
    match options.command:
        case "recognize":
            from scipix.cli import recognize

            settings = _settings(paths, streams)
            options.provider = options.provider or settings.recognition.provider
            options.features = settings.features.enabled
            return recognize.run(options, paths, streams, programs)
        case "snip":
            return programs.snip(options.mode, paths)
        case "models":
            from scipix.cli import models

            return models.run(options, paths, streams, programs, _settings(paths, streams))
        case "bench":
            from scipix.cli import bench

            options.provider = options.provider or _settings(paths, streams).recognition.provider
            return bench.run(options, paths, streams, programs)
        case "stats":
            from scipix.cli import stats

            return stats.run(options, paths, streams)
        case _:
            from scipix.cli import doctor, selftest

            answer = selftest.run if options.self_test else doctor.run
            return answer(options.json, paths, streams, programs)


def _settings(paths: Paths, streams: Streams) -> Settings:
    """The user's, or the defaults with a message; a broken file is left for the app to put aside."""
    try:
        return load(paths.settings_file)
    except SettingsError as error:
        streams.message(f"{error}; going on with the defaults")
        return Settings()
