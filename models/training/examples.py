"""Drawings to calibrate and to check exported graphs on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.training.render import Pack, draw
from scipix.inference.vocabulary import START

PACKS = 12  # the smallest ones: reading a large pack takes longer than all the rest
LONGEST = 0.1  # share of a pack's formulas that counts as long
PIXELS = 400_000


@dataclass(frozen=True, slots=True)
class Example:
    """ink: float32 (1, 1, H, W), sides multiples of 32. tokens: int64 (1, T), `<s>` first, `</s>` left out."""

    ink: np.ndarray
    tokens: np.ndarray


def draw_examples(folder: Path, count: int, longest: int, vocabulary: int, seed: int = 1) -> list[Example]:
    """Degraded drawings of the packs in a folder, every second one of a long formula; at most `longest` tokens, all of them
    among the first `vocabulary` ones (packs may be newer than a run).

    Raises FileNotFoundError when there is no pack.
    """
    files = sorted(folder.glob("*.npz"), key=lambda path: path.stat().st_size)[:PACKS]
    if not files:
        raise FileNotFoundError(f"no packs in {folder}")
    rng = np.random.default_rng(seed)
    packs = [Pack(path) for path in files]
    orders = [np.argsort(pack.sizes[:, 2], kind="stable") for pack in packs]
    examples: list[Example] = []
    tried = 0
    while len(examples) < count and tried < 20 * count:
        pack, order = packs[tried % len(packs)], orders[tried % len(packs)]
        first = int(len(order) * (1 - LONGEST)) if (tried // len(packs)) % 2 else 0
        drawing = draw(pack, int(order[rng.integers(first, len(order))]), rng)
        tried += 1
        known = all(token < vocabulary for token in drawing.tokens)
        if known and drawing.ink.size <= PIXELS and len(drawing.tokens) < longest:
            examples.append(Example(padded(drawing.ink), np.array([[START, *drawing.tokens]], np.int64)))
    return examples


def padded(ink: np.ndarray) -> np.ndarray:
    """(H, W) -> (1, 1, H', W') with paper on the right and below, sides multiples of 32."""
    height, width = (-(-side // 32) * 32 for side in ink.shape)
    whole = np.zeros((1, 1, height, width), np.float32)
    whole[0, 0, : ink.shape[0], : ink.shape[1]] = ink
    return whole
