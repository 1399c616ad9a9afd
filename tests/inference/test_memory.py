from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from scipix.inference import memory

READING = "from scipix.inference.runtime import load_onnxruntime; load_onnxruntime()"
WINDOW = "from scipix.gui.app import make_qt_app; app = make_qt_app()"
HEAPS = """
import ctypes, threading
library, together = ctypes.CDLL(None), threading.Barrier(12)
library.malloc.restype = ctypes.c_void_p

def work():
    together.wait()
    library.malloc(ctypes.c_size_t(50_000))
    together.wait()

threads = [threading.Thread(target=work) for _ in range(12)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
library.malloc_stats()
"""


class Process:
    """What the process holds, and how often it gave back what it needs no more; and the time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.needed, self.held, self.now, self.given = 100_000_000, 100_000_000, 50.0, 0
        monkeypatch.setattr(memory, "resident_bytes", lambda: self.held)
        monkeypatch.setattr(memory, "give_back", self.give_back)
        monkeypatch.setattr(memory, "time", SimpleNamespace(monotonic=lambda: self.now))

    def give_back(self) -> bool:
        self.given, self.held = self.given + 1, self.needed
        return True

    def work(self, left: int, seconds: float = 0.1) -> None:
        """Leave bytes behind."""
        self.held += left
        self.now += seconds


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Process:
    return Process(monkeypatch)


def test_a_little_is_given_back_only_now_and_then(process: Process) -> None:
    heap = memory.Heap()
    for _ in range(3):
        process.work(10_000_000)
        heap.tidy()
    assert process.given == 0
    process.work(1_000_000, seconds=5.0)
    heap.tidy()
    assert (process.given, process.held) == (1, process.needed)
    process.work(1_000_000)
    heap.tidy()
    assert process.given == 1


def test_much_is_given_back_at_once(process: Process) -> None:
    heap = memory.Heap()
    for times in (1, 2, 3):
        process.work(150_000_000)
        heap.tidy()
        assert (process.given, process.held) == (times, process.needed)


def test_what_is_still_needed_counts_once(process: Process) -> None:
    """A model that was loaded meanwhile does not make every later piece of work give back."""
    heap = memory.Heap()
    process.needed += 200_000_000
    process.work(200_000_000)
    heap.tidy()
    process.work(20_000_000)
    heap.tidy()
    assert process.given == 1


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or not hasattr(ctypes.CDLL(None), "malloc_stats"), reason="glibc's allocator"
)
@pytest.mark.parametrize("start", [READING, WINDOW])
def test_threads_share_two_heaps(start: str) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", start + HEAPS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert 1 <= done.stderr.count("Arena ") <= 2
