"""Whether another provider gives what the CPU gives, as far as that can be asked of it.

Each output within a share of the largest value of that output, and the likeliest token the same wherever the CPU was
surer than that.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

TOLERANCES = {"fp32": 0.01, "fp16": 0.03, "int8": 0.05}  # of the largest value, by precision of the weights


def difference(reference: Path, found: Path, tolerance: float) -> str:
    """In what the outputs in two .npz files differ; empty when they agree."""
    try:
        with np.load(reference) as one, np.load(found) as other:
            return differing(dict(one), dict(other), tolerance)
    except (OSError, ValueError) as exc:
        return f"its outputs cannot be compared: {exc}"


def differing(reference: Mapping[str, np.ndarray], found: Mapping[str, np.ndarray], tolerance: float) -> str:
    """In what named outputs differ from the reference; empty when they agree."""
    if set(reference) != set(found):
        return "it gives other outputs"
    for name, right in reference.items():
        if problem := _differs(right, found[name], tolerance, name == "logits"):
            return f"{name} {problem}"
    return ""


def _differs(one: np.ndarray, other: np.ndarray, tolerance: float, logits: bool) -> str:
    if one.shape != other.shape:
        return f"has shape {other.shape} instead of {one.shape}"
    if not np.isfinite(other).all():
        return "is not finite"
    most = float(np.abs(one).max(initial=0.0))
    gap = float(np.abs(one - other).max(initial=0.0))
    if gap > tolerance * most:
        return f"is off by {gap:.3g} where the largest value is {most:.3g}"
    if logits:
        best, second = np.sort(one, axis=-1)[..., -1], np.sort(one, axis=-1)[..., -2]
        sure = best - second > tolerance * most
        if (one.argmax(-1) != other.argmax(-1))[sure].any():
            return "prefers another token"
    return ""
