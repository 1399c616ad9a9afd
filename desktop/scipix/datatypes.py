"""START HERE: the data that crosses modules. Frozen; no work is done in this file.

Coordinates are floats in pixels of the image that the box belongs to, origin top left, right and bottom exclusive.
Confidences are probabilities, 0..1. Times are milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # `scipix snip` shows the frozen screen before numpy is loaded
    import numpy as np


class Origin(StrEnum):
    """Where an image came from."""

    FILE = "file"
    PDF = "pdf"
    SCREEN = "screen"
    CLIPBOARD = "clipboard"
    INK = "ink"
    STDIN = "stdin"


class Mode(StrEnum):
    """What the user asked to read."""

    AUTO = "auto"
    MATH = "math"
    TEXT = "text"
    HANDWRITING = "handwriting"
    TABLE = "table"
    PAGE = "page"


class Kind(StrEnum):
    """What a region or a reading holds."""

    TEXT = "text"
    FORMULA = "formula"
    TABLE = "table"
    FIGURE = "figure"


@dataclass(frozen=True, slots=True)
class Box:
    """Rectangle in pixels; right and bottom are exclusive."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """A picture.

    pixels: uint8 (H, W, 3) RGB, C-contiguous, not writable. dpi: dots per inch of the picture, None when unknown.
    name: what to call it in messages (a path, "clipboard", "screen"). page: zero-based, for PDF pages only.
    """

    pixels: np.ndarray
    dpi: float | None = None
    origin: Origin = Origin.FILE
    name: str = ""
    page: int | None = None

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])


@dataclass(frozen=True, slots=True)
class Region:
    """A part of an image that holds one thing."""

    kind: Kind
    box: Box
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way to read the same picture, or one token of it."""

    latex: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Symbol:
    """One token of a reading; box is None for tokens that draw nothing (braces, scripts, environments).

    others: tokens that may stand here instead, likeliest first. chosen: a person said that it is this one; its
    confidence stays the model's.
    """

    latex: str
    box: Box | None
    confidence: float
    others: tuple[Alternative, ...] = ()
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds spent in each stage; load is 0 when the model was ready. total is wall time, not the sum.
    postprocess: from tokens to a reading (text, boxes, other readings)."""

    load: float = 0.0
    preprocess: float = 0.0
    encode: float = 0.0
    decode: float = 0.0
    total: float = 0.0
    postprocess: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model read in one region.

    latex: the content (LaTeX for formulas, plain text for text). confidence: calibrated probability that it is right.
    readable: False when the app should say "I cannot read this" rather than offer the content as good.
    unread: letters of the picture that the content has no symbol for; () unless something was left out. Not readable then.
    """

    kind: Kind
    latex: str
    confidence: float
    symbols: tuple[Symbol, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    readable: bool = True
    model: str = ""
    provider: str = ""
    timings: Timings = field(default_factory=Timings)
    cached: bool = False
    unread: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Issue:
    """A fault that lost one part and no more; code is one of the codes of errors.py."""

    code: str
    message: str
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A region with its reading, once there is one; edited is True when a person changed the reading."""

    region: Region
    reading: Reading | None = None
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Blocks in reading order, and what went wrong on the page. width and height: pixels of the page's image."""

    width: int
    height: int
    blocks: tuple[Block, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """Pages in order."""

    pages: tuple[Page, ...]
    title: str = ""
