"""The bench of loading a model, from files that the system holds in memory and from files that it does not."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from scipix.datatypes import Image, Reading
from scipix.inference.bench_rows import BenchRow, absent_row, timed, times_row


class Loads(Protocol):
    """What is needed of `scipix.pipeline.Pipeline`."""

    def recognize(self, image: Image) -> Reading: ...

    def warm_up(self) -> float: ...

    def close(self) -> None: ...


def load_rows(make: Callable[[], Loads], images: Sequence[Image], files: Sequence[Path], repeat: int) -> list[BenchRow]:
    """make: a reader whose model is not loaded. files: what the load reads. A first load of the process is not counted:
    it imports onnxruntime, which the cold start of the command tells."""
    _load(make)
    rows = [_cold_row(make, files, repeat)]
    loads, firsts, warm = [], [], []
    for _ in range(repeat):
        reader = make()
        loads.append(reader.warm_up())
        if images:
            firsts.append(timed(lambda reader=reader: reader.recognize(images[0])))
            warm.append(timed(lambda reader=reader: reader.recognize(images[0])))
        reader.close()
    rows.append(times_row("load of the model, its files in memory", loads))
    if images:
        usual = sorted(warm)[len(warm) // 2]
        more = [load + first - usual for load, first in zip(loads, firsts, strict=True)]
        rows.append(times_row("warm-up: the first picture after it", firsts))
        rows.append(times_row("first reading with a load, beyond a warm one", more))
    return rows


def _cold_row(make: Callable[[], Loads], files: Sequence[Path], repeat: int) -> BenchRow:
    what = "load of the model, its files on the disk only"
    if not files or not hasattr(os, "posix_fadvise"):
        return absent_row(f"{what}: this system does not put files out of its memory")
    times = []
    for _ in range(repeat):
        for path in files:
            _put_out(path)
        times.append(_load(make))
    return times_row(what, times)


def _load(make: Callable[[], Loads]) -> float:
    reader = make()
    try:
        return reader.warm_up()
    finally:
        reader.close()


def _put_out(path: Path) -> None:
    """Have the system forget what it holds of a file; a file that cannot be opened stays as it is."""
    if not hasattr(os, "posix_fadvise"):
        return
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)
