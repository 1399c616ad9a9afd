"""Words that begin as a function's name does."""

from scipix.datatypes import Alternative, Box, Kind, Reading, Symbol
from scipix.notation.tokens import detokenize
from scipix.recognize.words import spelled

UNIT = 17.0


def reading(*tokens: str, others: tuple[Alternative, ...] = ()) -> Reading:
    symbols = tuple(
        Symbol(token, Box(30.0 * i, 0, 30.0 * i + 27, 20), 0.9 if token == "\\min" else 0.8)
        for i, token in enumerate(tokens)
    )
    return Reading(Kind.FORMULA, detokenize(tokens), 0.7, symbols, others, readable=True)


def test_the_name_of_a_function_that_is_half_a_word_belongs_to_it():
    found = spelled(reading("\\min", "\\mathrm", "{", *"imize", " ", "x", "}", "f"), UNIT)
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
        assert spelled(made, UNIT) is made


def test_other_readings_are_spelled_too():
    other = Alternative("\\max\\mathrm{imize}f", 0.2)
    found = spelled(reading("x", others=(other, Alternative("y", 0.1))), UNIT)
    assert [each.latex for each in found.alternatives] == ["\\mathrm{maximize}f", "y"]
    assert found.latex == "x"


def placed(*tokens: tuple[str, float]) -> Reading:
    """(token, left edge; -1: it draws nothing); all are 10 pixels wide."""
    symbols = tuple(Symbol(token, Box(x, 0, x + 10, 20) if x >= 0 else None, 0.9) for token, x in tokens)
    return Reading(Kind.FORMULA, detokenize(token for token, _ in tokens), 0.7, symbols, readable=True)


def word(letters: str, left: float) -> list[tuple[str, float]]:
    return [("\\mathrm", -1), ("{", -1), *((letter, left + 10 * i) for i, letter in enumerate(letters)), ("}", -1)]


def test_ordinary_words_get_the_spaces_that_they_have():
    def latex(*tokens: tuple[str, float]) -> str:
        return spelled(placed(*tokens), UNIT).latex

    assert latex(*word("where", 0), ("x", 57)) == "\\text{where }x"
    assert latex(("x", 0), *word("for", 18), ("y", 56)) == "x\\text{ for }y"
    assert latex(("x", 0), *word("for", 12), ("y", 56)) == "x\\text{for }y"
    assert latex(*word("where", 0), ("\\mathbf", -1), ("{", -1), ("x", 60), ("}", -1)) == "\\text{where }\\mathbf{x}"
    after = ("\\frac", 0), ("{", -1), ("a", 0), ("}", -1), ("{", -1), ("b", 2), ("}", -1)
    assert latex(*after, *word("if", 20), ("y", 42)) == "\\frac{a}{b}\\text{ if}y"


def test_words_without_spaces_names_and_indices_stay():
    for tokens in ((*word("where", 0), ("x", 52)), (*word("rank", 0), ("x", 60)), (("x", 0), *word("rank", 30)),
                   (("V", 0), ("_", -1), ("{", -1), *word("in", 20), ("}", -1), ("x", 60)),
                   (*word("for", 0), ("^", -1), ("{", -1), ("2", 60), ("}", -1)),
                   (("\\oplus", 0), *word("that", 20), ("(", 60)), (*word("is", 0), ("=", 30), ("x", 50)),
                   (*word("that", 0), ("(", 60)), (*word("else", 0), ("\\quad", 60), ("x", 90)),
                   (("x", 0), *word("if", 30)[:-1]), (("x", 0), ("\\mathrm", -1)),  # cut off
                   (("x", 0), ("&", -1), *word("if", 80)), (("x", 0), ("\\quad", -1), *word("if", 40)),
                   (("\\mathbf", -1), ("{", -1), ("i", 0), ("f", 10), ("}", -1), ("x", 60))):  # fmt: skip
        made = placed(*tokens)
        assert spelled(made, UNIT) is made, made.latex


def test_what_stands_in_the_row_above_is_not_beside():
    made = placed(("x", 0), ("\\\\", -1), *word("if", 80), ("y", 102))
    assert spelled(made, UNIT) is made
    below = placed(("x", 0), ("z", 90), ("\\\\", -1), ("y", 0), *word("if", 20), ("y", 42))
    assert spelled(below, UNIT).latex == "xz \\\\ y\\text{ if}y"


def test_a_fraction_ends_with_its_longer_half_and_a_bracket_where_it_is():
    half = ("\\frac", 0), ("{", -1), ("a", 0), ("c", 12), ("}", -1), ("{", -1), ("b", 2), ("}", -1)
    made = placed(*half, *word("if", 24), ("y", 46))
    assert spelled(made, UNIT) is made
    after = spelled(placed(("a", 0), ("\\right", -1), *word("if", 20), ("y", 42)), UNIT)
    assert after.latex == "a\\right\\text{ if}y"


def text(*parts: tuple[str, float]) -> list[tuple[str, float]]:
    return [("\\text", -1), ("{", -1), *parts, ("}", -1)]


def test_sentences_get_the_space_that_is_missing_on_one_side():
    def latex(*tokens: tuple[str, float]) -> str:
        return spelled(placed(*tokens), UNIT).latex

    of = (" ", -1), ("o", 30), ("f", 40)
    assert latex(("5", 0), *text(*of), ("2", 57)) == "5\\text{ of }2"
    assert latex(("5", 0), *text(*of), ("2", 50)) == "5\\text{ of}2"
    every = ("f", 30), ("o", 40), ("r", 50), (" ", -1), ("a", 66), ("l", 76), ("l", 86)
    assert latex(("x", 0), *text(*every), ("y", 103)) == "x\\text{ for all }y"
    full = placed(("x", 0), *text((" ", -1), *every, (" ", -1)), ("y", 103))
    assert spelled(full, UNIT) is full
    around = ("q", 30), (" ", -1), ("i", 50), ("f", 60), (" ", -1), ("z", 76)
    inside = placed(("x", 0), *text(*around), ("y", 110))  # what stands at both ends may be a name
    assert spelled(inside, UNIT) is inside
    names = placed(("x", 0), *text(("q", 30), (" ", -1), ("z", 46)), ("y", 70))
    assert spelled(names, UNIT) is names
