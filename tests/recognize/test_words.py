"""Words that begin as a function's name does."""

from scipix.datatypes import Alternative, Box, Kind, Reading, Symbol
from scipix.notation.tokens import detokenize
from scipix.recognize.words import spelled


def reading(*tokens: str, others: tuple[Alternative, ...] = ()) -> Reading:
    symbols = tuple(
        Symbol(token, Box(30.0 * i, 0, 30.0 * i + 27, 20), 0.9 if token == "\\min" else 0.8)
        for i, token in enumerate(tokens)
    )
    return Reading(Kind.FORMULA, detokenize(tokens), 0.7, symbols, others, readable=True)


def test_the_name_of_a_function_that_is_half_a_word_belongs_to_it():
    found = spelled(reading("\\min", "\\mathrm", "{", *"imize", " ", "x", "}", "f"))
    assert found.latex == detokenize(["\\mathrm", "{", *"minimize", " ", "x", "}", "f"])
    assert [symbol.latex for symbol in found.symbols[2:5]] == ["m", "i", "n"]
    assert [symbol.box.left for symbol in found.symbols[2:5]] == [0, 9, 18]
    assert found.symbols[2].confidence == 0.9
    assert found.symbols[5].box.left == 90
    assert found.confidence == 0.7


def test_functions_beside_other_words_stay():
    for tokens in (("\\min", "\\mathrm", "{", *"rank", "}"), ("\\min", "x"), ("\\min", "\\mathrm", "{", "}"), ("\\min",),
                   ("\\sin", "\\mathrm", "{", *"imize", "}"), ("\\min", " ", "\\mathrm", "{", *"imize", "}"),
                   ("\\min", "\\mathbf", "{", *"imize", "}")):  # fmt: skip
        made = reading(*tokens)
        assert spelled(made) is made


def test_other_readings_are_spelled_too():
    other = Alternative("\\max\\mathrm{imize}f", 0.2)
    found = spelled(reading("x", others=(other, Alternative("y", 0.1))))
    assert [each.latex for each in found.alternatives] == ["\\mathrm{maximize}f", "y"]
    assert found.latex == "x"
