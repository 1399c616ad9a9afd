"""From what a browser shows of a formula (measured.js) to a row of a pack: bitmaps, lines, and which token drew what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

import freetype
import numpy as np

from models.training import align, dvi, glyphs, plots
from models.training.outfits import class_key
from models.training.shapes import Shapes
from models.training.typeset import SP_TO_PIXELS, Packer
from scipix.notation.symbols import SYNONYMS
from scipix.notation.tokens import token_spans

EM = 420  # CSS pixels: browsers round what they measure, so much less of it
_SP = 65536 * 10 / EM  # TeX's scaled points in a CSS pixel, at 10 points an em
_SCALE = _SP * SP_TO_PIXELS  # composed pixels in a CSS pixel
_ALPHABETS = {"Math": "", "Main": "\\mathrm:", "AMS": "\\mathbb:", "Caligraphic": "\\mathcal:", "Fraktur": "\\mathfrak:",
              "SansSerif": "\\mathsf:", "Script": "\\mathscr:", "Typewriter": "\\mathtt:"}  # fmt: skip
# What these draw lies around what they hold: it shows no place to look at.
_AROUND = frozenset("\\cancel \\bcancel \\xcancel \\boxed \\phase \\angl \\sout \\overline \\underline { }".split())
_NOTHING = "\u200b"  # a space without width, which KaTeX puts into its columns
_SURD = 0.9  # ems: how wide the sign of a root is, without its bar
_LARGEST = 30_000  # composed pixels: what packs can hold


@cache
def _ascent(path: str) -> float:
    """From the baseline to where browsers have the line begin, in ems."""
    face = freetype.Face(path)
    return face.ascender / face.units_per_EM


@cache
def _glyph(path: str, character: str) -> int:
    return freetype.Face(path).get_char_index(ord(character))


class Sources:
    """Which token of a formula stands at which place of the source that was typeset."""

    def __init__(self, source: str, tokens: Sequence[str]) -> None:
        spans = token_spans(source)
        names = [SYNONYMS.get(token, token) for token, _, _ in spans]
        self.tokens = tokens
        self.of_place: dict[int, int] = {}
        self.partner = _partners(tokens)
        for i, j, size in SequenceMatcher(None, names, list(tokens), autojunk=False).get_matching_blocks():
            for k in range(size):
                self.of_place[spans[i + k][1]] = j + k

    def token(self, place: int, right: bool) -> int | None:
        """The token at the place; of a pair of delimiters the one on that side."""
        at = self.of_place.get(place)
        if at is None:
            return None
        token = self.tokens[at]
        if token == "\\left":
            at = self.partner.get(at, at) if right else at
            return at + 1 if at + 1 < len(self.tokens) else None
        if token.startswith("\\begin") and right:
            return self.partner.get(at)
        return at


def _partners(tokens: Sequence[str]) -> dict[int, int]:
    """Where each `\\left` and `\\begin` ends."""
    stack: list[int] = []
    found: dict[int, int] = {}
    for at, token in enumerate(tokens):
        if token == "\\left" or token.startswith("\\begin"):
            stack.append(at)
        elif (token == "\\right" or token.startswith("\\end")) and stack:
            found[stack.pop()] = at
    return found


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A bitmap's number, its reference point in CSS pixels, its class (-1 unknown), and the token that drew it."""

    number: int
    x: float
    y: float
    kind: int
    owner: int | None


