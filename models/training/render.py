"""Draws packed formulas (see typeset.py) as the recognizer will see them: scaled, degraded, with known boxes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageFilter

from scipix.recognize.scale import TARGET_HEIGHT, typical_height

_INKED = 76  # of 255: as preprocess.py measures components
MARGIN = 60  # composed pixels of paper around the formula, to be cropped at random


@dataclass(frozen=True, slots=True)
class Item:
    """glyphs: int32 (n, 4) number, x, y, class; rules: (m, 4) x, y, w, h; tokens: (t,); boxes: (t, 4); composed pixels."""

    glyphs: np.ndarray
    rules: np.ndarray
    tokens: np.ndarray
    boxes: np.ndarray


@dataclass(frozen=True, slots=True)
class Drawing:
    """ink: float32 (H, W) 0 paper .. 1 ink, network pixels. The boxes (l, t, r, b) are in its pixels."""

    ink: np.ndarray
    tokens: np.ndarray
    token_boxes: np.ndarray
    glyph_boxes: np.ndarray
    glyph_classes: np.ndarray


class Pack:
    """One `.npz` made by typeset.py."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as data:
            arrays = {name: data[name] for name in data.files}
        self.name = path.stem
        ends = np.cumsum(arrays["shapes"][:, 0] * arrays["shapes"][:, 1])
        self.shapes = arrays["shapes"]
        self.pixels = arrays["pixels"]
        self.starts = ends - self.shapes[:, 0] * self.shapes[:, 1]
        self.areas = np.add.reduceat(np.append(self.pixels > _INKED, 0), self.starts) * (self.starts < ends)
        self.sizes = arrays["sizes"]
        self.offsets = np.concatenate([np.zeros((1, 3), np.int64), np.cumsum(self.sizes, 0)])
        self.glyphs, self.rules = arrays["glyphs"], arrays["rules"]
        self.tokens, self.boxes = arrays["tokens"], arrays["boxes"]
        self.extents = np.array([self._extent(i) for i in range(len(self.sizes))], np.float32)

    def __len__(self) -> int:
        return len(self.sizes)

    def item(self, index: int) -> Item:
        (g, r, t), (h, s, u) = self.offsets[index], self.offsets[index + 1]
        return Item(
            self.glyphs[g:h], self.rules[r:s].astype(np.int32), self.tokens[t:u], self.boxes[t:u].astype(np.int32)
        )

    def bitmap(self, number: int) -> np.ndarray:
        h, w = self.shapes[number, :2]
        return self.pixels[self.starts[number] : self.starts[number] + h * w].reshape(h, w)

    def glyph_boxes(self, item: Item) -> np.ndarray:
        """int32 (n, 4): left, top, right, bottom of each glyph's ink."""
        shapes = self.shapes[item.glyphs[:, 0]]
        corner = item.glyphs[:, 1:3] + shapes[:, 2:4]
        return np.concatenate([corner, corner + shapes[:, 1::-1]], 1)

    def _extent(self, index: int) -> tuple[float, float, float]:
        """Width, height and typical component height, in composed pixels."""
        item = self.item(index)
        boxes = self.glyph_boxes(item)
        rules = item.rules
        everything = np.concatenate([boxes, np.concatenate([rules[:, :2], rules[:, :2] + rules[:, 2:]], 1)])
        low, high = everything[:, :2].min(0), everything[:, 2:].max(0)
        areas = self.areas[item.glyphs[:, 0]]
        return (*(high - low), typical_height(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1], areas))


