"""Formulas with the signs that others seldom have."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from models.training import rare
from models.training.rare import Rare
from scipix.notation.tokens import tokenize

TABLES = [rare._COMMON_RELATIONS, rare._ARROWS, rare._SELDOM, rare._OPERATORS, rare._LETTERS, rare._RAISED, rare._BIG]


def test_each_sign_comes_up() -> None:
    maker = Rare(random.Random(1))
    made = {token for _ in range(6000) for token in tokenize(maker.rare())}
    assert {sign for table in TABLES for sign in table} <= made


@pytest.mark.parametrize("seed", range(40))
def test_braces_close(seed: int) -> None:
    depth = 0
    for token in tokenize(Rare(random.Random(seed)).rare()):
        depth += (token == "{") - (token == "}")
        assert depth >= 0
    assert depth == 0


def test_the_list_to_measure_with_has_each_of_them() -> None:
    lines = Path(rare.__file__).with_name("signs.txt").read_text().splitlines()
    listed = {token for line in lines for token in tokenize(line)}
    missing = {sign for table in TABLES for sign in table} - listed - {"\\prime", "\\ast"}
    assert missing == set()
    assert len(lines) == len(set(lines))
