"""What is to be kept is kept, whatever happens to the rest."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from scipix.errors import HistoryError
from scipix.gui.jobs import Jobs
from scipix.gui.keeper import Keeper
from scipix.history.recent import NewEntry, Recent
from tests.gui import fakes


def test_closing_writes_what_waits_behind_something_that_fails(qapp, tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite3"
    recent = Recent(file)
    damaged = recent.add(NewEntry(1.0, fakes.reading("old"), b"", b""))
    recent.close()
    with sqlite3.connect(file) as db:
        db.execute("UPDATE entries SET reading = '{'")
    db.close()
    jobs = Jobs()
    keeper = Keeper(jobs, lambda: Recent(file))
    keeper.get(damaged, print)
    handle = keeper.add(fakes.image(), fakes.reading("new"), 2.0)
    keeper.update(handle, "edited")
    with pytest.raises(HistoryError, match="damaged"):
        keeper.close()
    jobs.close()
    recent = Recent(file)
    assert [row.latex for row in recent.list()] == ["edited", "old"]
    recent.close()
