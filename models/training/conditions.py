"""Measures how pictures are read that were shaded, turned, made noisy, inverted or squeezed: what cameras, scanners, slides
and dark pages do to them.

    python -m models.training.conditions --models models --set real-formulas/manifest.json [--only slidetex texteller]

The manifest is one of evaluate.py. Prints for each condition how many pictures are read exactly.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from models.training.evaluate import measure, read_set
from scipix.datatypes import Image
from scipix.pipeline import Pipeline, PipelineOptions

Condition = Callable[[np.ndarray], np.ndarray]


def shaded(pixels: np.ndarray, least: float) -> np.ndarray:
    """Light that falls to so much of it from left to right, and half as far from top to bottom."""
    height, width = pixels.shape[:2]
    light = np.linspace(1, least, width)[None, :, None] * np.linspace(1, (1 + least) / 2, height)[:, None, None]
    return np.uint8(pixels * light)


def noisy(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Gray paper with the noise of a scan."""
    return np.uint8(np.clip(pixels * 0.85 + rng.normal(10, 6, pixels.shape), 0, 255))


def turned(pixels: np.ndarray, degrees: float) -> np.ndarray:
    """Turned counterclockwise, white around."""
    picture = Pillow.fromarray(pixels)
    return np.array(picture.rotate(degrees, Pillow.Resampling.BICUBIC, expand=True, fillcolor=(255, 255, 255)))


def squeezed(pixels: np.ndarray, quality: int) -> np.ndarray:
    """Through JPEG and back."""
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return np.array(Pillow.open(buffer))


def inverted(pixels: np.ndarray) -> np.ndarray:
    return 255 - pixels


def conditions(seed: int) -> dict[str, Condition]:
    """By name; each takes and gives uint8 (H, W, 3)."""
    made: dict[str, Condition] = {"as it is": lambda pixels: pixels}
    made |= {f"shaded to {least}": partial(shaded, least=least) for least in (0.7, 0.5)}
    made |= {f"turned by {degrees} degrees": partial(turned, degrees=degrees) for degrees in (1, 2, 4)}
    made["noisy"] = partial(noisy, rng=np.random.default_rng(seed))
    made["JPEG 30"] = partial(squeezed, quality=30)
    made["inverted"] = inverted
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--set", type=Path, required=True, help="manifest.json")
    parser.add_argument("--only", nargs="*", default=[""], help="pictures with one of these in their names")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    samples = [s for s in read_set(args.set) if not s.flags and any(word in s.name for word in args.only)]
    pipeline = Pipeline(PipelineOptions(args.models, cache_size=0))
    for name, condition in conditions(args.seed).items():
        changed = [replace(sample, image=Image(condition(sample.image.pixels))) for sample in samples]
        scores = measure(pipeline, changed)
        print(f"| {name} | {sum(score.exact for score in scores)} of {len(scores)} |", flush=True)
    pipeline.close()


if __name__ == "__main__":
    main()
