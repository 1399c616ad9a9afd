"""The bench of what is remembered: pictures that were read before, and what recording the times of a reading costs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from scipix.datatypes import Image, Reading
from scipix.inference.bench_model import copies, on_paper
from scipix.inference.bench_rows import BenchRow, timed, times_row
from scipix.inference.latency import COUNTS, STAGES, Latency

_PAGES = ((512, 512), (1080, 1920), (2160, 3840))  # px, height and width, besides the picture as it is
_TIMES = 20
_ON_DISK = 8  # pictures


class Remembers(Protocol):
    """What is needed of `scipix.pipeline.Pipeline`."""

    def recognize(self, image: Image) -> Reading: ...

    def close(self) -> None: ...


def known_rows(make: Callable[[Path], Remembers], image: Image) -> list[BenchRow]:
    """make: a reader that remembers, with its file of results. The pictures that are asked for again are new ones with
    the same pixels, so that each is digested."""
    with tempfile.TemporaryDirectory(prefix="scipix-bench-") as folder:
        reader = make(Path(folder) / "memory.sqlite3")
        rows = []
        for picture in (image, *(on_paper(image, height, width) for height, width in _PAGES)):
            reader.recognize(picture)
            times = [_ask(reader, again) for again in copies(picture, _TIMES)]
            rows.append(times_row(f"known picture, {picture.width} x {picture.height} px, in memory", times))
        times = [_ask(reader, image) for _ in range(_TIMES)]
        rows.append(times_row("known picture, the very same, in memory", times))
        reader.close()
        file = Path(folder) / "disk.sqlite3"
        return [*rows, times_row("known picture, on the disk", _from_disk(make, file, image))]


def _from_disk(make: Callable[[Path], Remembers], file: Path, image: Image) -> list[float]:
    """Each of several pictures for the first time after a restart; the first of all opens the file, too."""
    pictures = [_marked(image, place) for place in range(_ON_DISK)]
    before = make(file)
    for picture in pictures:
        before.recognize(picture)
    before.close()
    after = make(file)
    times = [_ask(after, picture) for picture in pictures]
    after.close()
    return times


def _marked(image: Image, place: int) -> Image:
    """The picture with one of its pixels a shade off: another one, which reads the same."""
    pixels = image.pixels.copy()
    pixels[divmod(place, image.width)] ^= 1
    pixels.flags.writeable = False
    return Image(pixels, name=image.name)


def _ask(reader: Remembers, image: Image) -> float:
    """Milliseconds; raises ValueError when the picture was not known, so that no reading is taken for a look-up."""
    found: list[Reading] = []
    time = timed(lambda: found.append(reader.recognize(image)))
    if not found[0].cached:
        raise ValueError(f"{image.name} was read anew instead of looked up")
    return time


def recording_row(repeat: int = 200) -> BenchRow:
    """What the figures of the latency dock and of `scipix stats` cost each reading."""
    latency = Latency()

    def record() -> None:
        for stage in STAGES:
            latency.record(stage, 12.5)
        for what in COUNTS:
            latency.count(what)

    return times_row("recording the times of a reading", [timed(record) for _ in range(repeat)])
