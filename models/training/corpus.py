"""Normalizes formulas and fixes the vocabulary.

    python -m models.training.corpus --formulas formulas.txt --out corpus.tsv --vocabulary vocabulary.json

corpus.tsv: the tokens (JSON) and the source of one formula a line. Formulas that do not parse, that are too long or that
need a token seen fewer than `--rare` times are left out; what the recognizer must never see again (the measured sets) can
be named by `--exclude`.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from pathlib import Path

from models.training.grammar import make_formulas
from models.training.kinds import Kinds
from scipix.errors import InvalidLatex
from scipix.notation.normalize import normalized_tokens

SPECIAL = ["<pad>", "<s>", "</s>"]


def read(path: Path, longest: int) -> list[tuple[list[str], str]]:
    """(tokens, source) of each formula that parses."""
    found: list[tuple[list[str], str]] = []
    for line in path.read_text().splitlines():
        try:
            tokens = normalized_tokens(line)
        except InvalidLatex:
            continue
        if len(tokens) <= longest:
            found.append((tokens, line))
    return found


def make(sources: list[str], longest: int) -> list[tuple[list[str], str]]:
    """(tokens, source) of the made formulas that parse."""
    made: list[tuple[list[str], str]] = []
    for source in sources:
        try:
            tokens = normalized_tokens(source)
        except InvalidLatex:
            continue
        if len(tokens) <= longest:
            made.append((tokens, source))
    return made


def tagged(pair: tuple[list[str], str], rng: random.Random) -> tuple[list[str], str]:
    """The formula with an equation number at its right, to be set from its tokens (`variants.source`)."""
    text = Kinds(rng).tag()
    return [*pair[0], "\\tag", "{", *text, "}"], ""


def fix_vocabulary(path: Path, formulas: list[list[str]], rare: int, grow: bool) -> list[str]:
    """The vocabulary in the file; made, or added to, from tokens that `rare` formulas or more have."""
    counts = Counter(token for tokens in formulas for token in set(tokens))
    found = sorted(token for token, count in counts.items() if count >= rare)
    old = json.loads(path.read_text()) if path.exists() else []
    if old and not grow:
        return old
    vocabulary = (old or SPECIAL) + [token for token in found if token not in set(old)]
    path.write_text(json.dumps(vocabulary, ensure_ascii=False, indent=0))
    return vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--formulas", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--vocabulary", type=Path, required=True, help="read when it exists, else written")
    parser.add_argument("--longest", type=int, default=220)
    parser.add_argument("--rare", type=int, default=8)
    parser.add_argument("--made", type=int, default=120_000, help="formulas to make with the grammar")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tagged", type=float, default=0.05, help="share of the formulas that get an equation number")
    parser.add_argument("--grow", action="store_true", help="append new tokens to a vocabulary that exists")
    parser.add_argument(
        "--kind", default="formula", help="only made formulas of a kind: drill (read worst), mark, framed ..."
    )
    args = parser.parse_args()
    rng = random.Random(args.seed)
    pairs = [pair for path in args.formulas for pair in read(path, args.longest)]
    made = make(make_formulas([tokens for tokens, _ in pairs], args.made, rng, args.kind), args.longest)
    pairs = made if args.kind != "formula" else pairs + made
    pairs = [tagged(pair, rng) if rng.random() < args.tagged else pair for pair in pairs]
    known = set(fix_vocabulary(args.vocabulary, [tokens for tokens, _ in pairs], args.rare, args.grow))
    kept = [(tokens, source) for tokens, source in pairs if known.issuperset(tokens)]
    with args.out.open("w") as file:
        file.writelines(f"{json.dumps(tokens)}\t{source}\n" for tokens, source in kept)
    print(f"{len(kept)} of {len(pairs)} formulas, {len(known)} tokens")


if __name__ == "__main__":
    main()
