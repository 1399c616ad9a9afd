"""Readings on the disk, to find again after a restart: one SQLite file, which anybody may delete at any time.

It holds no picture, only digests of pictures, and readings. A fault of the file never hinders a reading: it is logged,
and the file is left alone until the next start. A corrupt one is set aside, and another is begun.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipix.datatypes import Reading
from scipix.reading_json import dump_reading, parse_reading

_log = logging.getLogger(__name__)

_TAILS = ("", "-wal", "-shm")
_BUSY_MS = 500
_DAMAGED = (ValueError, KeyError, TypeError, AttributeError)
_VERSION = 1
_SCHEMA = """
CREATE TABLE results (
    key BLOB PRIMARY KEY,
    model TEXT NOT NULL,
    created REAL NOT NULL,
    used REAL NOT NULL,
    size INTEGER NOT NULL,
    reading TEXT NOT NULL
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class FileLimits:
    """ttl: seconds after which a reading is made anew. size: bytes of readings at most; those used longest ago go."""

    ttl: float = 30 * 86400.0
    size: int = 16 << 20


class ResultFile:
    """Keyed by bytes; each reading belongs to a model's fingerprint. Used by one thread. Opened when first needed."""

    def __init__(self, path: Path, limits: FileLimits | None = None, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._limits, self._clock = limits or FileLimits(), clock
        self._db: sqlite3.Connection | None = None
        self._failed = False
        self._size = 0

    def get(self, key: bytes) -> Reading | None:
        """None when it is not there, too old, or damaged."""
        row = self._try(lambda db: db.execute("SELECT reading, created FROM results WHERE key = ?", (key,)).fetchone())
        if row is None:
            return None
        now = self._clock()
        if not 0 <= now - row[1] <= self._limits.ttl:  # from the future: the clock was set back
            self._remove(key)
            return None
        try:
            reading = parse_reading(row[0])
        except _DAMAGED:
            self._remove(key)
            return None
        self._try(lambda db: db.execute("UPDATE results SET used = ? WHERE key = ?", (now, key)))
        return reading

    def put(self, key: bytes, model: str, reading: Reading) -> None:
        """model: the fingerprint."""
        text, now = dump_reading(reading), self._clock()
        size = len(text.encode())
        row = (key, model, now, now, size, text)
        if self._try(lambda db: db.execute("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?)", row)):
            self._size += size
        while self._size > self._limits.size and self._try(self._shrink):
            pass

    def keep_only(self, model: str) -> None:
        """Drop what other models read, and what is too old."""
        oldest = self._clock() - self._limits.ttl
        self._try(lambda db: db.execute("DELETE FROM results WHERE model <> ? OR created < ?", (model, oldest)))
        self._try(self._measure)

    def clear(self) -> None:
        """Delete the file and what was set aside; readings to come are kept again."""
        self.close()
        self._failed = False
        delete(self.path)

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def _remove(self, key: bytes) -> None:
        self._try(lambda db: db.execute("DELETE FROM results WHERE key = ?", (key,)))

    def _shrink(self, db: sqlite3.Connection) -> bool:
        """Make room: drop an eighth of the readings, those used longest ago; False when nothing is left to drop."""
        many = db.execute("SELECT count(*) / 8 + 1 FROM results").fetchone()[0]
        dropped = db.execute(
            "DELETE FROM results WHERE key IN (SELECT key FROM results ORDER BY used LIMIT ?)", (many,)
        ).rowcount
        self._measure(db)
        return dropped > 0

    def _measure(self, db: sqlite3.Connection) -> None:
        self._size = db.execute("SELECT coalesce(sum(size), 0) FROM results").fetchone()[0]

    def _try(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        """What the work returns; None when the file cannot be used."""
        if self._failed:
            return None
        try:
            if self._db is None:
                self._db = _open(self.path)
                self._measure(self._db)
            return work(self._db)
        except (sqlite3.Error, OSError) as exc:
            self._give_up(exc)
            return None

    def _give_up(self, error: Exception) -> None:
        _log.warning("results are not kept in %s: %s", self.path, error)
        self.close()
        self._failed = True
        if _is_corrupt(error):
            try:
                _set_aside(self.path)
            except OSError as exc:
                _log.warning("it cannot be moved away: %s", exc)
            else:
                self._failed = False  # the next reading begins another one


def delete(path: Path) -> None:
    """Delete such a file, and one that was set aside; whether or not they are there."""
    for base in (path, _aside(path)):
        for tail in _TAILS:
            try:
                base.with_name(base.name + tail).unlink(missing_ok=True)
            except OSError as exc:
                _log.warning("%s cannot be deleted: %s", base, exc)


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)  # what was read is nobody else's business
    db = sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")  # the last ones may be lost with the power
        db.execute("PRAGMA secure_delete = ON")
        if db.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            db.execute("DROP TABLE IF EXISTS results")
            db.execute(_SCHEMA)
            db.execute(f"PRAGMA user_version = {_VERSION}")
    except BaseException:
        db.close()
        raise
    return db


def _is_corrupt(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _aside(path: Path) -> Path:
    """Always the same name, so that at most one is kept and `delete` finds it."""
    return path.with_name(f"{path.name}.corrupt")


def _set_aside(path: Path) -> None:
    for tail in _TAILS:
        side = path.with_name(path.name + tail)
        if side.exists():
            side.replace(_aside(path).with_name(_aside(path).name + tail))
