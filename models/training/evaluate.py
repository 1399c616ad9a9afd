"""Measures a model folder on sets of pictures: exact readings, edit distance, pictures equal when typeset again, time.

    python -m models.training.evaluate --models models --set NAME=manifest.json ... [--packs held_out.npz] [--sheet DIR]

A set is a JSON file with items of file, latex, flags and tags beside its pictures. Everything runs through the product's
own pipeline. Exact: the normalized tokens are equal (scipix.notation.normalize, applied to both sides). Distance:
Levenshtein over these tokens, by the longer side. Equal: TeX sets both sides with the same glyphs and rules at the same
distances (normalized sources, display style); where TeX is missing this column is left out.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.training.dvi import Font, Page
from scipix.datatypes import Image
from scipix.errors import InvalidLatex, ScipixError
from scipix.notation.normalize import normalized_tokens
from scipix.notation.tokens import detokenize, tokenize
from scipix.pipeline import Pipeline, PipelineOptions, RecognizeOptions
from scipix.recognize.math import MathOptions
from scipix.sources.images import from_array, read_image

MULTILINE = frozenset(["multiline", "aligned", "matrix", "array", "cases", "gathered"])


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture with its truth."""

    name: str
    image: Image
    latex: str
    flags: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """How one picture was read. distance: 0 right .. 1 nothing right. equal: None when not typeset."""

    sample: Sample
    found: str
    exact: bool
    distance: float
    confidence: float
    milliseconds: float
    equal: bool | None = None
    error: str = ""


def canonical(latex: str) -> list[str]:
    """Normalized tokens; of LaTeX that does not parse, the plain ones."""
    stripped = latex.strip()
    for start, end in (("\\[", "\\]"), ("$$", "$$"), ("\\(", "\\)"), ("$", "$")):
        if stripped.startswith(start) and stripped.endswith(end) and len(stripped) > len(start + end):
            stripped = stripped[len(start) : -len(end)]
            break
    try:
        return normalized_tokens(stripped)
    except InvalidLatex:
        return [token for token in tokenize(stripped) if token != " "]


def edit_distance(a: Sequence[str], b: Sequence[str]) -> int:
    """Levenshtein (1966)."""
    row = np.arange(len(b) + 1)
    ids = {token: i for i, token in enumerate(dict.fromkeys([*a, *b]))}
    other = np.array([ids[token] for token in b], np.int64)
    for i, token in enumerate(a):
        change = row[:-1] + (other != ids[token])
        best = np.minimum(change, row[1:] + 1)
        full = np.concatenate([[i + 1], best])
        row = np.minimum.accumulate(full - np.arange(len(full))) + np.arange(len(full))
    return int(row[-1])


def read_set(manifest: Path) -> list[Sample]:
    """The pictures of a set."""
    items = json.loads(manifest.read_text())["items"]
    return [
        Sample(item["file"], read_image(manifest.parent / item["file"]), item["latex"],
               tuple(item.get("flags", ())), tuple(item.get("tags", ()))) for item in items
    ]  # fmt: skip


def pack_set(path: Path, vocabulary: Sequence[str], count: int, seed: int = 7, part: int = 0) -> list[Sample]:
    """Fresh degraded drawings of half of a pack's formulas: part 0 to measure on, 1 to calibrate on."""
    from models.training.render import Pack, draw

    pack, rng = Pack(path), np.random.default_rng(seed)
    samples = []
    half = np.arange(part, len(pack), 2)
    for index in rng.choice(half, min(count, len(half)), replace=False):
        drawing = draw(pack, int(index), rng)
        pixels = np.repeat(np.uint8(255 - 255 * drawing.ink)[..., None], 3, 2)
        tokens = [vocabulary[t] for t in drawing.tokens]
        tags = ("multiline",) if any(t.startswith("\\begin") for t in tokens) else ()
        samples.append(Sample(f"{pack.name}-{index}", from_array(pixels), detokenize(tokens), (), tags))
    return samples


