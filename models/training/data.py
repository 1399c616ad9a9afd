"""Batches of fixed shapes: pictures, tokens, and the dense targets, drawn by a worker process while the network trains."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset

from models.training.model import STRIDE
from models.training.render import Drawing, Pack, draw
from scipix.recognize.scale import TARGET_HEIGHT

PAD, START, END = 0, 1, 2
IGNORED = -100
HEIGHTS = (32, 48, 64, 80, 96, 128, 160, 192, 224, 288)
WIDTH_STEP, TOKEN_STEP = 64, 16


@dataclass(frozen=True, slots=True)
class Limits:
    """What is trained on: pixels of the picture's sides and area, tokens; a batch holds about `pixels` pixels.

    thrift: how much rarer dear formulas are drawn than they are: by cost ** -thrift.
    """

    height: int = 96
    width: int = 512
    tokens: int = 64
    pixels: int = 14 * 64 * 256
    thrift: float = 0.0


@dataclass(frozen=True, slots=True)
class Batch:
    """ink (B, 1, H, W) float32; inputs, targets (B, T) int64; dense (B, H/4, W/4) int64 classes;
    boxes (B, T, 4) float32 in network pixels, right = left where the token draws nothing known."""

    ink: torch.Tensor
    inputs: torch.Tensor
    targets: torch.Tensor
    dense: torch.Tensor
    boxes: torch.Tensor


def bucket(pack: Pack, index: int, limits: Limits) -> tuple[int, int, int] | None:
    """(height, width, tokens) that the formula fits with its margins and jitter, or None."""
    width, height, typical = pack.extents[index]
    scale = TARGET_HEIGHT / max(typical, 4.0) * 1.15
    tall, wide = height * scale + 12, width * scale + 12
    tokens = -(-(int(pack.sizes[index, 2]) + 1) // TOKEN_STEP) * TOKEN_STEP
    rows = next((h for h in HEIGHTS if h >= tall), None)
    columns = -(-int(wide) // WIDTH_STEP) * WIDTH_STEP
    if rows is None or rows > limits.height or columns > limits.width or tokens > limits.tokens:
        return None
    return rows, columns, tokens


class Batches(IterableDataset[Batch]):
    """Endless random batches from the packs in a folder."""

    def __init__(self, paths: list[Path], limits: Limits, classes: int, seed: int, degraded: bool = True) -> None:
        self.paths, self.limits, self.classes, self.seed, self.degraded = paths, limits, classes, seed, degraded

    def __iter__(self) -> Iterator[Batch]:
        packs = [Pack(path) for path in self.paths]
        rng = np.random.default_rng(self.seed)
        buckets: dict[tuple[int, int, int], list[tuple[int, int]]] = {}
        for p, pack in enumerate(packs):
            for index in range(len(pack)):
                shape = bucket(pack, index, self.limits)
                if shape is not None:
                    buckets.setdefault(shape, []).append((p, index))
        shapes = list(buckets)
        counts = np.array([len(buckets[s]) / self.batch_size(s) * self.cost(s) ** -self.limits.thrift for s in shapes])
        while True:
            shape = shapes[int(rng.choice(len(shapes), p=counts / counts.sum()))]
            chosen = [buckets[shape][i] for i in rng.integers(0, len(buckets[shape]), self.batch_size(shape))]
            drawings = [draw(packs[p], index, rng, self.degraded, shape[:2]) for p, index in chosen]
            yield collate(drawings, shape, self.classes, rng)

    def batch_size(self, shape: tuple[int, int, int]) -> int:
        """Pictures of this shape in a batch of the asked cost."""
        return max(4, min(96, round(1.75 * self.limits.pixels / self.cost(shape) / 4) * 4))

    @staticmethod
    def cost(shape: tuple[int, int, int]) -> int:
        """In pixels; a token costs about as much as 190 of them."""
        return shape[0] * shape[1] + 190 * shape[2]


def collate(drawings: list[Drawing], shape: tuple[int, int, int], classes: int, rng: np.random.Generator) -> Batch:
    """Put drawings on canvases of one shape, each at a random place where there is room."""
    height, width, length = shape
    count = len(drawings)
    ink = np.zeros((count, 1, height, width), np.float32)
    tokens = np.full((count, length + 1), PAD, np.int64)
    dense = np.zeros((count, height // 4, width // 4), np.int64)
    boxes = np.zeros((count, length, 4), np.float32)
    for row, drawing in enumerate(drawings):
        h, w = min(drawing.ink.shape[0], height), min(drawing.ink.shape[1], width)  # rounding may give a pixel too much
        top = int(rng.integers(0, min(height - h, 24) + 1))
        left = int(rng.integers(0, min(width - w, 24) + 1))
        ink[row, 0, top : top + h, left : left + w] = drawing.ink[:h, :w]
        size = len(drawing.tokens)
        tokens[row, 0] = START
        tokens[row, 1 : size + 1] = drawing.tokens
        tokens[row, min(size + 1, length)] = END
        shift = np.array([left, top, left, top], np.float32)
        known = drawing.token_boxes[:, 2] > drawing.token_boxes[:, 0]
        boxes[row, :size][known] = drawing.token_boxes[known] + shift
        _paint(dense[row], drawing.glyph_boxes + shift, drawing.glyph_classes)
    return Batch(
        torch.from_numpy(ink), torch.from_numpy(tokens[:, :-1]), torch.from_numpy(tokens[:, 1:]),
        torch.from_numpy(dense), torch.from_numpy(boxes),
    )  # fmt: skip


def _paint(cells: np.ndarray, boxes: np.ndarray, classes: np.ndarray) -> None:
    """Give each 4 x 4 cell the class of the glyph that covers its middle, small glyphs over large ones."""
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    rows, columns = cells.shape
    for index in np.argsort(-area):
        left, top, right, bottom = boxes[index] / 4.0
        x0, x1 = int(np.floor(left + 0.5)), int(np.ceil(right - 0.5))
        y0, y1 = int(np.floor(top + 0.5)), int(np.ceil(bottom - 0.5))
        if x1 <= x0:
            x0 = int((left + right) / 2)
            x1 = x0 + 1
        if y1 <= y0:
            y0 = int((top + bottom) / 2)
            y1 = y0 + 1
        kind = int(classes[index])
        cells[max(y0, 0) : min(y1, rows), max(x0, 0) : min(x1, columns)] = kind if kind >= 0 else IGNORED


def cell_mass(boxes: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """(B, T, S) 1 where a cell's middle lies in the token's box (grown by half a cell), else 0."""
    y = (torch.arange(height // STRIDE, device=boxes.device) + 0.5) * STRIDE
    x = (torch.arange(width // STRIDE, device=boxes.device) + 0.5) * STRIDE
    half = STRIDE / 2
    rows = (y >= boxes[..., 1:2] - half) & (y <= boxes[..., 3:4] + half)
    columns = (x >= boxes[..., 0:1] - half) & (x <= boxes[..., 2:3] + half)
    return (rows[..., :, None] & columns[..., None, :]).flatten(2).float()


def load_vocabulary(path: Path) -> list[str]:
    """Token strings by id."""
    return json.loads(path.read_text())


def loader(batches: Batches, workers: int) -> DataLoader[Batch]:
    """Batches drawn in worker processes (each worker would draw the same: use one, or seeds of their own)."""
    return DataLoader(batches, batch_size=None, num_workers=workers, prefetch_factor=6 if workers else None)
