"""Where a selection lies in the pixels of a grab. Plain numbers, no Qt.

Two kinds of coordinates meet here. Logical ones are what windows use: `Box`, floats, the origin of the virtual
desktop may lie on any screen, so that others have negative coordinates. Pixels are what a grab holds: `PixelRect`,
whole numbers. The scale between the two is always measured (`grab.width / window.width`): the ratio that a system
reports is rounded on some desktops and that of another screen on others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipix.datatypes import Box

# Pixels by which a picture of all screens may differ from the layout: desktops round each screen on its own.
_SLACK = 2.0


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height; pixels of a picture or logical units of a window."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PixelRect:
    """Whole pixels of one picture; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen of the desktop.

    logical: its place in the virtual desktop. ratio: device pixels per logical unit as the system reports it, a hint
    for `split` and never used to crop.
    """

    name: str
    logical: Box
    ratio: float = 1.0

    @property
    def size(self) -> Size:
        return Size(self.logical.width, self.logical.height)


def round_half_up(value: float) -> int:
    """Nearest whole number; halves go up, so that neighbouring rectangles share their edge at every scale."""
    return math.floor(value + 0.5)


def edge_at(x: float, y: float, window: Size, grab: Size) -> tuple[int, int]:
    """The corner between pixels of the grab that is nearest to a point of the window, clamped to the grab.

    x, y: logical, relative to the window. A mouse cannot go past the last logical unit, so from there the far edge is
    meant.
    """
    return _edge(x, window.width, grab.width), _edge(y, window.height, grab.height)


def _edge(value: float, logical: float, pixels: float) -> int:
    if value >= logical - 1:
        return int(pixels)
    return min(max(round_half_up(value * pixels / logical), 0), int(pixels))


def pixel_rect(selection: Box, window: Size, grab: Size) -> PixelRect | None:
    """The pixels of the grab under a selection of the window, or None when nothing is left after clamping.

    selection: logical, relative to the window, its corners in any order. window: logical size of the window that
    shows the grab. grab: pixels.
    """
    across, down = grab.width / window.width, grab.height / window.height
    left, right = sorted((round_half_up(selection.left * across), round_half_up(selection.right * across)))
    top, bottom = sorted((round_half_up(selection.top * down), round_half_up(selection.bottom * down)))
    return clamp(PixelRect(left, top, right, bottom), grab)


def logical_box(rect: PixelRect, window: Size, grab: Size) -> Box:
    """Where pixels of the grab are drawn in the window; the inverse of `pixel_rect`."""
    across, down = window.width / grab.width, window.height / grab.height
    return Box(rect.left * across, rect.top * down, rect.right * across, rect.bottom * down)


def clamp(rect: PixelRect, grab: Size) -> PixelRect | None:
    """The part of the rectangle that lies in the grab, or None."""
    left, top = max(rect.left, 0), max(rect.top, 0)
    right, bottom = min(rect.right, int(grab.width)), min(rect.bottom, int(grab.height))
    return PixelRect(left, top, right, bottom) if left < right and top < bottom else None


def bounds(screens: tuple[Screen, ...]) -> Box:
    """The virtual desktop: the smallest logical box that holds every screen."""
    return Box(
        min(screen.logical.left for screen in screens),
        min(screen.logical.top for screen in screens),
        max(screen.logical.right for screen in screens),
        max(screen.logical.bottom for screen in screens),
    )


def split(screens: tuple[Screen, ...], picture: Size) -> tuple[PixelRect, ...] | None:
    """Where each screen lies in one picture of them all, in the order of `screens`; None when the picture shows no
    such thing.

    Two layouts exist. Most desktops (GNOME, wlroots, KDE) draw the virtual desktop at one scale, that of the sharpest
    screen. Some put the screens side by side, each in its own pixels. picture: pixels.
    """
    return _one_scale(screens, picture) or _own_pixels(screens, picture)


def _one_scale(screens: tuple[Screen, ...], picture: Size) -> tuple[PixelRect, ...] | None:
    desktop = bounds(screens)
    across, down = picture.width / desktop.width, picture.height / desktop.height
    if abs(across * desktop.height - picture.height) > _SLACK and abs(down * desktop.width - picture.width) > _SLACK:
        return None
    # A window or an area that the user picked may have the proportions of the desktop, but it is smaller.
    if across < 0.99 * min(1.0, *(screen.ratio for screen in screens)):
        return None
    moved = (
        PixelRect(
            round_half_up((screen.logical.left - desktop.left) * across),
            round_half_up((screen.logical.top - desktop.top) * down),
            round_half_up((screen.logical.right - desktop.left) * across),
            round_half_up((screen.logical.bottom - desktop.top) * down),
        )
        for screen in screens
    )
    return _inside(tuple(moved), picture)


def _own_pixels(screens: tuple[Screen, ...], picture: Size) -> tuple[PixelRect, ...] | None:
    """Place each screen in its own pixels beside the neighbour that it touches, beginning at the top left one."""
    placed: dict[int, PixelRect] = {}
    waiting = sorted(range(len(screens)), key=lambda i: (screens[i].logical.left, screens[i].logical.top))
    first = waiting.pop(0)
    placed[first] = _at(screens[first], 0, 0)
    while waiting:
        step = next(((i, rect) for i in waiting if (rect := _beside(i, screens, placed)) is not None), None)
        if step is None:
            return None
        placed[step[0]] = step[1]
        waiting.remove(step[0])
    left, top = min(rect.left for rect in placed.values()), min(rect.top for rect in placed.values())
    moved = tuple(
        PixelRect(rect.left - left, rect.top - top, rect.right - left, rect.bottom - top)
        for rect in (placed[i] for i in range(len(screens)))
    )
    width, height = max(rect.right for rect in moved), max(rect.bottom for rect in moved)
    if abs(width - picture.width) > _SLACK or abs(height - picture.height) > _SLACK:
        return None
    return _inside(moved, picture)


def _beside(index: int, screens: tuple[Screen, ...], placed: dict[int, PixelRect]) -> PixelRect | None:
    """The place of a screen that touches a placed one; an offset along their edge counts in that one's pixels."""
    screen, box = screens[index], screens[index].logical
    width, height = round_half_up(box.width * screen.ratio), round_half_up(box.height * screen.ratio)
    for other, rect in placed.items():
        near, ratio = screens[other].logical, screens[other].ratio
        along_x = rect.left + round_half_up((box.left - near.left) * ratio)
        along_y = rect.top + round_half_up((box.top - near.top) * ratio)
        overlaps_x = box.left < near.right and near.left < box.right
        overlaps_y = box.top < near.bottom and near.top < box.bottom
        if overlaps_y and abs(box.left - near.right) < 1:
            return _at(screen, rect.right, along_y)
        if overlaps_y and abs(box.right - near.left) < 1:
            return _at(screen, rect.left - width, along_y)
        if overlaps_x and abs(box.top - near.bottom) < 1:
            return _at(screen, along_x, rect.bottom)
        if overlaps_x and abs(box.bottom - near.top) < 1:
            return _at(screen, along_x, rect.top - height)
    return None


def _at(screen: Screen, left: int, top: int) -> PixelRect:
    width = round_half_up(screen.logical.width * screen.ratio)
    height = round_half_up(screen.logical.height * screen.ratio)
    return PixelRect(left, top, left + width, top + height)


def _inside(rects: tuple[PixelRect, ...], picture: Size) -> tuple[PixelRect, ...] | None:
    clamped = tuple(clamp(rect, picture) for rect in rects)
    whole = tuple(rect for rect in clamped if rect is not None)
    return whole if len(whole) == len(rects) else None


def only_screen(screens: tuple[Screen, ...], picture: Size) -> int | None:
    """The index of the one screen that has exactly the size of the picture in its own pixels, or None."""
    same = [i for i, screen in enumerate(screens) if (r := _at(screen, 0, 0)) and Size(r.width, r.height) == picture]
    return same[0] if len(same) == 1 else None