def compose(pack: Pack, item: Item, shades: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(ink uint8 (H, W) with MARGIN around, glyph boxes, shift) of one formula in composed pixels.

    shades: float32 (n,) darkness of each glyph, 0 .. 1; all 1 by default."""
    boxes = pack.glyph_boxes(item)
    bars = np.concatenate([item.rules[:, :2], item.rules[:, :2] + item.rules[:, 2:]], 1)
    everything = np.concatenate([boxes, bars])
    low, high = everything[:, :2].min(0) - MARGIN, everything[:, 2:].max(0) + MARGIN
    canvas = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    for index, (left, top, right, bottom) in enumerate(boxes - np.tile(low, 2)):
        part = canvas[top:bottom, left:right]
        bitmap = pack.bitmap(item.glyphs[index, 0])
        np.maximum(part, bitmap if shades is None else np.uint8(bitmap * shades[index]), out=part)
    for left, top, right, bottom in bars - np.tile(low, 2):
        canvas[top:bottom, left:right] = 255
    return canvas, boxes - np.tile(low, 2), low


def draw(
    pack: Pack,
    index: int,
    rng: np.random.Generator,
    degraded: bool = True,
    room: tuple[int, int] | None = None,
) -> Drawing:
    """One formula at about the network's scale, a little different each time; never larger than room (height, width)."""
    item = pack.item(index)
    colored = degraded and rng.random() < 0.08
    canvas, boxes, low = compose(pack, item, _shades(len(item.glyphs), rng) if colored else None)
    # Components are not glyphs: what the app measures in pictures spreads this much around what is drawn here.
    jitter = float(np.exp(rng.normal(0.0, 0.17 if degraded else 0.02)))
    scale = TARGET_HEIGHT / max(pack.extents[index, 2], 4.0) * jitter
    picture = Pillow.fromarray(canvas)
    if degraded:
        picture = _weight(picture, rng)
    margins = rng.uniform(2.0, 11.0, 4) if degraded else np.full(4, 6.0)
    if room is not None:
        inner = canvas.shape[0] - 2 * MARGIN, canvas.shape[1] - 2 * MARGIN
        scale = min(
            scale, (room[0] - margins[1] - margins[3]) / inner[0], (room[1] - margins[0] - margins[2]) / inner[1]
        )
    crop = [MARGIN - margins[0] / scale, MARGIN - margins[1] / scale,
            canvas.shape[1] - MARGIN + margins[2] / scale, canvas.shape[0] - MARGIN + margins[3] / scale]  # fmt: skip
    size = max(8, round((crop[2] - crop[0]) * scale)), max(8, round((crop[3] - crop[1]) * scale))
    ink = _capture(picture, crop, size, rng) if degraded else _resized(picture, crop, size, Pillow.Resampling.BOX)
    corner = np.tile(np.array(crop[:2]), 2)
    token_boxes = np.where(item.boxes[:, 2:3] > item.boxes[:, :1], (item.boxes - np.tile(low, 2) - corner) * scale, 0.0)
    return Drawing(
        ink,
        item.tokens,
        token_boxes.astype(np.float32),
        ((boxes - corner) * scale).astype(np.float32),
        item.glyphs[:, 3],
    )


def _shades(count: int, rng: np.random.Generator) -> np.ndarray:
    """float32 (count,): how dark the colors are that stretches of glyphs are shown in."""
    ends = rng.integers(0, count + 1, int(rng.integers(1, 5)))
    color = np.searchsorted(np.sort(ends), np.arange(count), side="right")
    return np.where(rng.random(6) < 0.5, 1.0, rng.uniform(0.35, 1.0, 6)).astype(np.float32)[color]


def _weight(picture: Pillow.Image, rng: np.random.Generator) -> Pillow.Image:
    """Bolder or lighter strokes, as screens and printers make them."""
    chance = rng.random()
    if chance < 0.65:
        return picture
    other = picture.filter(ImageFilter.MaxFilter(3) if chance < 0.9 else ImageFilter.MinFilter(3))
    return Pillow.blend(picture, other, float(rng.uniform(0.2, 1.0 if chance < 0.9 else 0.6)))


def _resized(picture: Pillow.Image, crop: list[float], size: tuple[int, int], how: Pillow.Resampling) -> np.ndarray:
    inner = (max(crop[0], 0), max(crop[1], 0), min(crop[2], picture.width), min(crop[3], picture.height))
    return np.asarray(picture.resize(size, how, box=inner), np.float32) / 255.0


def _capture(picture: Pillow.Image, crop: list[float], size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Grab at some zoom, with what screens, cameras and codecs do, then scale to the network's size."""
    chance = rng.random()
    zoom = 1.0 if chance < 0.3 else rng.uniform(0.42, 1.0) if chance < 0.8 else rng.uniform(1.0, 1.8)
    grabbed = max(8, round(size[0] * zoom)), max(8, round(size[1] * zoom))
    how = rng.choice(
        [Pillow.Resampling.BOX, Pillow.Resampling.BILINEAR, Pillow.Resampling.LANCZOS, Pillow.Resampling.HAMMING]
    )
    ink = _resized(picture, crop, grabbed, Pillow.Resampling(int(how)))
    ink = _spoil(ink, rng)
    if grabbed != size:
        smooth = Pillow.Resampling.BICUBIC if rng.random() < 0.6 else Pillow.Resampling.BILINEAR
        ink = np.asarray(Pillow.fromarray(np.uint8(ink * 255)).resize(size, smooth), np.float32) / 255.0
    return ink


def _spoil(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if rng.random() < 0.5:
        ink = ink ** float(np.exp(rng.normal(0.0, 0.35)))  # gamma of text rendering
    if rng.random() < 0.15:
        blurred = Pillow.fromarray(np.uint8(ink * 255)).filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 0.9))))
        ink = np.asarray(blurred, np.float32) / 255.0
    if rng.random() < 0.12:  # subpixel text, made gray: a third of a pixel of smear to each side
        ink = (ink + 0.5 * np.roll(ink, 1, 1) + 0.5 * np.roll(ink, -1, 1)) / 2.0
    if rng.random() < 0.07:
        ink = _neighbors(ink, rng)
    if rng.random() < 0.2:
        paper, dark = rng.uniform(0.0, 0.15), rng.uniform(0.8, 1.0)
        ink = paper + ink * (dark - paper) + rng.normal(0.0, rng.uniform(0.01, 0.06), ink.shape).astype(np.float32)
    if rng.random() < 0.15:
        buffer = io.BytesIO()
        Pillow.fromarray(np.uint8(255 - np.clip(ink, 0, 1) * 255)).save(
            buffer, "JPEG", quality=int(rng.integers(25, 90))
        )
        ink = 1.0 - np.asarray(Pillow.open(buffer), np.float32) / 255.0
    peak = np.percentile(ink, 99.5)
    return np.clip(ink / max(peak, 0.3), 0.0, 1.0)


def _neighbors(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Slivers of what stood next to the formula when it was cut out: rows of it shown again at an edge."""
    height, width = ink.shape
    rows = int(rng.integers(1, 3))
    start = int(rng.integers(0, max(1, height - rows)))
    sliver = np.roll(ink[start : start + rows], int(rng.integers(0, width)), 1)
    spoiled = ink.copy()
    edge = slice(0, rows) if rng.random() < 0.5 else slice(height - rows, height)
    spoiled[edge] = np.maximum(spoiled[edge], sliver[: spoiled[edge].shape[0]])
    return spoiled
