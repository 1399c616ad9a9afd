"""The recent list: what was read, with its picture, in one SQLite file that survives kill -9.

WAL with synchronous=FULL: when `add` or `update` has returned, the data is on the disk. Removed entries stay hidden in
the file until `purge`, so that a removal can be undone; opening the file purges what an earlier run left behind.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scipix.datatypes import Reading
from scipix.errors import HistoryError
from scipix.reading_json import dump_reading, parse_reading

log = logging.getLogger(__name__)

VERSION = 1
_BUSY_MS = 5000
_SCHEMA = """
CREATE TABLE entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    created REAL NOT NULL,
    latex TEXT NOT NULL,
    edited TEXT,
    confidence REAL NOT NULL,
    model TEXT NOT NULL,
    reading TEXT NOT NULL,
    picture BLOB NOT NULL,
    thumbnail BLOB NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX entries_created ON entries (removed, id DESC);
"""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What `add` keeps. created: seconds since 1970 (UTC). picture, thumbnail: PNG bytes."""

    created: float
    reading: Reading
    picture: bytes
    thumbnail: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One kept recognition; edited is the user's text, None when the reading was left as it is."""

    id: int
    created: float
    reading: Reading
    edited: str | None
    picture: bytes
    thumbnail: bytes

    @property
    def latex(self) -> str:
        """What the user last saw."""
        return self.reading.latex if self.edited is None else self.edited


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the recent list."""

    id: int
    created: float
    latex: str
    confidence: float
    thumbnail: bytes


class Recent:
    """The recent list in a file, or in memory only when path is None. Every method may be called from any thread.

    limit: the oldest entries beyond this many are dropped when one is added; 0 keeps all.
    set_aside: where a corrupt file was moved to when this one was opened, else None.
    Raises HistoryError when the file cannot be opened, and from every method when it cannot be read or written.
    """

    def __init__(self, path: Path | None, limit: int = 500) -> None:
        self.path = path
        self.limit = limit
        self.set_aside: Path | None = None
        self._lock = threading.Lock()
        try:
            self._db = _open(path)
        except sqlite3.DatabaseError as exc:
            if path is None or not _is_corrupt(exc):
                raise HistoryError(f"cannot open the recent list {path}: {exc}") from exc
            self.set_aside = _move_away(path)
            log.error("the recent list %s is corrupt (%s); moved to %s", path, exc, self.set_aside)
            self._db = _reopen(path)
        except OSError as exc:
            raise HistoryError(f"cannot open the recent list {path}: {exc}") from exc
        self.purge()

    def add(self, entry: NewEntry) -> int:
        """Keep a recognition and return its id; on the disk when this returns."""
        values = (
            entry.created,
            entry.reading.latex,
            entry.reading.confidence,
            entry.reading.model,
            dump_reading(entry.reading),
            entry.picture,
            entry.thumbnail,
        )
        with self._writing() as db:
            cursor = db.execute(
                "INSERT INTO entries (created, latex, confidence, model, reading, picture, thumbnail)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            if self.limit > 0:
                db.execute(
                    "DELETE FROM entries WHERE removed = 0 AND id NOT IN"
                    " (SELECT id FROM entries WHERE removed = 0 ORDER BY id DESC LIMIT ?)",
                    (self.limit,),
                )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def list(self, limit: int = 200, containing: str = "") -> list[Row]:
        """The newest entries first; containing: text that the LaTeX must contain, letter case ignored."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT id, created, coalesce(edited, latex) AS text, confidence, thumbnail FROM entries"
                " WHERE removed = 0 AND (? = '' OR instr(lower(text), lower(?)) > 0) ORDER BY id DESC LIMIT ?",
                (containing, containing, limit),
            ).fetchall()
        return [Row(*row) for row in rows]

    def get(self, entry_id: int) -> Entry | None:
        """The whole entry, None when there is none (any more)."""
        with self._reading() as db:
            row = db.execute(
                "SELECT id, created, reading, edited, picture, thumbnail FROM entries WHERE id = ? AND removed = 0",
                (entry_id,),
            ).fetchone()
        if row is None:
            return None
        try:
            reading = parse_reading(row[2])
        except (ValueError, KeyError, TypeError) as exc:
            raise HistoryError(f"entry {entry_id} of the recent list is damaged: {exc}") from exc
        return Entry(row[0], row[1], reading, row[3], row[4], row[5])

    def update(self, entry_id: int, latex: str) -> None:
        """Keep the user's text; the reading itself is kept beside it. Unknown ids are ignored."""
        with self._writing() as db:
            db.execute("UPDATE entries SET edited = nullif(?, latex) WHERE id = ?", (latex, entry_id))

    def remove(self, entry_id: int) -> None:
        """Hide one entry; `restore` brings it back until `purge`."""
        with self._writing() as db:
            db.execute("UPDATE entries SET removed = 1 WHERE id = ?", (entry_id,))

    def clear(self) -> tuple[int, ...]:
        """Hide all and return their ids, for `restore`."""
        with self._writing() as db:
            ids = tuple(row[0] for row in db.execute("SELECT id FROM entries WHERE removed = 0 ORDER BY id"))
            db.execute("UPDATE entries SET removed = 1")
        return ids

    def restore(self, entry_ids: Iterable[int]) -> None:
        """Bring hidden entries back."""
        with self._writing() as db:
            db.executemany("UPDATE entries SET removed = 0 WHERE id = ?", [(entry_id,) for entry_id in entry_ids])

    def purge(self, entry_ids: Iterable[int] | None = None) -> None:
        """Delete hidden entries for good, those with the ids or all; their bytes are overwritten."""
        with self._writing() as db:
            if entry_ids is None:
                db.execute("DELETE FROM entries WHERE removed = 1")
            else:
                ids = [(entry_id,) for entry_id in entry_ids]
                db.executemany("DELETE FROM entries WHERE removed = 1 AND id = ?", ids)

    def close(self) -> None:
        """Close the file; no method may be called after."""
        with self._lock:
            self._db.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.rollback()
                raise
            db.commit()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._db
            except sqlite3.Error as exc:
                raise HistoryError(f"cannot use the recent list {self.path}: {exc}") from exc


