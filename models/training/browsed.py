"""Packs of formulas as KaTeX sets them in a browser: its spaces, its stretchy arrows, braces, roots, strokes and frames.

    npm pack katex && tar xzf katex-*.tgz
    python -m models.training.browsed --corpus W/corpus.tsv --vocabulary W/vocabulary.json --katex package/dist --out W/packs

A headless Chromium lays the formulas out; what lies where is read from its page (measured.js). KaTeX is patched on the fly to
tell which place of the source drew what. Formulas that it does not know are left out.
"""

from __future__ import annotations

import argparse
import html
import json
import random
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.training import variants
from models.training.placing import EM, WebPacker
from models.training.typeset import FILE_FORMULAS

_PAGE = """<!doctype html><meta charset=utf-8><link rel=stylesheet href="{katex}/katex.min.css"><script>{script}</script>
<script src="{katex}/contrib/mhchem.min.js"></script>
<style>.katex{{font-size:{em}px!important;text-rendering:geometricPrecision}}.cell{{white-space:nowrap;width:60000px}}
.katex-display{{text-align:left!important;white-space:nowrap!important}}</style>{cells}<pre id=out></pre>
<script>{measured}
const cells = [...document.querySelectorAll(".cell")];
for (const cell of cells) {{
  const tex = window.source = cell.textContent;
  try {{ katex.render(tex, cell, {{displayMode: true, strict: false, output: "html"}}) }} catch (e) {{ cell.textContent = "" }}
}}
(async () => {{
  await Promise.all([...document.fonts].map(font => font.load()));
  document.body.offsetHeight;
  const found = JSON.stringify(cells.map(measured));
  for (const cell of cells) cell.remove();
  document.getElementById("out").textContent = found;
}})();
</script>"""
# What the patches put in: the source's place goes with each node of KaTeX's tree to the element that it becomes.
_PATCHES = (
    ("return func.handler(context, args, optArgs);",
     "const made = func.handler(context, args, optArgs);"
     "if (made && !made.loc && token && token.loc) made.loc = token.loc;"
     "return made;"),
    ('text: "\\\\prime"\n        };', 'text: "\\\\prime", loc: lex.loc\n        };'),
    ("let groupNode = _htmlGroupBuilders[group.type](group, options);",
     "let groupNode = _htmlGroupBuilders[group.type](group, options);"
     "const loc = group.loc || (group.type === 'supsub' && group.base && group.base.loc);"
     "if (loc && loc.lexer.input === window.source)"
     "for (const each of groupNode.classes && groupNode.toNode && !(groupNode instanceof DocumentFragment)"
     " ? [groupNode] : groupNode.children || [])"
     "if (each.classes && !each.classes.some(c => /^at\\d/.test(c))) each.classes.push('at' + loc.start);"),
)  # fmt: skip
_LEFT_OUT = frozenset(["\\tag"])  # far away


def page(sources: Sequence[str], katex: Path) -> str:
    """The page that lays these formulas out and writes down what lies where. Raises ValueError for a KaTeX that is not known."""
    script = (katex / "katex.js").read_text(encoding="utf-8")
    for old, new in _PATCHES:
        if old not in script:
            raise ValueError("this version of KaTeX is not known: use 0.19")
        script = script.replace(old, new)
    measured = Path(__file__).with_name("measured.js").read_text(encoding="utf-8")
    cells = "".join(f"<div class=cell>{html.escape(source)}</div>" for source in sources)
    return _PAGE.format(katex=katex.resolve().as_uri(), script=script, em=EM, cells=cells, measured=measured)


def browse(source: str, browser: str) -> list[dict[str, Any] | None]:
    """What measured.js found in each cell of the page; None where KaTeX drew nothing.

    Raises subprocess.CalledProcessError when the browser fails, ValueError when it tells nothing.
    """
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "page.html"
        site.write_text(source, encoding="utf-8")
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile",
                   "--allow-file-access-from-files", "--virtual-time-budget=60000", "--dump-dom"]  # fmt: skip
        shown = subprocess.run([*command, site.as_uri()], check=True, capture_output=True, timeout=300)
    found = re.search(r'<pre id="out">(.*?)</pre>', shown.stdout.decode(), re.DOTALL)
    if not found or not found[1]:
        raise ValueError("the browser wrote nothing down")
    return json.loads(html.unescape(found[1]))


def pack(
    name: str,
    formulas: Sequence[tuple[str, list[str]]],
    out: Path,
    tokens: dict[str, int],
    katex: Path,
    browser: str = "chromium",
    seed: int = 1,
) -> None:
    """Set (source, tokens) pairs and write `<out>/<name>.npz`."""
    rng = random.Random(seed)
    packer = WebPacker(json.loads((out / "classes.json").read_text()), tokens, katex / "fonts")
    for start in range(0, len(formulas), FILE_FORMULAS):
        part = [each for each in formulas[start : start + FILE_FORMULAS] if not _LEFT_OUT.intersection(each[1])]
        sources = [variants.source(original, wanted, rng) for original, wanted in part]
        shown = browse(page(sources, katex), browser)
        for source, (_, wanted), items in zip(sources, part, shown, strict=True):
            if items is None or not packer.put(items, source, wanted):
                packer.dropped += 1
    packer.save(out / f"{name}.npz")
    known = sum(int((b[:, 2] > b[:, 0]).sum()) for b in packer.rows["boxes"])
    print(f"{name}: {len(packer.sizes)} of {len(formulas)} formulas, {len(packer.atlas.bitmaps)} bitmaps, {known} tokens "
          f"placed for {sum(size[0] for size in packer.sizes)} glyphs", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--katex", type=Path, required=True, help="dist of the npm package katex 0.19")
    parser.add_argument("--out", type=Path, required=True, help="where classes.json is, and the packs will be")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--name", default="browser.w")
    parser.add_argument("--browser", default="chromium")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    tokens = {token: i for i, token in enumerate(json.loads(args.vocabulary.read_text()))}
    rng = random.Random(args.seed)
    lines = rng.sample(args.corpus.read_text().splitlines(), args.count)
    formulas = [(source, json.loads(wanted)) for wanted, source in (line.split("\t") for line in lines)]
    pack(args.name, formulas, args.out, tokens, args.katex, args.browser, rng.randrange(1 << 30))


if __name__ == "__main__":
    main()
