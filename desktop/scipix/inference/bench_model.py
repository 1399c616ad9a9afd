"""The bench of one loaded model: its graphs, its decode loop, and pictures one by one and many at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice

import numpy as np

from scipix.datatypes import Image, Reading
from scipix.inference.bench_rows import BenchRow, gain_row, rates_row, timed, times_row
from scipix.inference.decoding import Memory, empty_past
from scipix.inference.encoder_decoder import EncoderDecoder

_STAGES = ("preprocess", "encode", "decode", "postprocess", "total")
_SIZES = ((64, 256), (96, 512), (128, 768), (256, 1024))  # (height, width) of the network's input, px
_SIDES = (224, 384, 512, 1024)  # px of square pictures to prepare
_BATCHES = (1, 2, 4, 8, 16, 32)
_TOKENS = 60


def stage_rows(recognize: Callable[[Image], Reading], images: Sequence[Image], repeat: int) -> list[BenchRow]:
    """What a reading says of itself, each picture `repeat` times."""
    times: dict[str, list[float]] = {stage: [] for stage in _STAGES}
    for _ in range(repeat):
        for image in images:
            timings = recognize(image).timings
            for stage in _STAGES:
                times[stage].append(getattr(timings, stage))
    return [times_row(stage, values) for stage, values in times.items() if values]


def prepare_rows(prepare: Callable[[Image], object], repeat: int) -> list[BenchRow]:
    """From a square screenshot to the network's input."""
    rows = []
    for side in _SIDES:
        image = written_page(side, side)
        prepare(image)
        times = [timed(lambda image=image: prepare(image)) for _ in range(repeat)]
        rows.append(times_row(f"preprocess {side} x {side} px", times))
    return rows


def encode_rows(model: EncoderDecoder, repeat: int) -> list[BenchRow]:
    rows = []
    for height, width in _SIZES:
        ink = synthetic_ink(height, width)
        model.encode(ink)
        times = [timed(lambda ink=ink: model.encode(ink)) for _ in range(repeat)]
        rows.append(times_row(f"encode {width} x {height} px", times))
    return rows


def decode_rows(model: EncoderDecoder, repeat: int, count: int = _TOKENS) -> list[BenchRow]:
    """The same graph and the same tokens, one at a time: keys and values kept, or the whole prefix fed each time."""
    memory = model.encode(synthetic_ink(96, 512))
    tokens = [1, *(3 + i % (len(model.decoder.facts.tokens) - 3) for i in range(count - 1))]
    tokens = tokens[: model.decoder.facts.max_tokens]
    model.decoder.logits(memory, tokens)
    kept, fed = [], []
    for _ in range(repeat):  # in turn, so that whatever else this computer does meets both
        kept.append(timed(lambda: _step_by_step(model, memory, tokens)))
        fed.append(timed(lambda: [model.decoder.logits(memory, tokens[: i + 1]) for i in range(len(tokens))]))
    return [
        times_row(f"{len(tokens)} tokens, cache of keys and values", kept),
        times_row(f"{len(tokens)} tokens, prefix fed again", fed),
        gain_row("gain of the cache", kept, fed),
        rates_row("tokens of one formula a second", "/s", [1000 * len(tokens) / time for time in kept]),
    ]


def batch_rows(read_many: Callable[[Sequence[Image]], object], images: Sequence[Image], repeat: int) -> list[BenchRow]:
    """The pictures again and again, until there are enough: 1, 2 ... 32 at a time."""
    rows, rates = [], []
    for size in _BATCHES:
        batch = list(islice(cycle(images), size))
        read_many(batch)  # new shapes take longer once
        times = [timed(lambda batch=batch: read_many(batch)) for _ in range(repeat)]
        rows.append(times_row(f"batch of {size}", times))
        rates = [1000 * size / time for time in times]
    return [*rows, rates_row(f"formulas in a batch of {_BATCHES[-1]}", "/s", rates)]


def _step_by_step(model: EncoderDecoder, memory: Memory, tokens: Sequence[int]) -> None:
    past = empty_past(memory, model.decoder.facts.layers)
    for token in tokens:
        _, past = model.decoder.feed(np.array([[token]], dtype=np.int64), past, memory.cross)


def synthetic_ink(height: int, width: int) -> np.ndarray:
    """Strokes on a grid, as dense as print: float32 (height, width), 0 paper .. 1 ink."""
    y, x = np.mgrid[:height, :width]
    return (((x % 12 < 2) & (y % 20 < 14)) | ((y % 20 < 2) & (x % 24 < 8))).astype(np.float32)


def written_page(height: int, width: int) -> Image:
    """White paper with such strokes all over, a margin aside."""
    pixels = np.full((height, width, 3), 255, dtype=np.uint8)
    margin = 8
    ink = synthetic_ink(height - 2 * margin, width - 2 * margin)
    pixels[margin:-margin, margin:-margin] -= np.uint8(220) * ink.astype(np.uint8)[..., None]
    pixels.flags.writeable = False
    return Image(pixels, name=f"{width} x {height} px")


def on_paper(image: Image, height: int, width: int) -> Image:
    """The picture in the middle of white paper; as it is where the paper would be too small."""
    if image.height > height or image.width > width:
        return image
    pixels = np.full((height, width, 3), 255, dtype=np.uint8)
    top, left = (height - image.height) // 2, (width - image.width) // 2
    pixels[top : top + image.height, left : left + image.width] = image.pixels
    pixels.flags.writeable = False
    return Image(pixels, name=image.name)


def copies(image: Image, count: int) -> Iterator[Image]:
    """New pictures of the same pixels, as if somebody had framed it again."""
    for _ in range(count):
        pixels = image.pixels.copy()
        pixels.flags.writeable = False
        yield Image(pixels, name=image.name)
