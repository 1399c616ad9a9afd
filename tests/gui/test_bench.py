"""The bench of the window: the real app in a process of its own, with a recognizer that needs no model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scipix.errors import BackendUnavailable
from scipix.gui.bench import measure

ROOT = Path(__file__).parent.parent.parent
CHILD = """
import json, sys, time
import numpy as np
import scipix.gui.bench as bench
from scipix.paths import default_paths
from scipix.sources.images import from_array
from tests.fakes import make_reading

class Pipeline:
    def __init__(self, options): pass
    def recognize(self, image, *, cancel=None): return make_reading(readable=READABLE)
    def warm_up(self): pass
    def close(self): pass

bench.Pipeline = Pipeline
images = [from_array(np.full((20, 30, 3), shade, np.uint8)) for shade in (0, 255)]
print(json.dumps(bench.time_app(time.time(), time.time(), images, default_paths({"HOME": sys.argv[1]}), 2)))
"""


@pytest.mark.parametrize("readable", [True, False])
def test_the_app_is_timed_without_touching_the_user(tmp_path: Path, readable: bool) -> None:
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": f"{ROOT / 'desktop'}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-c", CHILD.replace("READABLE", str(readable)), str(tmp_path)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    start = answer["start"]
    assert 0 <= start["python"] <= start["imports"] <= start["window"]
    assert start["imports"] <= start["ready"]
    assert len(answer["drags"]) == 4
    for drag in answer["drags"]:
        assert set(drag) == ({"read", "copied"} if readable else {"read"})
    assert len(answer["dock"]) == 30
    assert min(answer["dock"]) > 0
    assert list(tmp_path.iterdir()) == []


def test_rows_are_made_of_several_starts() -> None:
    start = {"python": 1.0, "imports": 2.0, "window": 3.0, "ready": 4.0}
    answer = json.dumps({"start": start, "drags": [{"read": 5.0, "copied": 6.0}, {"read": 7.0}], "dock": [2.5]})
    rows = measure([sys.executable, "-c", f"print({answer!r})"], starts=2)
    assert [(row["count"], row["p50"]) for row in rows[:6]] == [(2, 1), (2, 2), (2, 3), (2, 4), (4, 6), (2, 6)]
    assert [(row["unit"], row["p50"]) for row in rows[6:]] == [("ms", 2.5), ("%", 0.25)]
    assert all(row["unit"] == "ms" for row in rows[:6])


def test_a_process_that_fails_is_an_error() -> None:
    with pytest.raises(BackendUnavailable, match="timed"):
        measure([sys.executable, "-c", "raise SystemExit(3)"], starts=1)
