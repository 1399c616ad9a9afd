"""What the grammar makes can be normalized."""

import random

from models.training.grammar import make_formulas
from models.training.variants import vary
from scipix.errors import InvalidLatex
from scipix.notation.normalize import normalized_tokens
from scipix.notation.tokens import detokenize


def test_almost_all_made_formulas_parse_and_all_kinds_occur():
    made = make_formulas([["a", "+", "b"]], 1500, random.Random(3))
    refused = 0
    seen: set[str] = set()
    for source in made:
        try:
            seen.update(normalized_tokens(source))
        except InvalidLatex:
            refused += 1
    assert refused < 30
    assert {"\\frac", "\\int", "\\begin{cases}", "\\begin{aligned}", "\\begin{pmatrix}", "\\ce", "\\mathbb"} <= seen


def test_variants_normalize_to_the_same_tokens():
    rng = random.Random(1)
    for source in make_formulas([["a", "+", "b"]], 400, rng):
        try:
            tokens = normalized_tokens(source)
        except InvalidLatex:
            continue
        assert normalized_tokens(detokenize(vary(tokens, rng))) == tokens, source
