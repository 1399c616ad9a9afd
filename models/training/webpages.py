"""Pictures of formulas as browsers show them with KaTeX: a set to measure on (evaluate.py), with its manifest.

    npm pack katex && tar xzf katex-*.tgz
    python -m models.training.webpages --formulas formulas.txt --katex package/dist --browser chromium --zoom 1 2 --out W/web

One formula a line. Those that KaTeX does not know, and those that do not fit into a cell, are left out. --browser: a
Chromium or a Firefox.
"""

from __future__ import annotations

import argparse
import html
import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

WIDTH, HEIGHT, CELLS = 1100, 340, 20  # of a page, in pixels at zoom 1, and formulas
_MARGIN = 6  # of these pixels, left around a formula
_PAGE = """<!doctype html><meta charset=utf-8><link rel=stylesheet href="{katex}/katex.min.css">
<script src="{katex}/katex.min.js"></script>
<style>body{{margin:0;background:#fff;color:#000;font-size:{size}px}}
.cell{{position:absolute;left:20px;width:{width}px;white-space:nowrap}}</style>
{cells}<script>for (const cell of document.querySelectorAll(".cell")) {{
  const tex = cell.textContent;
  try {{ katex.render(tex, cell, {{displayMode: true, strict: false}}) }} catch (error) {{ cell.textContent = "" }}
}}</script>"""


def page(formulas: Sequence[str], katex: Path, zoom: float = 1.0) -> str:
    """One page with a formula in each cell, one under the other; zoom: as readers enlarge pages, 1 is 16 pixels an em."""
    cells = "".join(
        f'<div class=cell style="top:{(i * HEIGHT + HEIGHT // 4) * zoom}px">{html.escape(formula)}</div>'
        for i, formula in enumerate(formulas)
    )
    return _PAGE.format(katex=katex.resolve().as_uri(), cells=cells, size=16 * zoom, width=(WIDTH - 40) * zoom)


def shoot(source: str, browser: str, zoom: float) -> np.ndarray:
    """What the browser shows of a page of that zoom: uint8 (H, W).

    Raises subprocess.CalledProcessError when the browser fails, FileNotFoundError when there is none.
    """
    with tempfile.TemporaryDirectory() as folder:
        site, picture = Path(folder) / "page.html", Path(folder) / "page.png"
        site.write_text(source, encoding="utf-8")
        size = f"--window-size={round(WIDTH * zoom)},{round(HEIGHT * CELLS * zoom)}"
        if "firefox" in browser:
            (Path(folder) / "profile").mkdir()
            command = [browser, "--headless", "--profile", f"{folder}/profile", size]
        else:
            command = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", size,
                       "--allow-file-access-from-files", f"--user-data-dir={folder}/profile",
                       "--virtual-time-budget=10000"]  # fmt: skip
        subprocess.run(
            [*command, f"--screenshot={picture}", site.as_uri()], check=True, capture_output=True, timeout=180
        )
        return np.array(Pillow.open(picture).convert("L"))


def cut(shot: np.ndarray, zoom: float) -> Iterator[np.ndarray | None]:
    """The formula of each cell with a margin; None where nothing was drawn or more than fits."""
    margin = round(_MARGIN * zoom)
    for i in range(CELLS):
        cell = shot[round(i * HEIGHT * zoom) : round((i + 1) * HEIGHT * zoom)]
        rows, columns = np.flatnonzero((cell < 200).any(1)), np.flatnonzero((cell < 200).any(0))
        if len(rows) == 0 or rows[0] == 0 or rows[-1] >= len(cell) - 1 or columns[-1] >= cell.shape[1] - margin:
            yield None
            continue
        yield cell[max(rows[0] - margin, 0) : rows[-1] + margin, max(columns[0] - margin, 0) : columns[-1] + margin]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--formulas", type=Path, required=True)
    parser.add_argument("--katex", type=Path, required=True, help="the folder of katex.min.js")
    parser.add_argument("--browser", default="chromium")
    parser.add_argument("--zoom", type=float, nargs="+", default=[1.0, 2.0], help="16 pixels an em times this")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    formulas = args.formulas.read_text(encoding="utf-8").splitlines()
    args.out.mkdir(parents=True, exist_ok=True)
    items = []
    for first in range(0, len(formulas), CELLS):
        part, zoom = formulas[first : first + CELLS], args.zoom[first // CELLS % len(args.zoom)]
        shot = shoot(page(part, args.katex, zoom), args.browser, zoom)
        for i, (formula, picture) in enumerate(zip(part, cut(shot, zoom), strict=False)):
            if picture is not None:
                name = f"{args.out.name}-{first + i}.png"
                Pillow.fromarray(picture).save(args.out / name)
                tags = ["multiline"] if "\\begin" in formula else []
                items.append({"file": name, "latex": formula, "flags": [], "tags": tags})
        print(f"{len(items)} of {min(first + CELLS, len(formulas))}", flush=True)
    manifest = {"what": f"KaTeX in {args.browser}", "items": items}
    (args.out / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
