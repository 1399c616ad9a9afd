"""Where pages stand and which parts of them are wanted. No widgets.

Three measures: points of a page (origin at its top left), logical pixels of the roll of all pages, and device pixels of a
page, in which its tiles are cut.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from scipix.datatypes import Box

GAP = 14.0  # logical pixels between pages, and around them
FULL = 96.0 / 72.0  # logical pixels per point at 100 %, as wide as on paper
LEAST, MOST = 0.1 * FULL, 8.0 * FULL
MOST_FITTED = 3.0 * FULL  # a slip of paper is not blown up to fill the window
_NOTHING = 2e-3  # device pixels; sources.pdf draws none where less than that is left of a page
TILE = 1280  # device pixels; a page of ordinary size in an ordinary window is one


@dataclass(frozen=True, slots=True)
class Spot:
    """A place to come back to: what is at the top of the view. down: points below the top of the page, where the gap
    before it is negative. scale: None fits the width."""

    page: int = 0
    down: float = -GAP
    scale: float | None = None


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a page. scale: device pixels per point. column, row: counted in tiles."""

    page: int
    scale: float
    column: int
    row: int

    @property
    def box(self) -> Box:
        """In points; at the right and at the bottom it may reach over the page."""
        side = TILE / self.scale
        left, top = self.column * side, self.row * side
        return Box(left, top, left + side, top + side)


class Layout:
    """The roll: pages below one another, each in the middle."""

    def __init__(self, sizes: Sequence[tuple[float, float]], scale: float, room: float) -> None:
        """sizes: points of each page. scale: logical pixels per point. room: width of the view, logical pixels."""
        self.sizes, self.scale = tuple(sizes), scale
        self.width = max([room, *(width * scale + 2 * GAP for width, _ in sizes)])
        heights = [height * scale + GAP for _, height in sizes]
        self._tops = list(accumulate(heights, initial=GAP))
        self.height = self._tops.pop() if sizes else 0.0

    def place(self, page: int) -> Box:
        """Of a page on the roll."""
        width, height = (side * self.scale for side in self.sizes[page])
        left, top = (self.width - width) / 2, self._tops[page]
        return Box(left, top, left + width, top + height)

    def page_at(self, y: float) -> int:
        """The page that stands at y, or the last one above."""
        return max(0, min(bisect_right(self._tops, y) - 1, len(self.sizes) - 1))

    def pages(self, top: float, bottom: float) -> range:
        """Those that can be seen between."""
        if not self.sizes:
            return range(0)
        first = self.page_at(top)
        first += self.place(first).bottom <= top
        return range(first, bisect_right(self._tops, bottom - 1e-9))

    def under(self, x: float, y: float) -> int | None:
        """The page under a point of the roll."""
        if not self.sizes:
            return None
        page = self.page_at(y)
        place = self.place(page)
        return page if place.left <= x < place.right and place.top <= y < place.bottom else None

    def to_points(self, page: int, x: float, y: float) -> tuple[float, float]:
        """A point of the roll on a page, kept on the page."""
        place, (width, height) = self.place(page), self.sizes[page]
        across, down = (x - place.left) / self.scale, (y - place.top) / self.scale
        return max(0.0, min(across, width)), max(0.0, min(down, height))

    def spot(self, y: float) -> tuple[int, float]:
        """(page, points below its top) of a height on the roll."""
        page = self.page_at(y)
        return page, (y - self._tops[page]) / self.scale if self.sizes else 0.0

    def height_of(self, page: int, down: float) -> float:
        """Where a spot is on the roll."""
        return self._tops[page] + down * self.scale

    def tiles(self, view: Box, ratio: float) -> Iterator[Tile]:
        """Those that a part of the roll shows. ratio: device pixels for a logical one."""
        scale = self.scale * ratio
        for page in self.pages(view.top, view.bottom):
            place = self.place(page)
            left, right = (view.left - place.left) * ratio, (min(view.right, place.right) - place.left) * ratio
            top, bottom = (view.top - place.top) * ratio, (min(view.bottom, place.bottom) - place.top) * ratio
            for row in range(max(0, math.floor(top / TILE)), math.ceil((bottom - _NOTHING) / TILE)):
                for column in range(max(0, math.floor(left / TILE)), math.ceil((right - _NOTHING) / TILE)):
                    yield Tile(page, scale, column, row)


def fitting(sizes: Sequence[tuple[float, float]], room: float) -> float:
    """The scale at which the widest page is as wide as the view. room: logical pixels."""
    widest = max((width for width, _ in sizes), default=1.0)
    return max(LEAST, min((room - 2 * GAP) / widest, MOST_FITTED))
