"""Writes tests/golden/mathml anew: `python -m tests.notation.golden`. Read the difference before committing it."""

from __future__ import annotations

from pathlib import Path

from scipix.notation.mathjax import MathJax
from tests.notation.formulas import FORMULAS

FOLDER = Path(__file__).parent.parent / "golden" / "mathml"
NAMES = [
    "quadratic", "gauss", "basel", "limit", "maxwell", "aligned", "multline", "cases", "pmatrix", "array_rules",
    "augmented", "blackboard", "alphabets", "operatorname", "xrightarrow", "chem_water", "braces", "accents",
    "cancel", "boxed", "color", "tag", "substack", "prescript", "nested_fractions", "left_right", "text_spaces",
    "mod",
]  # fmt: skip


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    mathjax = MathJax()
    for name in NAMES:
        (FOLDER / f"{name}.mml").write_text(mathjax.mathml(FORMULAS[name]) + "\n", encoding="utf-8", newline="\n")
    mathjax.close()


if __name__ == "__main__":
    main()
