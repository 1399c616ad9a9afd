"""Which character shows which class, whatever fonts there are."""

import random
import unicodedata
from pathlib import Path

import pytest

from models.training import outfits
from models.training.probes import LEAVES


@pytest.fixture(autouse=True)
def fonts(monkeypatch):
    monkeypatch.setattr(outfits, "find", lambda name: Path(name))


def named(clothes, key: str) -> str:
    return unicodedata.name(clothes[key].character)


def without_text() -> dict[str, outfits.Cloth]:
    """An outfit whose letters come from a math font."""
    return next(
        made for made in map(outfits.outfit, map(random.Random, range(50))) if made["x"].file == made["\\infty"].file
    )


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("a", "MATHEMATICAL ITALIC SMALL A"),
        ("h", "PLANCK CONSTANT"),
        ("Z", "MATHEMATICAL ITALIC CAPITAL Z"),
        ("\\alpha", "MATHEMATICAL ITALIC SMALL ALPHA"),
        ("\\omega", "MATHEMATICAL ITALIC SMALL OMEGA"),
        ("\\varrho", "MATHEMATICAL ITALIC RHO SYMBOL"),
        ("\\boldsymbol:\\beta", "MATHEMATICAL BOLD ITALIC SMALL BETA"),
        ("\\boldsymbol:z", "MATHEMATICAL BOLD ITALIC SMALL Z"),
        ("\\mathbf:a", "MATHEMATICAL BOLD SMALL A"),
        ("\\mathbf:9", "MATHEMATICAL BOLD DIGIT NINE"),
        ("\\mathrm:z", "LATIN SMALL LETTER Z"),
        ("\\mathbb:R", "DOUBLE-STRUCK CAPITAL R"),
        ("\\mathbb:A", "MATHEMATICAL DOUBLE-STRUCK CAPITAL A"),
        ("\\mathfrak:C", "BLACK-LETTER CAPITAL C"),
        ("\\mathfrak:z", "MATHEMATICAL FRAKTUR SMALL Z"),
        ("\\Omega", "GREEK CAPITAL LETTER OMEGA"),
        ("\\%", "PERCENT SIGN"),
        ("-", "MINUS SIGN"),
        ("\\subseteq", "SUBSET OF OR EQUAL TO"),
        ("\\because", "BECAUSE"),
    ],
)
def test_characters_of_a_math_font(key, name):
    assert named(without_text(), key) == name


def test_letters_of_a_family_for_text():
    clothes = next(
        made for made in map(outfits.outfit, map(random.Random, range(50))) if made["x"].file != made["\\infty"].file
    )
    family = next(family for family in outfits.TEXT if family[1] == clothes["x"].file)
    files = [clothes[key].file for key in ("\\mathrm:x", "x", "\\mathbf:x", "\\boldsymbol:x")]
    assert files == list(family)
    assert clothes["\\nu"] == outfits.Cloth(family[1], "ν", True)
    assert clothes["\\varphi"].file == clothes["\\infty"].file  # drawn either way in type for text


def test_every_class_is_one_that_is_probed():
    fonts = {"\\boldsymbol", "\\mathbf", "\\mathbb", "\\mathfrak", "\\mathsf", "\\mathtt", "\\mathrm"}
    for seed in range(20):
        for key in outfits.outfit(random.Random(seed)):
            font, _, letter = key.rpartition(":")
            assert key == ":" or (
                font in fonts if font else letter in LEAVES or (letter.isascii() and letter.isalnum())
            )


def test_nothing_that_is_kept_for_measuring():
    names = " ".join(
        [*outfits.MATH, *(name for family in outfits.TEXT for name in family), *outfits.SANS, *outfits.MONO]
    )
    assert not [word for word in ("libert", "biolinum", "kpfonts", "kpmath", "kproman") if word in names.lower()]


@pytest.mark.parametrize(
    ("character", "alphabet", "key"),
    [
        ("x", "", "x"),
        ("x", "\\mathrm:", "\\mathrm:x"),
        ("2", "\\mathrm:", "2"),
        ("2", "\\mathbf:", "\\mathbf:2"),
        ("π", "", "\\pi"),
        ("ε", "", "\\varepsilon"),
        ("ℝ", "", "\\mathbb:R"),
        ("𝔤", "\\mathrm:", "\\mathfrak:g"),
        ("Ω", "\\mathrm:", "\\Omega"),
        ("−", "\\mathrm:", "-"),
        ("(", "\\mathrm:", "("),
        ("∂", "", "\\partial"),
        ("\ue1d8", "", ""),
    ],
)
def test_the_class_of_a_character(character, alphabet, key):
    assert outfits.class_key(character, alphabet) == key
