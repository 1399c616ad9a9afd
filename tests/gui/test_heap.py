import ctypes
import sys

import pytest

from scipix.gui.heap import Tidy, give_back
from scipix.gui.jobs import Jobs
from scipix.gui.reader import Engine, Reader
from scipix.inference.cancel import Cancel
from scipix.inference.memory import resident_bytes
from tests.gui import fakes

BLOCK, COUNT = 100_000, 400  # smaller than what glibc takes from the system one by one


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="glibc's allocator"
)
def test_memory_below_a_block_in_use_is_given_back() -> None:
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    blocks = [libc.malloc(ctypes.c_size_t(BLOCK)) for _ in range(COUNT)]
    for block in blocks:
        ctypes.memset(ctypes.c_void_p(block), 1, BLOCK)
    for block in blocks[:-1]:
        libc.free(ctypes.c_void_p(block))
    before = resident_bytes()
    assert give_back(cancel=Cancel())
    assert resident_bytes() < before - BLOCK * COUNT // 2
    libc.free(ctypes.c_void_p(blocks[-1]))


def test_it_waits_for_a_rest_after_readings(qtbot, monkeypatch) -> None:
    done: list[Cancel] = []
    monkeypatch.setattr("scipix.gui.heap.give_back", lambda *, cancel: done.append(cancel))
    monkeypatch.setattr("scipix.gui.heap._REST_MS", 0)
    jobs = Jobs()
    reader = Reader(jobs, Engine(fakes.FakeRecognizer), 0.0)
    tidy = Tidy(jobs, reader)
    try:
        tidy.tidy()
        qtbot.waitUntil(lambda: len(done) == 1)
        reader.read([fakes.image()])
        qtbot.waitUntil(lambda: len(done) == 2)
    finally:
        jobs.close()


def test_after_many_pictures_a_short_rest_is_enough(qtbot, monkeypatch) -> None:
    done: list[Cancel] = []
    monkeypatch.setattr("scipix.gui.heap.give_back", lambda *, cancel: done.append(cancel))
    monkeypatch.setattr("scipix.gui.heap._REST_MS", 3_600_000)
    monkeypatch.setattr("scipix.gui.heap._REST_AFTER_MANY_MS", 0)
    jobs = Jobs()
    reader = Reader(jobs, Engine(fakes.FakeRecognizer), 0.0)
    tidy = Tidy(jobs, reader)
    try:
        with qtbot.waitSignal(reader.idle):
            reader.read([fakes.image()])
        assert tidy.rest_ms == 3_600_000
        reader.read([fakes.image("a"), fakes.image("b")])
        qtbot.waitUntil(lambda: len(done) == 1)
        with qtbot.waitSignal(reader.idle):
            reader.read([fakes.image()])
        assert tidy.rest_ms == 3_600_000  # a snip after it waits as long as ever
    finally:
        jobs.close()
