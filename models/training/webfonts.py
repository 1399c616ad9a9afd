"""Outlines of KaTeX's fonts for formulas that TeX typesets with Computer Modern.

KaTeX's fonts (SIL Open Font License 1.1) have the metrics of Computer Modern and strokes a quarter heavier, which is what
web pages show. So a page that TeX set with fonts of 10 points is drawn with them by exchanging the glyphs, each for the
one of the same width and the same shape; no table of codes is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import freetype
import numpy as np

from models.training import glyphs
from models.training.dvi import Font
from models.training.likeness import overlap

_FLAGS = freetype.FT_LOAD_RENDER | freetype.FT_LOAD_NO_HINTING
_PIXELS = 64  # per em, where shapes are compared
_ADVANCE = 0.004  # of an em: how much widths may differ
_SIDES = 4  # pixels at _PIXELS: how much bounding boxes may differ
_ALIKE = 0.9  # of the lighter glyph's ink that must lie within the heavier one's


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """advance in ems; alpha: uint8 (h, w) at _PIXELS per em."""

    face: freetype.Face
    index: int
    advance: float
    alpha: np.ndarray


class WebFonts:
    """Draws glyphs of Computer Modern with the outlines of KaTeX's TTF files in a folder (`npm pack katex`, dist/fonts)."""

    def __init__(self, folder: Path) -> None:
        """Raises FileNotFoundError when the folder has no KaTeX_*.ttf."""
        paths = sorted(folder.glob("KaTeX_*.ttf"))
        if not paths:
            raise FileNotFoundError(f"no KaTeX_*.ttf in {folder}")
        self.candidates = [candidate for path in paths for candidate in _candidates(freetype.Face(str(path)))]
        self.found: dict[tuple[str, int], _Candidate | None] = {}

    def draw(self, font: Font, code: int) -> glyphs.Glyph:
        """`glyphs.draw` with KaTeX's outline where there is one alike. Raises what that raises."""
        light = glyphs.draw(font, code)
        if (font.name, code) not in self.found:
            self.found[font.name, code] = self._match(Font(font.name, _size(_PIXELS)), code)
        match = self.found[font.name, code]
        if match is None:
            return light
        match.face.set_char_size(round(font.size / 65536 * glyphs.PIXELS_PER_POINT * 64), 0, 72, 72)
        heavy = _raster(match.face, match.index)
        dy, dx = (np.array(heavy.shape) - light.alpha.shape) // 2  # both stand around the same middle
        return glyphs.Glyph(heavy, light.left - int(dx), light.top - int(dy))

    def _match(self, font: Font, code: int) -> _Candidate | None:
        light = glyphs.draw(font, code).alpha
        advance = glyphs.advance(font, code)
        alike = [
            (overlap(light, candidate.alpha), number)
            for number, candidate in enumerate(self.candidates)
            if abs(candidate.advance - advance) < _ADVANCE
            and max(abs(candidate.alpha.shape[0] - light.shape[0]), abs(candidate.alpha.shape[1] - light.shape[1]))
            <= _SIDES
        ]
        best = max(alike, default=(0.0, 0))
        return self.candidates[best[1]] if best[0] >= _ALIKE else None


def _size(pixels: int) -> int:
    """TeX's size, in scaled points, of which an em is this many composed pixels."""
    return round(pixels / glyphs.PIXELS_PER_POINT * 65536)


def _raster(face: freetype.Face, index: int) -> np.ndarray:
    face.load_glyph(index, _FLAGS)
    bitmap = face.glyph.bitmap
    return np.array(bitmap.buffer, np.uint8).reshape(bitmap.rows, bitmap.pitch)[:, : bitmap.width]


def _candidates(face: freetype.Face) -> Iterator[_Candidate]:
    face.set_char_size(_PIXELS * 64, 0, 72, 72)
    for _, index in face.get_chars():
        alpha = _raster(face, index) if index else np.zeros((0, 0), np.uint8)
        if alpha.size:
            yield _Candidate(face, index, face.glyph.linearHoriAdvance / 65536 / _PIXELS, alpha)
