"""Which batches are drawn."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")

from models.training.data import Batches, Limits
from models.training.render import Pack


def pack_of_two_lengths(path) -> Pack:
    """Fifty formulas of three letters and fifty of forty."""
    rows, sizes = [], []
    for count in [3] * 50 + [40] * 50:
        rows += [(0, 36 * i, 0, 1) for i in range(count)]
        sizes.append((count, 0, count))
    total = len(rows)
    np.savez(
        path, shapes=np.array([(40, 30, 0, 0)], np.int32), pixels=np.full(1200, 255, np.uint8),
        sizes=np.array(sizes, np.int32), glyphs=np.array(rows, np.int32), rules=np.zeros((0, 4), np.int16),
        tokens=np.full(total, 3, np.int16), boxes=np.zeros((total, 4), np.int16),
    )  # fmt: skip
    return Pack(path)


def share_of_long(path, limits: Limits) -> float:
    drawn: Counter[bool] = Counter()
    for batch, _ in zip(Batches([path], limits, 5, seed=1, degraded=False), range(150), strict=False):
        drawn[batch.inputs.shape[1] > 16] += len(batch.ink)
    return drawn[True] / drawn.total()


def test_thrift_draws_dear_formulas_less_often(tmp_path):
    path = tmp_path / "two.npz"
    pack_of_two_lengths(path)
    limits = Limits(160, 1216, 64)
    assert share_of_long(path, limits) == pytest.approx(0.5, abs=0.12)
    assert share_of_long(path, replace(limits, thrift=0.6)) < 0.4
