"""Exchanges the glyphs of packed formulas (typeset.py) for others, each told by its class and its size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_SIZES = np.array([0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.44])  # that TeX sets in, of the ordinary one
_COMMON = 0.04  # of the uses of a class: the tallest of the shapes that are used so much is the ordinary one
Arrays = dict[str, np.ndarray]  # of a pack
Bitmap = tuple[np.ndarray, int, int]  # uint8 (h, w), and where its corner lies from the reference point, y downwards
Replace = Callable[[int, np.ndarray, float], Bitmap | None]


def sizes(arrays: Arrays) -> dict[int, float]:
    """Of TeX's ordinary size, by number of each shape that is always of one class; told by heights within the class."""
    pairs, uses = np.unique(arrays["glyphs"][:, [3, 0]], axis=0, return_counts=True)
    found: dict[int, float] = {}
    for kind in np.unique(pairs[:, 0]):
        mine = pairs[:, 0] == kind
        numbers, counts = pairs[mine, 1], uses[mine]
        heights = arrays["shapes"][numbers, 0]
        common = counts >= _COMMON * counts.sum()
        ordinary = heights[common].max() if kind >= 0 and common.any() else 0
        for number, height in zip(numbers.tolist(), heights.tolist(), strict=True):
            if ordinary:
                found[number] = float(_SIZES[np.abs(np.log(_SIZES * ordinary / max(height, 1))).argmin()])
    return found


def exchange(arrays: Arrays, chosen: np.ndarray, replace: Replace) -> Arrays:
    """The chosen formulas (int indices) of a pack, their glyphs exchanged; places, rules, tokens and boxes stay.

    replace: given a class, the shape (int32: height, width, left, top) of a glyph of it and its size (of TeX's ordinary
    one), what stands in for it; None leaves it as it is.
    """
    ends = np.concatenate([np.zeros((1, 3), np.int64), np.cumsum(arrays["sizes"], 0)])
    rows = [np.concatenate([np.arange(ends[i, k], ends[i + 1, k]) for i in chosen]) for k in range(3)]
    glyphs = arrays["glyphs"][rows[0]].copy()
    starts = np.concatenate([[0], np.cumsum(arrays["shapes"][:, 0].astype(np.int64) * arrays["shapes"][:, 1])])
    size = sizes(arrays)
    shapes: list[np.ndarray] = []
    pixels: list[np.ndarray] = []
    pairs, inverse = np.unique(glyphs[:, [0, 3]], axis=0, return_inverse=True)
    for number, kind in pairs.tolist():
        shape = arrays["shapes"][number]
        new = replace(kind, shape, size[number]) if shape[0] and number in size else None
        if new is None:
            new = (
                arrays["pixels"][starts[number] : starts[number + 1]].reshape(shape[:2]),
                int(shape[2]),
                int(shape[3]),
            )
        alpha, left, top = new
        shapes.append(np.array([*alpha.shape, left, top], np.int32))
        pixels.append(alpha.ravel())
    glyphs[:, 0] = inverse.ravel()
    return {"shapes": np.array(shapes, np.int32), "pixels": np.concatenate(pixels), "sizes": arrays["sizes"][chosen],
            "glyphs": glyphs, "rules": arrays["rules"][rows[1]], "tokens": arrays["tokens"][rows[2]],
            "boxes": arrays["boxes"][rows[2]]}  # fmt: skip


def without(arrays: Arrays, keys: dict[int, str], avoided: str) -> np.ndarray:
    """Indices of the formulas without a glyph whose class key starts so."""
    bad = np.array([keys.get(kind, "").startswith(avoided) for kind in arrays["glyphs"][:, 3].tolist()])
    ends = np.cumsum(arrays["sizes"][:, 0])
    return np.flatnonzero(np.diff(np.concatenate([[0], np.cumsum(bad)[ends - 1]])) == 0)
