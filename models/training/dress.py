"""Packs in many more designs: the glyphs of packed Computer Modern are exchanged for those of other fonts (outfits.py).

    python -m models.training.dress --packs packs/cm.*.npz --classes packs/classes.json --out packs --outfits 60 --count 1200

Places, rules and labels stay; each glyph takes the size, the line and the middle of the one it replaces, and at most a little
more than its width. TeX is needed only to find the fonts.
"""

from __future__ import annotations

import argparse
import json
import random
from ctypes import byref
from functools import cache, partial
from pathlib import Path

import freetype
import numpy as np

from models.training.exchange import Bitmap, exchange, without
from models.training.glyphs import PIXELS_PER_POINT, Glyph, drawn
from models.training.outfits import Cloth, find, outfit

_EM = 10 * PIXELS_PER_POINT  # pixels, at TeX's ordinary size
_X_HEIGHT = 0.4306  # of Computer Modern, in ems
_WIDER = 1.12  # than what it replaces, at most
_FLAGS = freetype.FT_LOAD_NO_HINTING | freetype.FT_LOAD_NO_BITMAP


@cache
def _face(file: str) -> tuple[freetype.Face, float]:
    """The face and its height of x in ems. Raises FileNotFoundError."""
    path = find(file)
    if path is None:
        raise FileNotFoundError(file)
    face = freetype.Face(str(path))
    face.set_char_size(0, 1000 * 64, 72, 72)
    face.load_char("x", _FLAGS)
    return face, face.glyph.outline.get_bbox().yMax / 64000


def _raster(cloth: Cloth, pixels: float, stretch: float, heavier: float) -> Glyph | None:
    """The character at so many pixels per em, so much wider, its strokes `heavier` ems thicker; None where it is none."""
    face, _ = _face(cloth.file)
    index = face.get_char_index(cloth.character)
    if not index:
        return None
    face.set_char_size(0, max(64, round(pixels * 64)), 72, 72)
    face.set_transform(freetype.Matrix(round(stretch * 65536), 0, 0, 65536), freetype.Vector(0, 0))
    face.load_glyph(index, _FLAGS)
    freetype.FT_Outline_Embolden(byref(face.glyph.outline._FT_Outline), round(heavier * pixels * 64))
    face.glyph.render(freetype.FT_RENDER_MODE_NORMAL)
    try:
        return drawn(face)
    except ValueError:
        return None


def replacement(cloth: Cloth, shape: np.ndarray, size: float, heavier: float) -> Bitmap | None:
    """What stands in for a glyph of this shape (height, width, left, top; int32 pixels) and size (of TeX's ordinary one)."""
    height, width, left, top = shape.tolist()
    if cloth.seated:
        pixels = _EM * size * (_X_HEIGHT / _face(cloth.file)[1]) ** 0.8
        glyph = _raster(cloth, pixels, 1.0, heavier)
    else:
        trial = _raster(cloth, _EM, 1.0, 0.0)
        if trial is None:
            return None
        pixels = _EM * min(width / trial.alpha.shape[1], 1.2 * height / trial.alpha.shape[0] + 0.2)
        glyph = _raster(cloth, pixels, 1.0, heavier)
    if glyph is None:
        return None
    if glyph.alpha.shape[1] > width * _WIDER + 2:
        glyph = _raster(cloth, pixels, (width * _WIDER + 2) / glyph.alpha.shape[1], heavier)
        assert glyph is not None
    x = left + round((width - glyph.alpha.shape[1]) / 2)
    y = glyph.top if cloth.seated else top + round((height - glyph.alpha.shape[0]) / 2)
    return glyph.alpha, x, y


def _worn(
    clothes: dict[str, Cloth], keys: dict[int, str], heavier: float, kind: int, shape: np.ndarray, size: float
) -> Bitmap | None:
    cloth = clothes.get(keys.get(kind, ""))
    return replacement(cloth, shape, size, heavier) if cloth else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packs", type=Path, nargs="+", required=True, help="packs of Computer Modern (typeset.py)")
    parser.add_argument("--classes", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--outfits", type=int, default=60)
    parser.add_argument("--count", type=int, default=1200, help="formulas for each outfit")
    parser.add_argument(
        "--plain", action="store_true", help="designs without serifs, for formulas without such letters"
    )
    parser.add_argument("--suffix", default="d")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    keys = {number: key for key, number in json.loads(args.classes.read_text()).items()}
    rng = random.Random(args.seed)
    packs = []
    for path in args.packs:
        with np.load(path) as data:
            packs.append({name: data[name] for name in data.files})
    # Italics of text would differ from those of math by their places alone.
    pools = [without(arrays, keys, "\\mathit:") for arrays in packs]
    if args.plain:
        pools = [np.intersect1d(pool, without(a, keys, "\\mathsf:")) for pool, a in zip(pools, packs, strict=True)]
    for number in range(args.outfits):
        which = rng.choices(range(len(packs)), [len(pool) for pool in pools])[0]
        chosen = np.array(sorted(rng.sample(pools[which].tolist(), min(args.count, len(pools[which])))))
        clothes, heavier = outfit(rng, args.plain), rng.uniform(-0.006, 0.014)
        made = exchange(packs[which], chosen, partial(_worn, clothes, keys, heavier))
        np.savez_compressed(args.out / f"outfit{number:03}.{args.suffix}.npz", **made)
        print(number, args.packs[which].stem, len(chosen), clothes["x"].file, clothes["\\mathbb:R"].file, flush=True)


if __name__ == "__main__":
    main()
