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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--formulas", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--vocabulary", type=Path, required=True, help="read when it exists, else written")
    parser.add_argument("--longest", type=int, default=220)
    parser.add_argument("--rare", type=int, default=8)
    parser.add_argument("--made", type=int, default=120_000, help="formulas to make with the grammar")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    pairs = [pair for path in args.formulas for pair in read(path, args.longest)]
    made = make_formulas([tokens for tokens, _ in pairs], args.made, random.Random(args.seed))
    for source in made:
        try:
            tokens = normalized_tokens(source)
        except InvalidLatex:
            continue
        if len(tokens) <= args.longest:
            pairs.append((tokens, source))
    if args.vocabulary.exists():
        vocabulary = json.loads(args.vocabulary.read_text())
    else:
        counts = Counter(token for tokens, _ in pairs for token in set(tokens))
        vocabulary = SPECIAL + sorted(token for token, count in counts.items() if count >= args.rare)
        args.vocabulary.write_text(json.dumps(vocabulary, ensure_ascii=False, indent=0))
    known = set(vocabulary)
    kept = [(tokens, source) for tokens, source in pairs if known.issuperset(tokens)]
    with args.out.open("w") as file:
        file.writelines(f"{json.dumps(tokens)}\t{source}\n" for tokens, source in kept)
    print(f"{len(kept)} of {len(pairs)} formulas, {len(vocabulary)} tokens")


if __name__ == "__main__":
    main()
