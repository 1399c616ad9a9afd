"""Fits the temperature and the threshold that make confidence mean something.

    python -m models.training.calibrate --models models --packs held/kp.npz --count 300

The temperature (Guo et al., 2017, arXiv:1706.04599) divides the logits; the one with the lowest log loss of "the reading is
exact" wins. The threshold is the confidence below which fewer than one reading in four is exact. Pass both to export.py.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.training.evaluate import Sample, Score, measure, pack_set, read_set
from models.training.report import calibration_error
from scipix.pipeline import Pipeline, PipelineOptions

TEMPERATURES = (0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 1.0, 1.2, 1.5)


def log_loss(scores: list[Score]) -> float:
    """Mean negative log probability that the confidence gave to what came true."""
    chance = np.clip([score.confidence for score in scores], 1e-4, 1 - 1e-4)
    exact = np.array([score.exact for score in scores])
    return float(-np.log(np.where(exact, chance, 1 - chance)).mean())


def scores_at(pipeline: Pipeline, samples: list[Sample], temperature: float) -> list[Score]:
    """Read everything with another temperature; what is read does not depend on it, how sure it is does."""
    decoder = pipeline.math_model().decoder
    decoder.facts = replace(decoder.facts, temperature=temperature)
    return measure(pipeline, samples)


def threshold(scores: list[Score], share: float = 0.25) -> float:
    """The lowest confidence above which a reading at that level is exact at least `share` of the time."""
    ordered = sorted(scores, key=lambda score: score.confidence)
    window = max(10, len(ordered) // 12)
    for start in range(len(ordered) - window):
        part = ordered[start : start + window]
        if np.mean([score.exact for score in part]) >= share:
            return round(part[0].confidence, 3)
    return 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--set", action="append", type=Path, default=[], help="manifest.json of a set")
    parser.add_argument("--packs", type=Path, nargs="*", default=[])
    parser.add_argument("--count", type=int, default=300)
    args = parser.parse_args()
    pipeline = Pipeline(PipelineOptions(args.models, cache_size=0))
    vocabulary = pipeline.math_model().decoder.facts.tokens
    samples = [sample for path in args.set for sample in read_set(path)]
    samples += [sample for path in args.packs for sample in pack_set(path, vocabulary, args.count, part=1)]
    tried = {t: scores_at(pipeline, samples, t) for t in TEMPERATURES}
    for temperature, scores in tried.items():
        print(f"temperature {temperature}: log loss {log_loss(scores):.3f}, ECE {calibration_error(scores):.3f}")
    best = min(tried, key=lambda t: log_loss(tried[t]))
    print(f"--temperature {best} --threshold {threshold(tried[best])}")


if __name__ == "__main__":
    main()
