"""Sizes told by hand, and dots that depend on what follows."""

import pytest

from scipix.notation.normalize import normalize
from scipix.notation.sizes import pair_sizes, unbrace_sizes
from scipix.notation.tokens import tokenize


@pytest.mark.parametrize(
    ("latex", "same"),
    [
        (r"\Big(\frac{a}{b}\Big)", r"\left(\frac{a}{b}\right)"),
        (r"\Big{(}\frac{a}{b}\Big{)}\Big{|}_{x}", r"\left(\frac{a}{b}\right)|_{x}"),
        (r"\bigl[\bigl\{\frac a b\bigr\}\bigr]", r"\left[\left\{\frac{a}{b}\right\}\right]"),
        (r"\big(x\big)", "(x)"),
        (r"\bigl\lvert\frac{a}{b}\bigr\rvert", r"\left|\frac{a}{b}\right|"),
        (r"\Big(\frac{a}{b}", r"(\frac{a}{b}"),
        (r"\Big(\frac{a}{b}\Big]", r"(\frac{a}{b}]"),
        (r"{\Big(\frac{a}{b}}\Big)", r"(\frac{a}{b})"),
        (r"\begin{aligned}\Big(\frac{a}{b} &= c\Big) \\ d &= e\end{aligned}",
         r"\begin{aligned}(\frac{a}{b} &= c) \\ d &= e\end{aligned}"),
        (r"\left(\Big(\frac{a}{b}\right)\Big)", r"\left((\frac{a}{b}\right))"),
    ],
)  # fmt: skip
def test_sized_pairs_around_what_is_tall_are_stretched_ones(latex: str, same: str) -> None:
    assert normalize(latex) == normalize(same)


def test_only_single_delimiters_leave_their_braces() -> None:
    assert "".join(unbrace_sizes(tokenize(r"\big{ab}\Big{[}\big"))) == r"\big{ab}\Big[\big"
    assert pair_sizes([r"\big"]) == [r"\big"]


@pytest.mark.parametrize(
    ("latex", "drawn"),
    [(r"a+\dots+b", r"a+\cdots+b"), (r"a,\dots,b", r"a,\ldots,b"), (r"\dots\int x", r"\cdots\int x"), (r"\dots", r"\ldots"),
     (r"x_1\dots x_n", r"x_{1}\ldots x_{n}"), (r"1 < \dots \le n", r"1 < \cdots \leq n"), (r"\ldots+a", r"\ldots+a")],
)  # fmt: skip
def test_dots_stand_where_amsmath_puts_them(latex: str, drawn: str) -> None:
    assert normalize(latex) == drawn
