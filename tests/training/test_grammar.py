"""What the grammar makes can be normalized."""

import random
import re

from models.training.corpus import fix_vocabulary, tagged
from models.training.grammar import Grammar, make_formulas
from models.training.variants import source as spelled
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


def test_every_kind_of_whole_formula_parses():
    kinds = Grammar(random.Random(5))
    for kind in (kinds.spinors, kinds.vectors, kinds.styled, kinds.alphabets, kinds.spaced, kinds.struck, kinds.lines,
                 kinds.brief, kinds.symbols, kinds.primed, kinds.alphabet_row, kinds.greek_row, kinds.small_matrix,
                 kinds.echoes, kinds.ruled_table, kinds.sizes, kinds.tower, kinds.dotted, kinds.counted,
                 kinds.rare_indices, kinds.named_rows,
                 kinds.alphabets_mixed, kinds.words_row, kinds.logos, kinds.resized, kinds.hooked, kinds.phasors,
                 kinds.arrowed, kinds.echoed_factors, kinds.letters_in_scripts, kinds.font_table,
                 kinds.labelled_arrow, kinds.stroked, kinds.framed, kinds.high_tower, kinds.spaced_scripts, kinds.small_labels,
                 kinds.operators, kinds.remainders, kinds.italic_words, kinds.reactions, kinds.prescripted,
                 kinds.expansion, kinds.entries, kinds.few_numbers, kinds.same_lines, kinds.same_terms, kinds.long_number,
                 kinds.nested, kinds.evaluated, kinds.barred, kinds.factorials, kinds.commutators, kinds.augmented,
                 kinds.judgment, kinds.worded, kinds.stacked_signs, kinds.exponents, kinds.prescripts, kinds.limits_below,
                 kinds.rare_relations, kinds.bold_and_plain, kinds.letters_again, kinds.paper):  # fmt: skip
        assert all(normalized_tokens(kind()) for _ in range(60))


def test_drilled_formulas_are_of_the_hard_kinds_only():
    drilled = make_formulas([["q", "\\ni", "q"]], 300, random.Random(4), kind="drill")
    joined = " ".join(drilled)
    assert joined.count("matrix}") > 40
    assert joined.count("\\hline") > 10
    assert "q \\ni q" not in drilled


def test_mutations_keep_the_shape_of_what_they_borrow():
    kinds = Grammar(random.Random(5), ["\\frac { a } { b }"])
    for _ in range(30):
        tokens = [t for t in normalized_tokens(kinds.mutated()) if t not in ("{", "}")]
        assert tokens[0] == "\\frac"
        assert len(tokens) >= 3


def test_equation_numbers_are_set_at_the_right_and_kept_as_tags():
    tokens, original = tagged((["x", "=", "1"], "x=1"), random.Random(2))
    assert tokens[:4] == ["x", "=", "1", "\\tag"]
    assert not original
    typeset = spelled(original, tokens, random.Random(2))
    assert "\\tag" not in typeset
    assert re.search(r"\\hbox\{\(.+\)\}$", typeset)
    assert normalized_tokens(detokenize(tokens)) == ["x", "=", "1"]


def test_limits_of_operators_are_drawn_where_the_tokens_say():
    original = "\\operatorname*{argmin}_x f"
    tokens = normalized_tokens(original)
    drawn = {spelled(original, tokens, random.Random(seed)) for seed in range(40)}
    assert not any("\\operatorname*" in each for each in drawn)
    assert all("\\underset{x}{\\mathrm{argmin}}" in each for each in drawn)


def test_a_vocabulary_only_grows_at_its_end(tmp_path):
    path = tmp_path / "vocabulary.json"
    first = fix_vocabulary(path, [["b", "a"]] * 3, 2, grow=False)
    assert first == ["<pad>", "<s>", "</s>", "a", "b"]
    assert fix_vocabulary(path, [["0", "a"]] * 3, 2, grow=False) == first
    assert fix_vocabulary(path, [["0", "a"]] * 3, 2, grow=True) == [*first, "0"]


def test_upright_words_are_never_pulled_apart():
    rng = random.Random(2)
    tokens = normalized_tokens(r"d = a \mathrm{mod} d")
    assert all(detokenize(vary(tokens, rng)).count("\\mathrm{mod}") for _ in range(200))


def test_brackets_of_an_option_have_no_size():
    rng = random.Random(2)
    tokens = normalized_tokens("\\xhookrightarrow[ab]{A} + \\sqrt[n]{x} + [y]")
    varied = {detokenize(vary(tokens, rng)) for _ in range(60)}
    assert any("l[y" in text for text in varied)
    assert all("\\xhookrightarrow[ab]" in text and "\\sqrt[n]" in text for text in varied)
