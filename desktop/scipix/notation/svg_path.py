"""The outlines of SVG: path data and basic shapes as segments (see drawing.Segment)."""

from __future__ import annotations

import re
from functools import lru_cache

from scipix.notation.drawing import Segment

_TOKEN = re.compile(r"([A-Za-z])|([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|[\s,]+|(.)")
_COUNTS = {"M": 2, "L": 2, "H": 1, "V": 1, "Q": 4, "T": 2, "C": 6, "S": 4, "Z": 0}
# Where the end of a curve's handle lies for a quarter circle of radius 1.
_QUARTER = 0.5522847498


# The same glyphs come again and again; a pure function, so that remembering is safe.
@lru_cache(maxsize=2048)
def parse_path(data: str) -> tuple[Segment, ...]:
    """Path data with absolute or relative M L H V Q T C S Z. Raises ValueError for anything else (arcs too)."""
    pen = _Outline()
    for letter, numbers in _commands(data):
        count = _COUNTS[letter.upper()]
        if count == 0:
            pen.close()
            continue
        for start in range(0, len(numbers), count):
            # Further pairs after a moveto are linetos.
            name = {"M": "L", "m": "l"}.get(letter, letter) if start else letter
            pen.draw(name, numbers[start : start + count])
    return tuple(pen.segments)


def rectangle(x: float, y: float, width: float, height: float, radius: float = 0.0) -> tuple[Segment, ...]:
    """A rectangle, its corners rounded by a radius."""
    right, bottom = x + width, y + height
    r = min(radius, width / 2, height / 2)
    if r <= 0:
        return polygon([(x, y), (right, y), (right, bottom), (x, bottom)])
    k = r * (1 - _QUARTER)
    return (
        ("M", x + r, y),
        ("L", right - r, y),
        ("C", right - k, y, right, y + k, right, y + r),
        ("L", right, bottom - r),
        ("C", right, bottom - k, right - k, bottom, right - r, bottom),
        ("L", x + r, bottom),
        ("C", x + k, bottom, x, bottom - k, x, bottom - r),
        ("L", x, y + r),
        ("C", x, y + k, x + k, y, x + r, y),
        ("Z",),
    )


def ellipse(cx: float, cy: float, rx: float, ry: float) -> tuple[Segment, ...]:
    """An ellipse in four cubic curves; off by less than 0.03 % of the radius."""
    kx, ky = rx * _QUARTER, ry * _QUARTER
    return (
        ("M", cx + rx, cy),
        ("C", cx + rx, cy + ky, cx + kx, cy + ry, cx, cy + ry),
        ("C", cx - kx, cy + ry, cx - rx, cy + ky, cx - rx, cy),
        ("C", cx - rx, cy - ky, cx - kx, cy - ry, cx, cy - ry),
        ("C", cx + kx, cy - ry, cx + rx, cy - ky, cx + rx, cy),
        ("Z",),
    )


def polygon(points: list[tuple[float, float]]) -> tuple[Segment, ...]:
    """Straight lines through the points and back to the first."""
    lines = [("L" if i else "M", x, y) for i, (x, y) in enumerate(points)]
    return (*lines, ("Z",)) if lines else ()


def _commands(data: str) -> list[tuple[str, list[float]]]:
    commands: list[tuple[str, list[float]]] = []
    for letter, number, stray in _TOKEN.findall(data):
        if stray or (letter and letter.upper() not in _COUNTS) or (number and not commands):
            raise ValueError(f"path data: {letter or number or stray!r}")
        if letter:
            commands.append((letter, []))
        elif number:
            commands[-1][1].append(float(number))
    for letter, numbers in commands:
        count = _COUNTS[letter.upper()]
        if len(numbers) % count if count else numbers:
            raise ValueError(f"path data: {len(numbers)} numbers after {letter}")
    return commands


class _Outline:
    """Follows path commands; keeps the point, the subpath's start and the last handle."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self._x = self._y = self._start_x = self._start_y = 0.0
        self._handle: tuple[str, float, float] = ("", 0.0, 0.0)

    def close(self) -> None:
        self.segments.append(("Z",))
        self._x, self._y, self._handle = self._start_x, self._start_y, ("", 0.0, 0.0)

    def draw(self, letter: str, numbers: list[float]) -> None:
        name = letter.upper()
        points = self._points(name, numbers, relative=letter.islower())
        if name in "TS":
            curve = "Q" if name == "T" else "C"
            points, name = [*self._mirrored(curve), *points], curve
        x, y = points[-2:]
        if name == "M":
            self._start_x, self._start_y = x, y
        self.segments.append(("L" if name in "HV" else name, *points))
        self._handle = (name, points[-4], points[-3]) if name in "QC" else ("", 0.0, 0.0)
        self._x, self._y = x, y

    def _points(self, name: str, numbers: list[float], *, relative: bool) -> list[float]:
        dx, dy = (self._x, self._y) if relative else (0.0, 0.0)
        if name == "H":
            return [numbers[0] + dx, self._y]
        if name == "V":
            return [self._x, numbers[0] + dy]
        return [number + (dy if i % 2 else dx) for i, number in enumerate(numbers)]

    def _mirrored(self, curve: str) -> list[float]:
        """The first handle of a smooth curve: the last one of the same kind mirrored, else the point itself."""
        kind, x, y = self._handle
        return [2 * self._x - x, 2 * self._y - y] if kind == curve else [self._x, self._y]
