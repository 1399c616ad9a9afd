"""Paper that is lighter on one side than on the other (gradients of slides, photographs and scans of pages) made even."""

from __future__ import annotations

import numpy as np

_BLOCKS = 8  # along each side; most of each is paper, so that its middle value is the paper's
_LEAST = 4  # sampled pixels of a block's side
_SAMPLED = 20_000  # pixels that are looked at
_EVEN = 10.0  # levels, of 255; paper that differs less is even enough
_TERMS = 6  # of a surface of second degree
_ROUNDS = 4
_NOISE = 3.0  # levels that the paper of blocks is beside the surface, in the middle
_OFF = 3.0  # times that: a block full of ink
_BRIGHT = 100.0  # levels; on darker paper shading is added to the ink, on brighter it takes its share of the light


def without_shading(pixels: np.ndarray) -> np.ndarray:
    """The picture (uint8 (H, W, 3)), its paper made as light everywhere as where it is lightest (or darkest, on dark paper).

    The paper is taken for a surface of second degree, fitted to the middle values of blocks; where that does not fit, or
    where it is flat, the picture comes back as it is.
    """
    height, width = pixels.shape[:2]
    step = max(1, int(np.sqrt(height * width / _SAMPLED)))
    some = pixels[::step, ::step]
    rows, columns = (min(_BLOCKS, side // _LEAST) for side in some.shape[:2])
    if rows * columns < 2 * _TERMS:
        return pixels
    middles, places = _middles(some, rows, columns)
    low, high = np.percentile(middles.mean(1), [10, 90])
    if high - low < _EVEN:
        return pixels
    surface = [_fit(middles[:, channel], places) for channel in range(3)]
    found = [each for each in surface if each is not None]
    if len(found) < 3 or max(rise for _, rise in found) < _EVEN:
        return pixels
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    bright = np.median(middles) >= _BRIGHT
    even = np.empty_like(pixels)
    for channel, (weights, _) in enumerate(found):
        paper = _value(weights.astype(np.float32), y, x)
        values = pixels[..., channel].astype(np.float32)
        if bright:
            values *= paper.max() / np.maximum(paper, 1.0)
        else:
            values -= paper - paper.min()
        even[..., channel] = np.clip(values + 0.5, 0, 255)
    return even


def _middles(some: np.ndarray, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Middle values (n, 3) of blocks, and where these are (n, 2): y and x from -1 to 1."""
    high, wide = some.shape[0] // rows, some.shape[1] // columns
    blocks = some[: rows * high, : columns * wide].reshape(rows, high, columns, wide, 3).swapaxes(1, 2)
    values = np.partition(blocks.reshape(rows * columns, high * wide, 3), high * wide // 2, axis=1)[:, high * wide // 2]
    y = (2 * np.arange(rows) + 1) * high / some.shape[0] - 1
    x = (2 * np.arange(columns) + 1) * wide / some.shape[1] - 1
    return values.astype(np.float64), np.stack(np.meshgrid(y, x, indexing="ij"), -1).reshape(-1, 2)


def _fit(values: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, float] | None:
    """Weights of the surface's terms, and by how much it rises where there is paper; None when it does not fit."""
    terms = _terms(places[:, 0], places[:, 1])
    fitting = np.ones(len(values), bool)
    weights, surface = np.zeros(_TERMS), values
    for _ in range(_ROUNDS):
        weights = np.linalg.lstsq(terms[fitting], values[fitting], rcond=None)[0]
        surface = terms @ weights
        off = np.abs(values - surface)
        fitting = off <= max(_OFF * float(np.median(off)), _NOISE)  # at least half of them
    if np.median(np.abs(values - surface)[fitting]) > _NOISE:
        return None
    return weights, float(np.ptp(surface[fitting]))


def _terms(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.stack([np.ones_like(x), y, x, y * y, x * x, x * y], -1)


def _value(weights: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The surface on a grid: y (H, 1), x (1, W)."""
    a, b, c, d, e, f = weights
    return a + b * y + c * x + d * y * y + e * x * x + f * x * y
