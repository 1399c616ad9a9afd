"""Packs of formulas as matplotlib sets them, with its fonts: what stands in plots.

    python -m models.training.plots --corpus W/corpus.tsv --vocabulary W/vocabulary.json --out W/packs --count 3000

Its mathtext knows a part of TeX only: what it refuses is left out, and so is what it draws like something else.
"""

from __future__ import annotations

import argparse
import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import freetype
import matplotlib as mpl
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser

from models.training import dvi, glyphs
from models.training.outfits import class_key
from models.training.typeset import Packer
from scipix.notation.tokens import detokenize

_SIZE = 10.0  # points
_POINT = 65536
# \epsilon is drawn as \varepsilon, sans serif letters like all others of a sans serif font, environments not at all.
_LEFT_OUT = frozenset("\\epsilon \\mathsf \\mathtt \\mathit \\boldsymbol \\_ \\tag & \\\\ \\ce".split())
_ALPHABETS = {(False, False): "\\mathrm:", (False, True): "", (True, False): "\\mathbf:", (True, True): "\\boldsymbol:"}
# How often each is drawn: the first is what matplotlib takes by default.
FONTS = {"dejavusans": 4.0, "dejavuserif": 2.0, "stixsans": 1.5, "stix": 1.0}


@cache
def _face(path: str) -> freetype.Face:
    return freetype.Face(path)


def draw(font: dvi.Font, code: int) -> glyphs.Glyph:
    """The glyph (an index in its file) of a font whose name is the file's path. Raises ValueError when it is blank."""
    face = _face(font.name)
    face.set_char_size(round(font.size / _POINT * glyphs.PIXELS_PER_POINT * 64), 0, 72, 72)
    face.load_glyph(code, freetype.FT_LOAD_RENDER | freetype.FT_LOAD_NO_HINTING)
    return glyphs.drawn(face)


def page_of(parsed: Any, number: int, fonts: dict[int, dvi.Font], keys: dict[tuple[str, int], str]) -> dvi.Page:
    """What mathtext placed (a VectorParse at 72 dots per inch), as if TeX had; adds to the fonts, and to the class keys of
    (font file, glyph)."""
    page = dvi.Page(number)
    numbers = {font: index for index, font in fonts.items()}
    for font, size, character, index, x, y in parsed.glyphs:
        known = dvi.Font(font.fname, round(size * _POINT))
        if known not in numbers:
            numbers[known] = len(fonts)
            fonts[numbers[known]] = known
        style = Path(font.fname).stem
        alphabet = _ALPHABETS["Bold" in style, "Italic" in style or "Oblique" in style]
        keys[font.fname, index] = class_key(chr(character), alphabet)
        page.characters.append((numbers[known], index, round(x * _POINT), round((parsed.height - y) * _POINT)))
    for x, y, width, height in parsed.rects:
        page.rules.append(tuple(round(v * _POINT) for v in (x, parsed.height - y, width, height)))
        page.order.append(len(page.characters))
    return page


def pack(
    name: str, lines: list[str], tokens: dict[str, int], classes: dict[str, int], out: Path, count: int, suffix: str
) -> None:
    """Set lines of a corpus (JSON tokens, tab, source) with one of `FONTS`, until there are so many, and write the pack."""
    mpl.rcParams["mathtext.fontset"] = name
    parser, prop = MathTextParser("path"), FontProperties(size=_SIZE)
    packer = Packer("", classes, tokens, draw)
    packer.expansion = {key: [kind] for key, kind in classes.items()}
    fonts: dict[int, dvi.Font] = {}
    keys: dict[tuple[str, int], str] = {}
    for number, line in enumerate(lines):
        wanted = json.loads(line.split("\t")[0])
        if len(packer.sizes) >= count:
            break
        if len(wanted) < 3 or _LEFT_OUT.intersection(wanted) or any(token.startswith("\\begin") for token in wanted):
            continue
        try:
            parsed = parser.parse(f"${detokenize(wanted)}$", dpi=72, prop=prop)
        except (ValueError, RuntimeError, KeyError):
            continue
        page = page_of(parsed, number, fonts, keys)
        packer.class_of_code = {pair: classes[key] for pair, key in keys.items() if key in classes}
        page.characters = [each for each in page.characters if not _blank(fonts[each[0]], each[1])]
        if page.characters:
            packer.add(fonts, page, wanted)
    packer.save(out / f"{name}{suffix}.npz")
    print(f"{name}: {len(packer.sizes)} formulas, {packer.dropped} dropped", flush=True)


@cache
def _blank(font: dvi.Font, code: int) -> bool:
    try:
        draw(font, code)
    except ValueError:
        return True
    return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="where classes.json is, and packs will be")
    parser.add_argument("--count", type=int, default=10_000, help="formulas in all")
    parser.add_argument("--suffix", default=".plots")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    tokens = {token: i for i, token in enumerate(json.loads(args.vocabulary.read_text()))}
    classes = json.loads((args.out / "classes.json").read_text())
    lines = args.corpus.read_text().splitlines()
    for name, weight in FONTS.items():
        random.Random(f"{args.seed}{name}").shuffle(lines)
        pack(name, lines, tokens, classes, args.out, round(args.count * weight / sum(FONTS.values())), args.suffix)


if __name__ == "__main__":
    main()