class WebPacker(Packer):
    """Collects what a browser shows."""

    def __init__(self, classes: dict[str, int], tokens: dict[str, int], fonts: Path) -> None:
        """fonts: the folder of KaTeX's TTF files."""
        super().__init__("", classes, tokens, self.drawn)
        self.folder = fonts
        self.shapes = Shapes(_SCALE)

    def drawn(self, font: dvi.Font, code: int) -> glyphs.Glyph:
        """Raises ValueError for a blank."""
        return plots.draw(font, code) if font.size else self.shapes.draw(code)

    def put(self, items: dict[str, Any], source: str, tokens: Sequence[str]) -> bool:
        """Pack one formula, typeset from this source, with what measured.js found of it; False where it was left out."""
        sources, middles = Sources(source, tokens), _middles(items)
        keys = {at: key for key, at in align.draw_order(tokens)}
        found: list[_Drawn] = []
        for at, character, family, bold, italic, size, left, top in items["chars"]:
            if character.isspace() or character == _NOTHING:
                continue
            path = self._file(family, bold, italic)
            number = _glyph(path, character) if path else 0
            if path is None or not number:
                return False  # a font that KaTeX falls back on
            font = dvi.Font(path, round(size * _SP))
            if _visible(font, number):
                owner = sources.token(at, left > middles.get(at, left))
                if owner is not None and tokens[owner].startswith(("\\begin", "\\end")) and character.isalnum():
                    owner = None  # a name, in a macro that does not tell its place
                kind = self._class(keys.get(owner, "") if owner is not None else "", character, path)
                baseline = top + round(_ascent(path) * size)  # browsers round it
                found.append(_Drawn(self.atlas.number(font, number), left, baseline, kind, owner))
        for shape in items["paths"]:
            number = self.atlas.number(dvi.Font("svg", 0), self.shapes.number(shape))
            if self.atlas.bitmaps[number] is not None:
                left, top = shape["clip"][:2]
                owner = sources.token(shape["at"], left > middles.get(shape["at"], left))
                found.append(_Drawn(number, left, top, -1, owner))
        return self._keep(found, [line for line in items["rules"] if line[3] > line[1] and line[4] > line[2]], sources)

    def _file(self, family: str, bold: bool, italic: bool) -> str | None:
        """The font's file; None for one that is not KaTeX's."""
        name = family.split(",")[0].strip(' "')
        style = ("Bold" if bold else "") + ("Italic" if italic else "") or "Regular"
        for each in (style, style.replace("Italic", "") or "Regular", "Regular", "Italic"):
            path = self.folder / f"{name}-{each}.ttf"
            if path.exists():
                return str(path)
        return None

    def _class(self, key: str, character: str, path: str) -> int:
        """Of a character in a font: its own, or else that of the token that drew it; -1 where none is known."""
        family, style = Path(path).stem.removeprefix("KaTeX_").split("-")
        alphabet = _ALPHABETS.get(family, "\\mathrm:")
        if "Bold" in style:
            alphabet = {"Math": "\\boldsymbol:", "Main": "\\mathbf:"}.get(family, alphabet)
        elif style == "Italic" and family == "Main":
            alphabet = "\\mathit:"
        return self.class_of_key.get(class_key(character, alphabet), self.class_of_key.get(key, -1))

    def _keep(self, found: Sequence[_Drawn], lines: Sequence[Sequence[float]], sources: Sources) -> bool:
        if not found or any(self.atlas.bitmaps[each.number] is None for each in found):
            return False
        x0, y0 = min(each.x for each in found), min(each.y for each in found)
        rows = np.array(
            [(each.number, round((each.x - x0) * _SCALE), round((each.y - y0) * _SCALE), each.kind) for each in found],
            np.int32,
        )
        rules = np.array(
            [(round((left - x0) * _SCALE), round((top - y0) * _SCALE), max(1, round((right - left) * _SCALE)),
              max(1, round((bottom - top) * _SCALE))) for _, left, top, right, bottom in lines], np.int32
        ).reshape(-1, 4)  # fmt: skip
        if max(np.abs(rows[:, 1:3]).max(), np.abs(rules).max(initial=0)) > _LARGEST:
            return False
        bars = [sources.token(int(line[0]), False) for line in lines]
        boxes = self._boxes(sources.tokens, rows, [each.owner for each in found], rules, bars)
        self.rows["glyphs"].append(rows)
        self.rows["rules"].append(rules)
        self.rows["tokens"].append(np.array([self.token_ids[token] for token in sources.tokens], np.int16))
        self.rows["boxes"].append(boxes)
        self.sizes.append((len(rows), len(rules), len(sources.tokens)))
        return True

    def _boxes(
        self,
        tokens: Sequence[str],
        rows: np.ndarray,
        owners: Sequence[int | None],
        rules: np.ndarray,
        bars: Sequence[int | None],
    ) -> np.ndarray:
        """int32 (tokens, 4), as `Packer` has them. owners, bars: for each bitmap and each line the token that drew it."""
        boxes = np.zeros((len(tokens), 4), np.int32)
        for token, (x, y, w, h) in zip(bars, rules.tolist(), strict=True):
            if token is not None and tokens[token] == "\\frac":
                _grow(boxes[token], (x, y, x + w, y + h))
        for row, token in zip(rows, owners, strict=True):
            if token is not None and tokens[token] not in _AROUND:
                left, top, right, bottom = self._corners(row)
                if tokens[token] == "\\sqrt":
                    right = min(right, left + round(_SURD * EM * _SCALE))
                _grow(boxes[token], (left, top, right, bottom))
        return boxes


@cache
def _visible(font: dvi.Font, number: int) -> bool:
    try:
        plots.draw(font, number)
    except ValueError:
        return False
    return True


def _grow(box: np.ndarray, other: tuple[int, int, int, int]) -> None:
    if box[2] > box[0]:
        other = min(box[0], other[0]), min(box[1], other[1]), max(box[2], other[2]), max(box[3], other[3])
    box[:] = other


def _middles(items: dict[str, Any]) -> dict[int, float]:
    """Of all that one place of the source drew, the middle: what tells left delimiters from right ones."""
    found: dict[int, list[float]] = {}
    for char in items["chars"]:
        found.setdefault(char[0], []).append(char[6])
    for shape in items["paths"]:
        found.setdefault(shape["at"], []).append(shape["clip"][0])
    return {at: (min(places) + max(places)) / 2 for at, places in found.items()}
