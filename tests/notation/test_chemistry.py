"""The argument of mhchem's \\ce: one spelling, and what is written again has the spaces that mhchem needs."""

from __future__ import annotations

import pytest

from scipix.notation.chemistry import fold, spaced
from scipix.notation.mathjax import MathJax
from scipix.notation.normalize import normalize, normalized_tokens
from scipix.notation.tokens import detokenize, tokenize


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("\\ce{2H2 + O2 -> 2H2O}", "\\ce{2H2 + O2 -> 2H2O}"),
        ("\\ce{A->B}", "\\ce{A -> B}"),
        ("\\ce{A <=> B}", "\\ce{A <=> B}"),
        ("\\ce{A <- B}", "\\ce{A <- B}"),
        ("\\ce{a <-> b}", "\\ce{a <-> b}"),
        ("\\ce{SO4^2- + 2Na+}", "\\ce{SO4^{2-} + 2Na^{+}}"),
        ("\\ce{Fe(CN)6^3-}", "\\ce{Fe(CN)6^{3-}}"),
        ("\\ce{[Hg^{II}I4]^2-}", "\\ce{[Hg^{II}I4]^{2-}}"),
        ("\\ce{NO3^-(aq)}", "\\ce{NO3^{-}(aq)}"),
        ("\\ce{H_2O}", "\\ce{H2O}"),
        ("\\ce{^{14}_{6}C}", "\\ce{^{14}_{6}C}"),
        ("\\ce{^14_6C}", "\\ce{^{14}_{6}C}"),
        ("\\ce{e- + ^1H}", "\\ce{e^{-} + ^{1}H}"),
        ("\\ce{CH3-CH3}", "\\ce{CH3-CH3}"),
        ("x = \\ce{A ->[\\Delta] B}", "x = \\ce{A ->[\\Delta ] B}"),
        ("\\frac{\\ce{H+}}{x}", "\\frac{\\ce{H^{+}}}{x}"),
    ],
)
def test_one_spelling(given: str, wanted: str) -> None:
    assert normalize(given) == wanted
    assert normalize(wanted) == wanted


@pytest.mark.parametrize("given", ["\\ce{2H2 + O2 -> 2H2O}", "\\ce{SO4^2- <=>[a][b] $n$ H2O}", "y\\ce{B}+\\ce{C+}"])
def test_tokens_come_back(given: str) -> None:
    tokens = normalized_tokens(given)
    assert tokenize(detokenize(tokens)) == tokens


def test_a_sum_and_a_charge_are_drawn_unlike() -> None:
    mathjax = MathJax()
    try:
        made = mathjax.svg(normalize("\\ce{2H2 + O2 -> 2H2O}"))
        assert made == mathjax.svg("\\ce{2H2 + O2 -> 2H2O}")
        assert made != mathjax.svg("\\ce{2H2+O2- > 2H2O}")
        assert mathjax.svg(normalize("\\ce{Na+ + SO4^2-}")) == mathjax.svg("\\ce{Na+ + SO4^2-}")
    finally:
        mathjax.close()


def test_charges_without_braces_stay_charges() -> None:
    """A model may write them so; `^ +` would be another thing to mhchem."""
    assert detokenize(tokenize("\\ce{Na^+ + SO4^2-}")) == "\\ce{Na^+ + SO4^2-}"
    assert spaced("Fe^2++Fe^3+") == "Fe^2+ + Fe^3+"


def test_braces_that_do_not_close() -> None:
    assert fold("\\ce{H2 + \\ce{O2 ") == "\\ce{H2 + \\ce{O2 "
    assert fold("a + b") == "a + b"
    assert spaced("") == ""