def measure(pipeline: Pipeline, samples: Iterable[Sample], options: RecognizeOptions | None = None) -> list[Score]:
    """Read every picture; a failure is a wrong reading."""
    scores = []
    for sample in samples:
        started = time.perf_counter()
        try:
            reading = pipeline.recognize(sample.image, options)
            found, confidence, error = reading.latex, reading.confidence, ""
        except ScipixError as fault:
            found, confidence, error = "", 0.0, fault.code
        spent = 1000 * (time.perf_counter() - started)
        truth, guess = canonical(sample.latex), canonical(found) if found else []
        distance = edit_distance(truth, guess) / max(len(truth), len(guess), 1)
        scores.append(Score(sample, found, truth == guess, distance, confidence, spent, None, error))
    return scores


def with_pictures(scores: list[Score]) -> list[Score]:
    """The scores with `equal` filled in by TeX."""
    if shutil.which("latex") is None:
        return scores
    from models.training.typeset import run_tex

    sources = [detokenize(canonical(text)) for s in scores for text in (s.sample.latex, s.found)]
    drawn: dict[int, object] = {}
    for start in range(0, len(sources), 200):
        jobs = [(start + i, f"\\displaystyle {source}") for i, source in enumerate(sources[start : start + 200])]
        fonts, pages = run_tex("", jobs)
        drawn |= {page.number: placed(fonts, page) for page in pages}
    updated = []
    for i, score in enumerate(scores):
        truth, guess = drawn.get(2 * i), drawn.get(2 * i + 1)
        equal = score.exact or (truth is not None and truth == guess)
        updated.append(Score(score.sample, score.found, score.exact, score.distance, score.confidence,
                             score.milliseconds, equal, score.error))  # fmt: skip
    return updated


def placed(fonts: dict[int, Font], page: Page) -> tuple[object, object]:
    """Which glyphs and rules stand where, from the corner of all of them: a picture is cut at its ink."""
    places = [(x, y) for *_, x, y in page.characters] + [(x, y) for x, y, *_ in page.rules]
    left, top = min((x for x, _ in places), default=0), min((y for _, y in places), default=0)
    glyphs = [(fonts[f].name, c, x - left, y - top) for f, c, x, y in page.characters]
    return glyphs, [(x - left, y - top, *size) for x, y, *size in page.rules]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--set", action="append", default=[], help="NAME=manifest.json")
    parser.add_argument("--packs", type=Path, nargs="*", default=[])
    parser.add_argument("--count", type=int, default=300, help="formulas from each pack")
    parser.add_argument("--worst", type=int, default=20)
    parser.add_argument("--sheet", type=Path, help="PNG to draw the worst readings into")
    parser.add_argument("--no-tex", action="store_true")
    parser.add_argument("--beams", type=int, default=1)
    args = parser.parse_args()
    from models.training.report import kinds_table, table  # they need this module's Score

    options = RecognizeOptions(math=MathOptions(beams=args.beams))
    pipeline = Pipeline(PipelineOptions(args.models, cache_size=0))
    sets = {name: read_set(Path(path)) for name, path in (item.split("=", 1) for item in args.set)}
    vocabulary = pipeline.math_model().decoder.facts.tokens
    sets |= {path.stem: pack_set(path, vocabulary, args.count) for path in args.packs}
    scores = {name: measure(pipeline, samples, options) for name, samples in sets.items()}
    if not args.no_tex:
        scores = {name: with_pictures(part) for name, part in scores.items()}
    print(table(scores))
    print()
    print(kinds_table(scores))
    everything = [s for part in scores.values() for s in part if not s.exact and not s.sample.flags]
    worst = sorted(everything, key=lambda s: -s.distance)[: args.worst]
    for score in worst:
        name = f"{score.distance:.2f} {score.confidence:.2f} {score.sample.name}"
        print(f"{name}\n    {score.sample.latex!r}\n    {score.found!r}")
    if args.sheet and worst:
        from models.training.sheet import write_sheet  # it needs this module's Score

        write_sheet(worst, args.sheet)


if __name__ == "__main__":
    main()
