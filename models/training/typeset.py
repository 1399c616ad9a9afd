"""Typesets formulas with TeX and packs what it drew: glyphs, rules, tokens, and which token drew what.

    python -m models.training.typeset --corpus corpus.tsv --vocabulary vocabulary.json --out packs/

One pack per set of fonts (`<set>.npz`, a few MB per 10,000 formulas), rendered and degraded when training; needs TeX
(latex, dvicopy) where it runs, and not where the packs are used.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.training import align, dvi, glyphs, variants
from models.training.fonts import COMMON, FONT_SETS, HELD_OUT, WEB_SETS, WEIGHTS
from models.training.probes import probes, unclear
from models.training.webfonts import WebFonts

FILE_FORMULAS = 400
SECONDS = 20
Draw = Callable[[dvi.Font, int], glyphs.Glyph]
SP_TO_PIXELS = glyphs.PIXELS_PER_POINT / 65536
_HEAD = r"""\pagestyle{empty}\newbox\fb
\def\F#1#2{\setbox\fb\hbox{$#2$}\count0=#1\relax\shipout\box\fb}
\begin{document}\batchmode
"""


def run_tex(preamble: str, formulas: Sequence[tuple[int, str]]) -> tuple[dict[int, dvi.Font], list[dvi.Page]]:
    """Typeset (number, math) pairs; formulas that TeX refuses, or never ends on, are left out."""
    with tempfile.TemporaryDirectory() as folder:
        source = COMMON + preamble + "\n" + _HEAD
        first = source.count("\n") + 1
        body = "\n".join(f"\\F{{{number}}}{{{math}}}" for number, math in formulas)
        Path(folder, "f.tex").write_text(source + body + "\n\\end{document}\n")
        try:
            command = ["latex", "-interaction=batchmode", "f.tex"]
            subprocess.run(command, cwd=folder, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return _halves(preamble, formulas)
        log = Path(folder, "f.log").read_text(errors="replace")
        bad = {int(line) - first for line in re.findall(r"^l\.(\d+)", log, re.MULTILINE)}
        bad_numbers = {formulas[i][0] for i in bad if 0 <= i < len(formulas)}
        copied = subprocess.run(["dvicopy", "f.dvi", "g.dvi"], cwd=folder, capture_output=True, check=False)
        if copied.returncode or not Path(folder, "g.dvi").exists():
            return _halves(preamble, formulas)
        reader = dvi.Reader(Path(folder, "g.dvi").read_bytes())
        pages = [page for page in reader.pages() if page.number not in bad_numbers]
        return reader.fonts, pages


def _halves(preamble: str, formulas: Sequence[tuple[int, str]]) -> tuple[dict[int, dvi.Font], list[dvi.Page]]:
    """Only the better half of a failing file, so that one bad formula costs little."""
    if len(formulas) < 8:
        return {}, []
    half = len(formulas) // 2
    fonts, pages = run_tex(preamble, formulas[:half])
    return (fonts, pages) if pages else run_tex(preamble, formulas[half:])


@dataclass(frozen=True, slots=True)
class Atlas:
    """Numbers for glyphs (font, size, code) and for classes, growing as packs are made."""

    glyphs: dict[tuple[str, int, int], int]
    bitmaps: list[glyphs.Glyph | None]
    draw: Draw

    def number(self, font: dvi.Font, code: int) -> int:
        key = (font.name, font.size, code)
        if key not in self.glyphs:
            self.glyphs[key] = len(self.bitmaps)
            try:
                self.bitmaps.append(self.draw(font, code))
            except (KeyError, ValueError, IndexError, subprocess.CalledProcessError):
                self.bitmaps.append(None)
        return self.glyphs[key]


class Packer:
    """Collects the pages of one set of fonts."""

    def __init__(self, preamble: str, classes: dict[str, int], tokens: dict[str, int], draw: Draw) -> None:
        self.preamble = preamble
        self.class_of_key = classes
        self.token_ids = tokens
        self.atlas = Atlas({}, [], draw)
        self.class_of_code: dict[tuple[str, int], int] = {}
        self.expansion: dict[str, list[int]] = {}
        self.rows: dict[str, list[np.ndarray]] = {name: [] for name in ("glyphs", "rules", "tokens", "boxes")}
        self.sizes: list[tuple[int, int, int]] = []
        self.dropped = 0
        self.unclear: set[str] = set()

    def probe(self) -> None:
        """Learn which glyph each symbol is drawn with, by typesetting each alone, in four styles."""
        entries = list(probes())
        drawn: dict[str, tuple[str, int]] = {}
        styles = ("\\displaystyle", "\\textstyle", "\\scriptstyle", "\\scriptscriptstyle")
        jobs = [
            (4 * i + s, f"{style} {entry.source}") for i, entry in enumerate(entries) for s, style in enumerate(styles)
        ]
        for start in range(0, len(jobs), FILE_FORMULAS):
            fonts, pages = run_tex(self.preamble, jobs[start : start + FILE_FORMULAS])
            for page in pages:
                entry = entries[page.number // 4]
                codes = [(fonts[f].name, code) for f, code, _, _ in page.characters]
                codes = [c for c in codes if self.class_of_code.get(c, -1) not in self._ignored(entry.ignore)]
                if len(codes) == 1:
                    kind = self.class_of_key.setdefault(entry.key, len(self.class_of_key))
                    self.class_of_code.setdefault(codes[0], kind)
                    drawn.setdefault(entry.key, codes[0])
                if codes and page.number % 4 < 2 and entry.key not in self.expansion:
                    self.expansion[entry.key] = [self.class_of_code.get(c, -1) for c in codes]

        self.unclear = unclear(drawn)

    def is_clear(self, tokens: Sequence[str]) -> bool:
        """Whether these fonts tell each letter and symbol of that formula from all others."""
        return self.unclear.isdisjoint(key for key, _ in align.draw_order(tokens))

    def _ignored(self, keys: Iterable[str]) -> set[int]:
        return {self.class_of_key.get(key, -2) for key in keys}

    def add(self, fonts: dict[int, dvi.Font], page: dvi.Page, tokens: Sequence[str]) -> None:
        """Pack one page; formulas with glyphs that cannot be drawn are dropped and counted."""
        numbers = [self.atlas.number(fonts[f], code) for f, code, _, _ in page.characters]
        if any(self.atlas.bitmaps[n] is None for n in numbers) or not numbers:
            self.dropped += 1
            return
        kinds = [self.class_of_code.get((fonts[f].name, code), -1) for f, code, _, _ in page.characters]
        rows = np.array(
            [(n, round(x * SP_TO_PIXELS), round(y * SP_TO_PIXELS), k)
             for n, (_, _, x, y), k in zip(numbers, page.characters, kinds, strict=True)], np.int32
        )  # fmt: skip
        rules = np.array(
            [(round(x * SP_TO_PIXELS), round((y - h) * SP_TO_PIXELS), max(1, round(w * SP_TO_PIXELS)),
              max(1, round(h * SP_TO_PIXELS))) for x, y, w, h in page.rules], np.int32
        ).reshape(-1, 4)  # fmt: skip
        boxes = self._token_boxes(tokens, rows, rules)
        self.rows["glyphs"].append(rows)
        self.rows["rules"].append(rules)
        self.rows["tokens"].append(np.array([self.token_ids[t] for t in tokens], np.int16))
        self.rows["boxes"].append(boxes)
        self.sizes.append((len(rows), len(rules), len(tokens)))

    def _token_boxes(self, tokens: Sequence[str], rows: np.ndarray, rules: np.ndarray) -> np.ndarray:
        """int32 (tokens, 4): left, top, right, bottom of what each token drew; right = left where unknown."""
        order = align.draw_order(tokens)
        expected = [(kind, token) for key, token in order for kind in self.expansion.get(key, (-1,))]
        boxes = np.zeros((len(tokens), 4), np.int32)
        for token, indices in align.match(expected, rows[:, 3].tolist()).items():
            corners = [self._corners(rows[i]) for i in indices]
            boxes[token] = [min(c[0] for c in corners), min(c[1] for c in corners),
                            max(c[2] for c in corners), max(c[3] for c in corners)]  # fmt: skip
        bars = [token for key, token in order if key == "\\frac"]
        ruled = [token for key, token in order if key in ("\\frac", "\\sqrt", "\\overline", "\\underline")]
        if len(ruled) == len(rules):
            for token, (x, y, w, h) in zip(ruled, rules.tolist(), strict=True):
                if token in bars:
                    boxes[token] = (x, y, x + w, y + h)
        return boxes

    def _corners(self, row: np.ndarray) -> tuple[int, int, int, int]:
        number, x, y, _ = row.tolist()
        glyph = self.atlas.bitmaps[number]
        assert glyph is not None
        left, top = x + glyph.left, y + glyph.top
        return left, top, left + glyph.alpha.shape[1], top + glyph.alpha.shape[0]

    def save(self, path: Path) -> None:
        """Write the pack: concatenated rows with their counts, and the bitmaps in one flat array."""
        drawn = list(self.atlas.bitmaps)
        shapes = np.array([(0, 0, 0, 0) if g is None else (*g.alpha.shape, g.left, g.top) for g in drawn], np.int32)
        pixels = np.concatenate([np.zeros(0, np.uint8)] + [g.alpha.ravel() for g in drawn if g is not None])
        glyph_rows = np.concatenate(self.rows["glyphs"]).astype(np.int32)
        np.savez_compressed(
            path, shapes=shapes, pixels=pixels, sizes=np.array(self.sizes, np.int32), glyphs=glyph_rows,
            rules=np.concatenate(self.rows["rules"]).astype(np.int16), tokens=np.concatenate(self.rows["tokens"]),
            boxes=np.concatenate(self.rows["boxes"]).astype(np.int16),
        )  # fmt: skip


def pack(
    name: str,
    formulas: Sequence[tuple[str, list[str]]],
    out: Path,
    tokens: dict[str, int],
    seed: int,
    draw: Draw = glyphs.draw,
) -> None:
    """Typeset (source, tokens) pairs in one set of fonts and write `<out>/<name>.npz`."""
    classes_file = out / "classes.json"
    classes = json.loads(classes_file.read_text()) if classes_file.exists() else {"background": 0}
    preamble = {**FONT_SETS, **WEB_SETS, **HELD_OUT}[name.split(".")[0]]
    packer = Packer(preamble, classes, tokens, draw)
    packer.probe()
    rng = random.Random(seed)
    for start in range(0, len(formulas), FILE_FORMULAS):
        given = formulas[start : start + FILE_FORMULAS]
        part = [each for each in given if packer.is_clear(each[1])]
        packer.dropped += len(given) - len(part)
        jobs = [(i, variants.source(original, wanted, rng)) for i, (original, wanted) in enumerate(part)]
        fonts, pages = run_tex(preamble, jobs)
        for page in pages:
            if page.characters and max(abs(y) for _, _, _, y in page.characters) < 300 * 65536:
                packer.add(fonts, page, part[page.number][1])
    packer.save(out / f"{name}.npz")
    classes_file.write_text(json.dumps(packer.class_of_key, indent=0))
    known = sum(int((b[:, 2] > b[:, 0]).sum()) for b in packer.rows["boxes"])
    total = sum(size[0] for size in packer.sizes)
    print(f"{name}: {len(packer.sizes)} of {len(formulas)} formulas, {packer.dropped} dropped for their fonts, "
          f"{len(packer.atlas.bitmaps)} glyphs, {known} tokens placed for {total} glyphs", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=300_000, help="formulas in all, over all sets")
    parser.add_argument("--sets", nargs="*", default=list(FONT_SETS))
    parser.add_argument("--web", type=Path, help="KaTeX's fonts (dist/fonts of the npm package), for the set katex")
    parser.add_argument("--suffix", default="")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    tokens = {token: i for i, token in enumerate(json.loads(args.vocabulary.read_text()))}
    lines = args.corpus.read_text().splitlines()
    rng = random.Random(args.seed)
    total = sum(WEIGHTS.get(name, 0.7) for name in args.sets)
    for name in args.sets:
        count = round(args.count * WEIGHTS.get(name, 0.7) / total)
        chosen = [rng.choice(lines).split("\t") for _ in range(count)]
        formulas = [(source, json.loads(wanted)) for wanted, source in chosen]
        draw = WebFonts(args.web).draw if name in WEB_SETS else glyphs.draw
        pack(name + args.suffix, formulas, args.out, tokens, rng.randrange(1 << 30), draw)


if __name__ == "__main__":
    main()
