"""Pictures of formulas as TeX sets them and dvipng shows them, cut out tightly: a set to measure on (evaluate.py), with its
manifest.

    python -m models.training.pages --formulas models/training/papers.txt --fonts cm libertine kp --dpi 130 --out W/pages

One formula a line; those that TeX refuses are left out. papers.txt: what papers and textbooks have, single lines and many.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from models.training.fonts import COMMON, FONT_SETS, HELD_OUT

_BEFORE = "\\pagestyle{empty}\\begin{document}"


def source(preamble: str, formulas: Sequence[str]) -> str:
    """A document with a formula on each page, each in one line of the source."""
    pages = [f"$\\displaystyle {formula}$\\newpage" for formula in formulas]
    return "\n".join([f"{COMMON}{preamble}", _BEFORE, *pages, "\\end{document}", ""])


def refused(log: str, text: str) -> set[int]:
    """Which formulas TeX's log has errors for. text: what it was given, see `source`."""
    first = text.split("\n").index(_BEFORE) + 2
    return {int(line) - first for line in re.findall(r"^l\.(\d+)", log, re.MULTILINE)}


def draw(preamble: str, formulas: Sequence[str], dpi: int, folder: Path, name: str) -> list[tuple[str, str]]:
    """(file, formula) of each picture, drawn into the folder. Raises FileNotFoundError where there is no TeX."""
    text = source(preamble, formulas)
    (folder / f"{name}.tex").write_text(text, encoding="utf-8")
    command = ["latex", "-interaction=nonstopmode", f"{name}.tex"]
    subprocess.run(command, cwd=folder, capture_output=True, check=False)
    bad = refused((folder / f"{name}.log").read_text(errors="replace"), text)
    shown = ["dvipng", "-q", "-T", "tight", "-D", str(dpi), "-bg", "White", "-o", f"{name}-%d.png", f"{name}.dvi"]
    subprocess.run(shown, cwd=folder, capture_output=True, check=True)
    made = [(f"{name}-{i + 1}.png", formula) for i, formula in enumerate(formulas) if i not in bad]
    return [(file, formula) for file, formula in made if (folder / file).exists()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--formulas", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--fonts", nargs="+", default=["cm", "libertine", "kp"], help="sets of fonts.py")
    parser.add_argument("--dpi", type=int, default=130)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    formulas = [line for line in args.formulas.read_text(encoding="utf-8").split("\n") if line.strip()]
    items = []
    for name in args.fonts:
        preamble = {**FONT_SETS, **HELD_OUT}[name]
        for file, formula in draw(preamble, formulas, args.dpi, args.out, name):
            tags = ["multiline"] if "\\begin" in formula else []
            items.append({"file": file, "latex": formula, "flags": [], "tags": tags})
    manifest = {"what": f"{args.formulas.name} at {args.dpi} dots an inch", "items": items}
    (args.out / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    print(f"{len(items)} pictures")


if __name__ == "__main__":
    main()
