"""The table of what follows what, as it is counted and as it is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.training.ngrams import build, stream
from scipix.inference.drafting import Ngrams

NAMES = ["<pad>", "<s>", "</s>", "x", "^", "{", "}", "2", "y"]


def test_a_stream_of_formulas() -> None:
    text = stream(np.array([3, 4, 7], np.uint64), np.array([2, 1]), 2)
    assert text.tolist() == [1, 1, 3, 4, 2, 1, 1, 7, 2]


def test_counted_written_and_read(tmp_path: Path) -> None:
    formulas = [["x", "^", "{", "2", "}"]] * 30 + [["y", "^", "{", "x", "}"]] * 30 + [["x", "x"]]
    tokens = np.array([NAMES.index(name) for formula in formulas for name in formula], np.uint64)
    table = build(stream(tokens, np.array([len(formula) for formula in formulas]), 3), 3, 20)
    np.savez_compressed(tmp_path / "draft.npz", tokens=np.array(NAMES), **table)
    grams = Ngrams("m", tmp_path / "draft.npz", NAMES)

    def guess(*names: str) -> list[str]:
        return [NAMES[token] for token in grams.propose([NAMES.index(name) for name in names], 4)]

    assert guess("x", "^") == ["{", "2", "}", "</s>"]
    assert guess("y", "^") == ["{", "x", "}", "</s>"]
    assert guess("^", "{", "x", "}") == ["</s>"]


def test_what_a_shorter_run_says_is_not_kept_twice() -> None:
    tokens = np.array([NAMES.index(name) for _ in range(40) for name in ("x", "^", "{")], np.uint64)
    table = build(stream(tokens, np.full(40, 3), 2), 2, 20)
    assert len(table["keys_2"]) == 0
    assert len(table["keys_1"]) == 4  # after <s>, x, ^ and {; and each always with the same
