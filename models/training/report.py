"""What is reported of measured readings: tables by set and by kind of formula, and how honest the confidence is."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import numpy as np

from models.training.evaluate import MULTILINE, Score, canonical

# A formula is of every kind of which it has a token; the names of the rows, with what they look for.
KINDS = {
    "fractions, binomials": {"\\frac", "\\binom"},
    "roots": {"\\sqrt"},
    "sums, products, limits": {"\\sum", "\\prod", "\\lim", "\\max", "\\min", "\\sup", "\\inf", "\\bigcup", "\\bigcap"},
    "integrals": {"\\int", "\\iint", "\\iiint", "\\oint"},
    "accents": {
        "\\hat",
        "\\tilde",
        "\\bar",
        "\\vec",
        "\\dot",
        "\\ddot",
        "\\breve",
        "\\check",
        "\\overline",
        "\\widehat",
        "\\widetilde",
        "\\mathring",
    },
    "stretched arrows, braces, stacks": {
        "\\xrightarrow",
        "\\xleftarrow",
        "\\overrightarrow",
        "\\overbrace",
        "\\underbrace",
        "\\overset",
        "\\underset",
        "\\substack",
    },
    "alphabets": {
        "\\mathbb",
        "\\mathcal",
        "\\mathfrak",
        "\\mathscr",
        "\\mathbf",
        "\\boldsymbol",
        "\\mathsf",
        "\\mathtt",
    },
    "words, roman": {"\\text", "\\mathrm", "\\textbf", "\\textit"},
    "chemistry": {"\\ce"},
    "matrices, arrays": {
        f"\\begin{{{name}}}" for name in ("matrix", "pmatrix", "bmatrix", "vmatrix", "Vmatrix", "Bmatrix", "array")
    },
    "cases": {"\\begin{cases}"},
    "aligned, gathered": {"\\begin{aligned}", "\\begin{gathered}"},
}


def kinds_table(sets: dict[str, list[Score]]) -> str:
    """Exact and distance by kind of formula over all sets, flagged pictures left out."""
    scores = [s for part in sets.values() for s in part if not s.sample.flags]
    tokens = [frozenset(canonical(s.sample.latex)) for s in scores]
    lines = ["| formulas with | pictures | exact % | distance |", "|---|---|---|---|"]
    for name, wanted in KINDS.items():
        some = [s for s, has in zip(scores, tokens, strict=True) if not wanted.isdisjoint(has)]
        if some:
            exact = 100 * statistics.mean(s.exact for s in some)
            lines.append(f"| {name} | {len(some)} | {exact:.1f} | {statistics.mean(s.distance for s in some):.3f} |")
    return "\n".join(lines)


def calibration_error(scores: Sequence[Score], bins: int = 10) -> float:
    """Expected calibration error of the confidence that a reading is exact (Guo et al., 2017)."""
    confidence = np.array([s.confidence for s in scores])
    exact = np.array([s.exact for s in scores], float)
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(confidence[place == b].mean() - exact[place == b].mean()) * (place == b).mean()
            for b in range(bins) if (place == b).any()]  # fmt: skip
    return float(sum(gaps))


def row(name: str, scores: Sequence[Score]) -> str:
    """One line of the table."""
    if not scores:
        return f"| {name} | 0 | | | | | |"
    exact = 100 * statistics.mean(s.exact for s in scores)
    distance = statistics.mean(s.distance for s in scores)
    equal = [s.equal for s in scores if s.equal is not None]
    times = sorted(s.milliseconds for s in scores)
    shown = f"{100 * statistics.mean(equal):.1f}" if equal else "-"
    middle, late = times[len(times) // 2], times[min(len(times) - 1, int(0.99 * len(times)))]
    return (f"| {name} | {len(scores)} | {exact:.1f} | {distance:.3f} | {shown} | {middle:.0f} / {late:.0f} | "
            f"{calibration_error(scores):.3f} |")  # fmt: skip


def table(sets: dict[str, list[Score]]) -> str:
    """All sets, each whole and by kind of formula; flagged pictures (words around, errors wanted) apart."""
    lines = ["| set | pictures | exact % | distance | equal % | p50 / p99 ms | ECE |", "|---|---|---|---|---|---|---|"]
    for name, scores in sets.items():
        plain = [s for s in scores if not s.sample.flags]
        single = [s for s in plain if not MULTILINE.intersection(s.sample.tags)]
        lines.append(row(f"{name}: one line", single))
        lines.append(
            row(f"{name}: many lines, matrices, cases", [s for s in plain if MULTILINE.intersection(s.sample.tags)])
        )
        if any(s.sample.flags for s in scores):
            lines.append(row(f"{name}: flagged", [s for s in scores if s.sample.flags]))
    return "\n".join(lines)
