"""scipix stats: how long the stages of reading took, from the files that each session leaves in the cache folder."""

from __future__ import annotations

import json
import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from scipix import atomic
from scipix.cli.bench import table
from scipix.cli.programs import Streams
from scipix.errors import ExitCode, UsageError
from scipix.inference.ledger import Session, sessions, together
from scipix.inference.stats import facts, rows, to_csv, to_prometheus
from scipix.paths import Paths


def run(options: Namespace, paths: Paths, streams: Streams) -> ExitCode:
    """options: see arguments.py (all, json, csv, prometheus, serve).

    Raises UsageError when the file cannot be written or the port cannot be had.
    """
    if options.serve is not None:
        from scipix.cli.metrics import serve  # takes http.server along

        def answer() -> str:
            session = _session(paths, options.all)
            return to_prometheus(session) if session else "# nothing has been read yet\n"

        serve(options.serve, answer, lambda port: streams.message(f"http://127.0.0.1:{port}/metrics (Ctrl+C to stop)"))
        return ExitCode.OK
    session = _session(paths, options.all)
    if session is None:
        streams.message("there are no figures yet: nothing has been read since they were cleared")
        return ExitCode.OK
    if options.prometheus not in (None, "-"):
        _write(Path(options.prometheus), to_prometheus(session))
        return ExitCode.OK
    for line in _lines(options, session):
        streams.result(line)
    return ExitCode.OK


def _session(paths: Paths, everything: bool) -> Session | None:
    found = sessions(paths.latency_folder)
    return together(found if everything else found[-1:]) if found else None


def _lines(options: Namespace, session: Session) -> Iterator[str]:
    if options.json:
        yield json.dumps({**facts(session), "stages_ms": rows(session)})
    elif options.csv:
        yield from to_csv(session).splitlines()
    elif options.prometheus:
        yield from to_prometheus(session).splitlines()
    else:
        yield from _words(session)
        yield ""
        yield from table(rows(session))


def _words(session: Session) -> Iterator[str]:
    told, counts = facts(session), session.counts
    begun = time.strftime("%Y-%m-%d %H:%M", time.localtime(session.started))
    looked_up = counts["cache_hits"] + counts["cache_misses"]
    yield f"{session.program}, from {begun} on; times in milliseconds"
    yield f"read: {counts['readings']}, at {told['readings_per_second']:.1f} a second while reading"
    yield f"tokens: {counts['tokens']}, at {told['tokens_per_second']:.0f} a second of decoding"
    yield f"known already: {counts['cache_hits']} of {looked_up}"
    yield f"processor: {told['cpu_seconds']:.1f} s"
    yield f"memory: {told['memory_mb']:.0f} MB, at most {told['memory_peak_mb']:.0f} MB"
    if session.gpu_memory:
        yield f"graphics memory: {told['gpu_memory_mb']:.0f} MB"
    yield from (f"note: {note}" for note in session.notes)


def _write(path: Path, text: str) -> None:
    """Whole or not at all, so that a collector never reads half of it."""
    try:
        atomic.write_text(path, text)
    except OSError as exc:
        raise UsageError(f"cannot write {path}: {exc}") from exc
