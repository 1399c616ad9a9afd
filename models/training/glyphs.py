"""Bitmaps of the glyphs of TeX's Type 1 fonts, drawn once by FreeType and kept in one array."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import freetype
import numpy as np

from models.training.dvi import Font

PIXELS_PER_POINT = 4.2  # of the composed picture; a 10-point letter x is then some 18 pixels high


@dataclass(frozen=True, slots=True)
class Mapping:
    """A line of psfonts.map."""

    file: str
    encoding: str | None
    slant: float
    extend: float


@cache
def font_map() -> dict[str, Mapping]:
    """psfonts.map by TeX font name."""
    path = subprocess.run(["kpsewhich", "psfonts.map"], capture_output=True, text=True, check=True).stdout.strip()
    found: dict[str, Mapping] = {}
    for line in Path(path).read_text(errors="replace").splitlines():
        if not line or line[0] in "%#*;":
            continue
        special = " ".join(re.findall(r'"([^"]*)"', line))
        slant = re.search(r"([-.\d]+)\s+SlantFont", special)
        extend = re.search(r"([-.\d]+)\s+ExtendFont", special)
        files = re.findall(r"<<?\[?\s*(\S+)", line)
        fonts = [f for f in files if f.endswith((".pfb", ".pfa"))]
        encodings = [f for f in files if f.endswith(".enc")]
        if fonts:
            found[line.split()[0]] = Mapping(
                fonts[0],
                encodings[0] if encodings else None,
                float(slant[1]) if slant else 0.0,
                float(extend[1]) if extend else 1.0,
            )
    return found


@cache
def _encoding(name: str) -> list[str]:
    path = subprocess.run(["kpsewhich", name], capture_output=True, text=True, check=True).stdout.strip()
    text = re.sub(r"%[^\n]*", "", Path(path).read_text(errors="replace"))
    return re.findall(r"/(\S+?)(?=[\s/\]])", text[text.index("[") :])


@cache
def _face(name: str) -> tuple[freetype.Face, Mapping]:
    mapping = font_map()[name]
    path = subprocess.run(["kpsewhich", mapping.file], capture_output=True, text=True, check=True).stdout.strip()
    face = freetype.Face(path)
    if mapping.encoding is None:
        for charmap in face.charmaps:
            if charmap.encoding == freetype.FT_ENCODING_ADOBE_CUSTOM:
                face.set_charmap(charmap)
    return face, mapping


@dataclass(frozen=True, slots=True, eq=False)
class Glyph:
    """alpha: uint8 (h, w); left, top: offset of its corner from the reference point, in composed pixels, y downwards."""

    alpha: np.ndarray
    left: int
    top: int


def draw(font: Font, code: int) -> Glyph:
    """Draw one character. Raises KeyError when no Type 1 font is known for it, ValueError when it is blank."""
    return drawn(_loaded(font, code))


def drawn(face: freetype.Face) -> Glyph:
    """What was rendered last in the face's slot. Raises ValueError when it is blank."""
    bitmap = face.glyph.bitmap
    if not bitmap.width or not bitmap.rows:
        raise ValueError("the glyph is blank")
    alpha = np.array(bitmap.buffer, np.uint8).reshape(bitmap.rows, bitmap.pitch)[:, : bitmap.width]
    return Glyph(alpha, face.glyph.bitmap_left, -face.glyph.bitmap_top)


def advance(font: Font, code: int) -> float:
    """Width of the character, in ems. Raises what `draw` raises."""
    pixels = font.size / 65536 * PIXELS_PER_POINT
    return _loaded(font, code).glyph.linearHoriAdvance / 65536 / pixels


def _loaded(font: Font, code: int) -> freetype.Face:
    """The face with the character drawn in its slot."""
    face, mapping = _face(font.name)
    face.set_char_size(round(font.size / 65536 * PIXELS_PER_POINT * 64), 0, 72, 72)
    matrix = freetype.Matrix(int(mapping.extend * 65536), int(mapping.slant * 65536), 0, 65536)
    face.set_transform(matrix, freetype.Vector(0, 0))
    if mapping.encoding is None:
        index = face.get_char_index(code)
    else:
        index = face.get_name_index(_encoding(mapping.encoding)[code].encode())
    if not index:
        raise ValueError(f"{font.name} {code} is blank")
    face.load_glyph(index, freetype.FT_LOAD_RENDER | freetype.FT_LOAD_NO_HINTING)
    return face
