"""Bitmaps of the stretchy signs that KaTeX draws as SVG: a part of a path, or a stroke, in its clipping rectangle."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from models.training import glyphs

_LARGEST = 4000  # composed pixels of a side


class Shapes:
    """Numbers for shapes, and their bitmaps."""

    def __init__(self, scale: float) -> None:
        """scale: composed pixels in a CSS pixel."""
        self.scale = scale
        self.numbers: dict[str, int] = {}
        self.bitmaps: list[glyphs.Glyph | None] = []

    def number(self, shape: dict[str, Any]) -> int:
        """Of one entry of measured.js' `paths`; the same again for a shape that looks the same."""
        source = self._source(shape)
        if source not in self.numbers:
            self.numbers[source] = len(self.bitmaps)
            self.bitmaps.append(_raster(source))
        return self.numbers[source]

    def draw(self, number: int) -> glyphs.Glyph:
        """The bitmap, to be placed at the clipping rectangle's corner. Raises ValueError where nothing is drawn."""
        bitmap = self.bitmaps[number]
        if bitmap is None:
            raise ValueError("the shape is blank")
        return bitmap

    def _source(self, shape: dict[str, Any]) -> str:
        """An SVG of the part that shows, in composed pixels."""
        left, top, right, bottom = shape["rect"]
        clip = shape["clip"]
        width, height = (max(0, round((clip[k + 2] - clip[k]) * self.scale)) for k in (0, 1))
        dx, dy = (left - clip[0]) * self.scale, (top - clip[1]) * self.scale
        if shape["line"]:
            x0, y0, x1, y1 = (each * self.scale for each in shape["line"])
            drawn = (f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}" stroke="#000" '
                     f'stroke-width="{shape["stroke"] * self.scale:.2f}"/>')  # fmt: skip
            sx = sy = 1.0
        else:
            sx, sy, x, y = _fitted(shape, (right - left) * self.scale, (bottom - top) * self.scale)
            dx, dy = dx + x, dy + y
            drawn = f'<path d="{shape["path"]}"/>'
        return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
                f'<g transform="matrix({sx:.6g} 0 0 {sy:.6g} {dx:.1f} {dy:.1f})">{drawn}</g></svg>')  # fmt: skip


def _fitted(shape: dict[str, Any], width: float, height: float) -> tuple[float, float, float, float]:
    """Scales and shifts from the view box to a size, as `preserveAspectRatio` asks for."""
    x, y, w, h = (float(each) for each in shape["view"].split())
    ratio = shape["ratio"] or "xMidYMid meet"
    sx, sy = width / w, height / h
    if ratio != "none":
        sx = sy = max(sx, sy) if "slice" in ratio else min(sx, sy)
    place = {"Min": 0.0, "Mid": 0.5, "Max": 1.0}
    dx = (width - w * sx) * (place[ratio[1:4]] if ratio != "none" else 0.0)
    dy = (height - h * sy) * (place[ratio[5:8]] if ratio != "none" else 0.0)
    return sx, sy, dx - x * sx, dy - y * sy


def _raster(source: str) -> glyphs.Glyph | None:
    renderer = QSvgRenderer(source.encode())
    size = renderer.defaultSize()
    if size.isEmpty() or max(size.width(), size.height()) > _LARGEST:
        return None
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    pixels = np.array(image.constBits(), np.uint8).reshape(size.height(), image.bytesPerLine())
    alpha = pixels[:, 3 : 4 * size.width() : 4]
    rows, columns = np.flatnonzero((alpha > 8).any(1)), np.flatnonzero((alpha > 8).any(0))
    if not len(rows):
        return None
    top, left = int(rows[0]), int(columns[0])
    return glyphs.Glyph(np.ascontiguousarray(alpha[top : rows[-1] + 1, left : columns[-1] + 1]), left, top)
