"""From a picture in any colors and at any zoom to what the network expects: ink on paper, letters of one height."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image as Pillow

from scipix.datatypes import Image
from scipix.errors import NothingToRead
from scipix.recognize.borders import bounds, without_border
from scipix.recognize.components import components
from scipix.recognize.panels import clear_panels, find_panels
from scipix.recognize.rows import find_bands
from scipix.recognize.scale import TARGET_HEIGHT, typical_height
from scipix.recognize.scrollbars import find_scrollbars
from scipix.recognize.shading import without_shading

MULTIPLE = 32  # the network's input sides are multiples of this
MARGIN = 6.0  # network pixels of paper around the ink
LARGEST = (640, 1920)  # network pixels, height and width; larger pictures are scaled down to fit
_PAPER = 0.07  # fainter than this share of the darkest ink: noise of the paper
_INK = 0.4
_FAINT, _NEAR = 0.15, 8  # fine lines over and under the rest are fainter than _INK where two rows of pixels share them
_TOUCHED = 0.3  # letters are measured with their fainter edges, so that thin strokes do not fall apart
# Thin strokes of letters so low, in pixels, are fainter still: of 567 pictures (189 formulas, three fonts, 110 dots an inch) 42
# are measured more than a quarter too large or too small with _TOUCHED, 25 with _FAINTER. The paper's noise makes many parts.
_LOW, _FAINTER = 12.0, 0.2
_SAMPLED = 600_000  # values; colors of larger pictures are counted on a grid
_SMALL = 1.25  # lines whose letters are that much smaller than the picture's are also looked at closer
_MEASURED = 1_500_000  # pixels; larger pictures are measured on every second, third ... pixel


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """ink: float32 (H, W), 0 paper .. 1 ink, sides multiples of 32. scale: network pixels per image pixel.

    offset: where the ink's origin lies in the image, in image pixels (x, y). lines: None for a picture of one line.
    expected: the tokens that were read of this ink at another size, if it was: a second reading is faster with them.
    barred: tokens that cannot be in it. least: a reading of it that becomes less probable is given up.
    """

    ink: np.ndarray
    scale: float
    offset: tuple[float, float]
    lines: Lines | None = None
    expected: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    least: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """The lines of a picture that has several, all at one scale. closer: those of smaller letters at a scale of their own,
    None for the others. gap: the smallest between two, in typical heights of a letter. unit: pixels of the image of such a
    height. fits: whether the picture as a whole has that scale, too."""

    each: tuple[Prepared, ...]
    closer: tuple[Prepared | None, ...]
    gap: float
    unit: float
    fits: bool


def prepare(image: Image) -> Prepared:
    """Crop to the ink, and scale its letters to `TARGET_HEIGHT`. Raises NothingToRead for a blank picture."""
    pixels = without_shading(image.pixels)
    ink = ink_of(pixels)
    mask = ink > _INK
    if not mask.any():
        raise NothingToRead(f"nothing is written in {image.name or 'the picture'}")
    clear = without_border(mask)
    ink = ink if clear is mask else np.where(mask & ~clear, 0.0, ink)
    box = _with_fine_lines(ink, bounds(clear))
    step = max(1, int(np.sqrt(mask.size / _MEASURED)))
    parts = _parts(ink, box, step)
    if bars := _scrollbars(parts, box, ink.shape):
        cleared = ink.copy()
        for left, top, right, bottom in bars:
            cleared[top:bottom, left:right] = 0.0
        if (cleared > _INK).any():
            ink, box = cleared, _with_fine_lines(cleared, bounds(cleared > _INK))
            parts = _parts(ink, box, step)
    left, top, right, bottom = box
    if panels := find_panels(pixels[top:bottom, left:right], parts):
        cleared = np.zeros_like(ink)
        cleared[top:bottom, left:right] = clear_panels(
            ink[top:bottom, left:right], pixels[top:bottom, left:right], panels, ink_of
        )
        if (cleared > _INK).any():
            ink, box = cleared, _with_fine_lines(cleared, bounds(cleared > _INK))
            parts = _parts(ink, box, step)
    letters = _letter_scale(parts)
    scale = _fitting(letters, box)
    return replace(_scaled(ink, box, scale), lines=_lines(ink, box, parts, letters))


def _lines(ink: np.ndarray, box: tuple[int, int, int, int], parts: np.ndarray, scale: float) -> Lines | None:
    """The lines, when there are several. scale: of the letters."""
    unit = TARGET_HEIGHT / scale
    boxes = parts[_real(parts), :4] / unit
    bands = find_bands(boxes)
    if len(bands) < 2:
        return None
    edges, scales = [], []
    for band in bands:
        within = (boxes[:, 1] >= band.top) & (boxes[:, 3] <= band.bottom)
        inside = boxes[within]
        scales.append(_letter_scale(parts[_real(parts)][within]))
        sides = np.array([inside[:, 0].min(), band.top, inside[:, 2].max(), band.bottom]) * unit
        left, top, right, bottom = np.rint(sides + [box[0], box[1], box[0], box[1]]).astype(int).tolist()
        edges.append((left, top, right, bottom))
    common = min(_fitting(scale, edge) for edge in edges)
    fits = _fitting(scale, box) == scale
    each = tuple(_scaled(ink, edge, common) for edge in edges)
    closer = tuple(
        _scaled(ink, edge, _fitting(own, edge)) if own > _SMALL * scale else None
        for edge, own in zip(edges, scales, strict=True)
    )
    return Lines(each, closer, min(band.gap for band in bands), unit, fits)


def _parts(ink: np.ndarray, box: tuple[int, int, int, int], step: int) -> np.ndarray:
    """int64 (n, 5): the components in the box, in its pixels; measured on each `step`th pixel."""
    left, top, right, bottom = box
    seen = ink[top:bottom:step, left:right:step]
    parts = components(seen > _TOUCHED)
    if step == 1 and TARGET_HEIGHT / _letter_scale(parts) < _LOW:
        whole = components(seen > _FAINTER)
        parts = whole if len(whole) < len(parts) else parts
    return parts * np.array([step, step, step, step, step * step])


def _scrollbars(
    parts: np.ndarray, box: tuple[int, int, int, int], shape: tuple[int, ...]
) -> list[tuple[int, int, int, int]]:
    """Where in the picture there are any."""
    placed = parts[_real(parts), :4] + [box[0], box[1], box[0], box[1]]
    return find_scrollbars(placed, (shape[1], shape[0]), TARGET_HEIGHT / _letter_scale(parts))


def _letter_scale(parts: np.ndarray) -> float:
    """Network pixels per pixel, as the letters want it."""
    real = _real(parts)
    sizes, areas = parts[real, 2:4] - parts[real, :2], parts[real, 4]
    return TARGET_HEIGHT / max(typical_height(sizes[:, 0], sizes[:, 1], areas), 1.0)


def _real(parts: np.ndarray) -> np.ndarray:
    """Which components are not dust."""
    sizes = (parts[:, 2:4] - parts[:, :2]).max(1)
    return sizes >= min(sizes.max(), max(2, 0.1 * np.median(sizes)))


def _fitting(scale: float, box: tuple[int, int, int, int]) -> float:
    """The scale, or what is left of it for a large picture."""
    left, top, right, bottom = box
    return min(scale, (LARGEST[0] - 2 * MARGIN) / (bottom - top), (LARGEST[1] - 2 * MARGIN) / (right - left))


def ink_of(pixels: np.ndarray) -> np.ndarray:
    """float32 (H, W) 0..1: how far each pixel of uint8 (H, W, 3) is from the paper, whatever colors both have."""
    paper = _paper_color(pixels)
    red, green, blue = (np.abs(pixels[..., i].astype(np.int16) - paper[i]) for i in range(3))
    # The mean keeps subpixel fringes thin, the maximum keeps colored ink as dark as black.
    ink = (red + green + blue).astype(np.float32)
    ink += 3.0 * np.maximum(np.maximum(red, green), blue)
    ink /= 6.0
    strong = ink[ink > 24.0]
    if not len(strong):
        return np.zeros(ink.shape, np.float32)
    ink /= max(float(np.percentile(strong, 90)), 32.0)
    return np.clip((ink - _PAPER) / (1.0 - _PAPER), 0.0, 1.0)


def _paper_color(pixels: np.ndarray) -> np.ndarray:
    """int16 (3,): the middle of the most common color, on a grid of pixels fine enough to find it."""
    step = int(np.ceil(np.sqrt(pixels.size / _SAMPLED)))
    some = pixels[::step, ::step]
    coarse = (some >> 4).astype(np.int16)
    keys = (coarse[..., 0] << 8) | (coarse[..., 1] << 4) | coarse[..., 2]
    common = np.bincount(keys.ravel(), minlength=4096).argmax()
    return np.median(some[keys == common], axis=0).astype(np.int16)


def _with_fine_lines(ink: np.ndarray, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """The box, grown by at most _NEAR pixels to lines that are faint and near; the soft edges of letters are no lines."""
    left, top, right, bottom = box
    x, y = max(0, left - _NEAR), max(0, top - _NEAR)
    near = bounds(ink[y : bottom + _NEAR, x : right + _NEAR] > _FAINT)
    grown = (near[0] + x, near[1] + y, near[2] + x, near[3] + y)
    left, top, right, bottom = (far if abs(far - edge) > 1 else edge for far, edge in zip(grown, box, strict=True))
    return left, top, right, bottom


def _scaled(ink: np.ndarray, box: tuple[int, int, int, int], scale: float) -> Prepared:
    left, top, right, bottom = box
    margin = MARGIN / scale
    whole = int(np.ceil(margin))
    padded = np.pad(ink[top:bottom, left:right], whole)
    picture = Pillow.fromarray(np.uint8(padded * 255.0 + 0.5))
    inner = (whole - margin, whole - margin, padded.shape[1] - whole + margin, padded.shape[0] - whole + margin)
    width = max(8, round((right - left) * scale + 2 * MARGIN))
    height = max(8, round((bottom - top) * scale + 2 * MARGIN))
    how = (
        Pillow.Resampling.BOX if scale < 0.5 else Pillow.Resampling.BILINEAR if scale < 1 else Pillow.Resampling.BICUBIC
    )
    resized = np.asarray(picture.resize((width, height), how, box=inner), np.float32) / 255.0
    sides = -(-height // MULTIPLE) * MULTIPLE, -(-width // MULTIPLE) * MULTIPLE
    canvas = np.zeros(sides, np.float32)
    canvas[:height, :width] = resized
    return Prepared(canvas, scale, (left - margin, top - margin))
