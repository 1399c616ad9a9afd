"""A typeset formula as a list of things to draw, in order; plain data that any painter can follow.

Lengths are in em (the font's size), the origin is the top left corner of the formula, y points down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

# ("M", x, y), ("L", x, y), ("Q", x1, y1, x, y), ("C", x1, y1, x2, y2, x, y) or ("Z",): absolute, in the shape's own
# coordinates. Q and C are Bezier curves of degree 2 and 3, M starts a subpath, Z closes it.
Segment = tuple[Any, ...]
# em. Slanted letters lean out of their boxes by a little less; more than this is worth making room for.
LEAN = 0.15
# What paint stands for the color of the surrounding text.
CURRENT = "currentColor"


@dataclass(frozen=True, slots=True)
class Matrix:
    """The affine map (x, y) -> (a x + c y + e, b x + d y + f), as SVG writes it."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def __matmul__(self, other: Matrix) -> Matrix:
        """The map that does other first, then self."""
        return Matrix(
            self.a * other.a + self.c * other.b,
            self.b * other.a + self.d * other.b,
            self.a * other.c + self.c * other.d,
            self.b * other.c + self.d * other.d,
            self.a * other.e + self.c * other.f + self.e,
            self.b * other.e + self.d * other.f + self.f,
        )

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where a point goes."""
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def bounds(self, rect: Rect) -> Rect:
        """The smallest upright rectangle around where a rectangle goes."""
        corners = [self.point(x, y) for x in (rect.left, rect.right) for y in (rect.top, rect.bottom)]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        return Rect(min(xs), min(ys), max(xs), max(ys))

    @staticmethod
    def shift(x: float, y: float) -> Matrix:
        return Matrix(e=x, f=y)

    @staticmethod
    def scale(x: float, y: float) -> Matrix:
        return Matrix(a=x, d=y)

    @staticmethod
    def turn(degrees: float) -> Matrix:
        """Clockwise where y points down."""
        sin, cos = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
        return Matrix(cos, sin, -sin, cos)


@dataclass(frozen=True, slots=True)
class Rect:
    """An upright rectangle, top < bottom."""

    left: float
    top: float
    right: float
    bottom: float

    def cut(self, other: Rect | None) -> Rect:
        """The part that lies in both; all when other is None."""
        if other is None:
            return self
        left, top = max(self.left, other.left), max(self.top, other.top)
        return Rect(left, top, max(left, min(self.right, other.right)), max(top, min(self.bottom, other.bottom)))


@dataclass(frozen=True, slots=True)
class Pen:
    """How a line is drawn. paint: CURRENT, "#rrggbb" or a color's name; None draws nothing. width, dashes: in the
    coordinates of the shape; dashes are lengths on and off in turn."""

    paint: str | None = None
    width: float = 0.0
    dashes: tuple[float, ...] = ()
    round_ends: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """An outline to fill and stroke. matrix: from its coordinates to em. fill: as Pen.paint. clip: em, None for all."""

    segments: tuple[Segment, ...]
    matrix: Matrix
    fill: str | None
    pen: Pen
    clip: Rect | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """Text in a font of the system, for scripts that MathJax's own fonts lack; drawn from the baseline at (0, 0).

    size: of the font, in the coordinates of the label. family: a CSS list, may be empty.
    """

    text: str
    size: float
    family: str
    bold: bool
    italic: bool
    matrix: Matrix
    fill: str | None
    clip: Rect | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A typeset formula. width, height: em. depth: em below the baseline, part of the height."""

    width: float
    height: float
    depth: float
    items: tuple[Shape | Label, ...]


def make_room(drawing: Drawing) -> Drawing:
    """Grow the box where shapes stick out of it (\\llap, labels of arrows), so that a picture cuts nothing off."""
    reach = [_reach(item) for item in drawing.items if isinstance(item, Shape)]
    left = _beyond(-min((rect.left for rect in reach), default=0.0))
    top = _beyond(-min((rect.top for rect in reach), default=0.0))
    right = _beyond(max((rect.right for rect in reach), default=0.0) - drawing.width)
    bottom = _beyond(max((rect.bottom for rect in reach), default=0.0) - drawing.height)
    if not (left or top or right or bottom):
        return drawing
    items = tuple(_moved(item, left, top) for item in drawing.items) if left or top else drawing.items
    width, height = drawing.width + left + right, drawing.height + top + bottom
    return Drawing(width, height, drawing.depth + bottom, items)


def _beyond(length: float) -> float:
    return length if length > LEAN else 0.0


def _reach(shape: Shape) -> Rect:
    """Around all points and handles, so a little too large for curves."""
    xs = [x for segment in shape.segments for x in segment[1::2]]
    ys = [y for segment in shape.segments for y in segment[2::2]]
    if not xs:
        return Rect(0, 0, 0, 0)
    around = Rect(float(min(xs)), float(min(ys)), float(max(xs)), float(max(ys)))
    return shape.matrix.bounds(around).cut(shape.clip)


def _moved(item: Shape | Label, x: float, y: float) -> Shape | Label:
    matrix, clip = Matrix.shift(x, y) @ item.matrix, item.clip
    if clip is not None:
        clip = Rect(clip.left + x, clip.top + y, clip.right + x, clip.bottom + y)
    return replace(item, matrix=matrix, clip=clip)
