"""Which token drew which glyph."""

from models.training.align import draw_order, match
from scipix.notation.normalize import normalized_tokens


def drawn(latex: str) -> list[str]:
    return [key for key, _ in draw_order(normalized_tokens(latex))]


def test_superscripts_are_drawn_before_subscripts():
    assert drawn("x_i^2") == ["x", "2", "i"]


def test_limits_stand_above_and_below():
    assert drawn(r"\sum_{i}^{n} a") == ["n", "\\sum", "i", "a"]
    assert drawn(r"\int_{0}^{1} a") == ["\\int", "1", "0", "a"]


def test_fractions_from_top_to_bottom():
    assert drawn(r"\frac{a}{b}+\sqrt{c}") == ["a", "\\frac", "b", "+", "\\sqrt", "c"]


def test_alphabets_are_their_own_keys():
    assert drawn(r"\mathbb{R}\mathrm{d}x") == ["\\mathbb:R", "\\mathrm:d", "x"]


def test_matrices_bring_their_delimiters():
    assert drawn(r"\begin{pmatrix}a & b\end{pmatrix}") == ["(", "a", "b", ")"]


def test_the_kth_expected_is_the_kth_found_and_unequal_counts_are_left_alone():
    assert match([(5, 0), (7, 1), (5, 2)], [5, 5, 9]) == {0: [0], 2: [1]}


def test_a_tag_draws_its_parentheses():
    assert draw_order(["x", "\\tag", "{", "1", "}"]) == [("x", 0), ("(", 1), ("1", 3), (")", 4)]
