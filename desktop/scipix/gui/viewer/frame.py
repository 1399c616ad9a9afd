"""The box that is drawn on a page with the pointer."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scipix.datatypes import Box


@dataclass(frozen=True, slots=True)
class Frame:
    """From the point where the button was pressed to where the pointer is; both in points of the page."""

    page: int
    start: tuple[float, float]
    end: tuple[float, float]

    @property
    def box(self) -> Box:
        left, right = sorted((self.start[0], self.end[0]))
        top, bottom = sorted((self.start[1], self.end[1]))
        return Box(left, top, right, bottom)

    def to(self, point: tuple[float, float]) -> Frame:
        return replace(self, end=point)
