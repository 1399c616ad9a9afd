"""Arrays that are joined row by row, and split again, with as few copies as can be."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, cast

import numpy as np

_KEPT = 64  # joined arrays: some four steps of a decoder


class Rows:
    """Some rows of an array that a device holds (see binding.py); copied only when somebody looks into them."""

    def __init__(self, whole: Any, rows: slice) -> None:
        self._whole, self._rows = whole, rows
        self.shape: tuple[int, ...] = (rows.stop - rows.start, *whole.shape[1:])

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> np.ndarray:
        return self._whole[self._rows][key]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self._whole[self._rows], dtype)


class Stacks:
    """Joins arrays along axis 0, and splits them, without copying anew what it has joined or split: while the same rows
    go on together, their caches stay in one piece, and what the encoder saw of them is joined once. Thread-safe."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[int, ...], tuple[list[np.ndarray], np.ndarray]] = OrderedDict()

    def join(self, parts: Sequence[np.ndarray]) -> np.ndarray:
        """All rows of all parts, in order."""
        key = tuple(map(id, parts))
        with self._lock:
            known = self._known.get(key)
            if known is not None:  # the parts are kept, so their ids are still theirs
                self._known.move_to_end(key)
                return known[1]
        whole = np.concatenate([np.asarray(part) for part in parts])
        self._keep(list(parts), whole)
        return whole

    def split(self, whole: np.ndarray, counts: Sequence[int]) -> list[np.ndarray]:
        """So many rows each, without a copy."""
        ends = np.cumsum(counts).tolist()
        rows = [slice(end - count, end) for end, count in zip(ends, counts, strict=True)]
        if isinstance(whole, np.ndarray):
            parts = [whole[each] for each in rows]
        else:
            parts = [cast(np.ndarray, Rows(whole, each)) for each in rows]
        self._keep(parts, whole)
        return parts

    def clear(self) -> None:
        with self._lock:
            self._known.clear()

    def _keep(self, parts: list[np.ndarray], whole: np.ndarray) -> None:
        with self._lock:
            self._known[tuple(map(id, parts))] = (parts, whole)
            while len(self._known) > self._kept:
                self._known.popitem(last=False)