def _open(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # what was on the screen is nobody else's business
    db = sqlite3.connect(path or ":memory:", timeout=_BUSY_MS / 1000, isolation_level=None, check_same_thread=False)
    try:
        db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA secure_delete = ON")
        found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(f"malformed: {found}")
        _migrate(db)
    except BaseException:
        db.close()
        raise
    return db


def _reopen(path: Path) -> sqlite3.Connection:
    try:
        return _open(path)
    except sqlite3.DatabaseError as exc:
        raise HistoryError(f"cannot open the recent list {path}: {exc}") from exc


def _migrate(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        db.rollback()
        raise HistoryError(
            f"the recent list was written by a newer Scipix (version {version}; this one reads {VERSION})"
        )
    if version == 0:
        for statement in _SCHEMA.split(";"):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {VERSION}")
    db.commit()


def _is_corrupt(error: sqlite3.DatabaseError) -> bool:
    # OperationalError is also a DatabaseError: locked, read-only, disk full. None of these is the file's fault.
    corrupt = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
    code = getattr(error, "sqlite_errorcode", None)
    return (code is None and str(error).startswith("malformed")) or (code is not None and code & 0xFF in corrupt)


def _move_away(path: Path) -> Path:
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    target = path.with_name(f"{path.stem}.corrupt-{stamp}{path.suffix}")
    try:
        path.replace(target)
        for tail in ("-wal", "-shm"):
            side = path.with_name(path.name + tail)
            if side.exists():
                side.replace(target.with_name(target.name + tail))
    except OSError as exc:
        raise HistoryError(f"the recent list {path} is corrupt and cannot be moved away: {exc}") from exc
    return target
