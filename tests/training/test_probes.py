"""Which symbols a set of fonts draws alike."""

from __future__ import annotations

from models.training.probes import probes, unclear


def test_letters_of_an_alphabet_that_is_another_one_are_unclear() -> None:
    drawn = {
        "x": ("italic", 120),
        "\\mathit:x": ("italic", 120),
        "\\mathbf:x": ("bold", 120),
        "\\mathrm:x": ("roman", 120),
    }
    assert unclear(drawn) == {"\\mathit:x"}


def test_both_of_two_shapes_are_unclear_where_there_is_one() -> None:
    drawn = {
        "\\epsilon": ("greek", 15),
        "\\varepsilon": ("greek", 15),
        "\\rho": ("greek", 26),
        "\\varrho": ("greek", 37),
    }
    assert unclear(drawn) == {"\\epsilon", "\\varepsilon"}


def test_signs_that_differ_in_their_space_only_are_clear() -> None:
    assert unclear({"\\perp": ("signs", 63), "\\bot": ("signs", 63), ":": ("roman", 58)}) == set()


def test_all_that_may_be_unclear_is_probed() -> None:
    keys = {probe.key for probe in probes()}
    assert {"\\mathit:x", "\\mathsf:A", "\\epsilon", "\\varepsilon", "\\varnothing", "\\geqslant", "\\varkappa"} <= keys
