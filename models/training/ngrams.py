"""Counts which token follows which, and writes the table that guesses ahead when formulas are read (scipix.inference.drafting).

    python -m models.training.ngrams --data DIR --out models/weights/math-v1/draft.npz [--orders 4] [--least 20]

DIR holds vocabulary.json and packs/ (typeset.py). A run of tokens is kept when it was seen --least times, and when the
table does not say the same of the shorter run that it ends with.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from scipix.inference.vocabulary import END, START

BITS = 12  # of a token in a key, as scipix.inference.drafting reads it
_ALIKE = 0.15  # chances that differ by less say the same


def stream(tokens: np.ndarray, lengths: np.ndarray, orders: int) -> np.ndarray:
    """uint64 (n,): all formulas one after another, `orders` times `<s>` before and `</s>` after each."""
    rooms = lengths + orders + 1
    text = np.full(int(rooms.sum()), START, np.uint64)
    shifts = np.repeat(np.arange(len(lengths)) * (orders + 1) + orders, lengths)
    text[np.arange(len(tokens)) + shifts] = tokens
    text[np.cumsum(rooms) - 1] = END
    return text


def count(text: np.ndarray, order: int, least: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(keys uint64, tokens, chances) of the likeliest token after each run of `order` tokens seen `least` times."""
    keys = np.zeros(len(text) - order, np.uint64)
    for place in range(order):
        keys = keys << np.uint64(BITS) | text[place : len(text) - order + place]
    inside = text[order:] != START  # not from one formula to the next
    runs, counts = np.unique(keys[inside] << np.uint64(BITS) | text[order:][inside], return_counts=True)
    contexts, after = runs >> np.uint64(BITS), (runs & np.uint64((1 << BITS) - 1)).astype(np.int64)
    first = np.flatnonzero(np.concatenate([[True], contexts[1:] != contexts[:-1]]))
    totals = np.add.reduceat(counts, first)
    best = np.lexsort((-counts, contexts))[first]
    use = totals >= least
    return contexts[first][use], after[best][use], (counts[best] / totals)[use]


def build(text: np.ndarray, orders: int, least: int) -> dict[str, np.ndarray]:
    """The arrays of the table; see scipix.inference.drafting.Ngrams."""
    table: dict[str, np.ndarray] = {}
    known: dict[int, tuple[int, float]] = {}
    for order in range(1, orders + 1):
        keys, after, chances = count(text, order, least if order > 1 else 1)
        entries = list(zip(keys.tolist(), after.tolist(), chances.tolist(), strict=True))
        shorter = (1 << BITS * (order - 1)) - 1
        kept = [i for i, (key, token, chance) in enumerate(entries) if not _same(known, key & shorter, token, chance)]
        known = {key: (token, chance) for key, token, chance in entries}
        table |= {f"keys_{order}": keys[kept], f"next_{order}": after[kept].astype(np.uint16),
                  f"chance_{order}": np.uint8(np.round(255 * chances[kept]))}  # fmt: skip
        print(f"{order} tokens: {len(entries)} runs, {len(kept)} kept")
    return table


def _same(known: dict[int, tuple[int, float]], key: int, token: int, chance: float) -> bool:
    other = known.get(key)
    return other is not None and other[0] == token and abs(other[1] - chance) < _ALIKE


def read(paths: Sequence[Path], orders: int) -> np.ndarray:
    """The formulas of the packs as one stream."""
    parts = []
    for path in paths:
        with np.load(path) as pack:
            parts.append(stream(pack["tokens"].astype(np.uint64), pack["sizes"][:, 2], orders))
    return np.concatenate(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--packs", default="*.npz")
    parser.add_argument("--orders", type=int, default=4)
    parser.add_argument("--least", type=int, default=20)
    args = parser.parse_args()
    vocabulary = json.loads((args.data / "vocabulary.json").read_text())
    if len(vocabulary) >= 1 << BITS or not 1 <= args.orders <= 5:
        parser.error("at most 4,095 tokens and five orders fit into the keys")
    table = build(read(sorted((args.data / "packs").glob(args.packs)), args.orders), args.orders, args.least)
    np.savez_compressed(args.out, tokens=np.array(vocabulary), **table)
    print(f"{args.out}: {args.out.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
