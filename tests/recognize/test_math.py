"""The math recognizer, with a scripted decoder and with the tiny model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from scipix.datatypes import Alternative, Box, Image, Kind, Symbol
from scipix.errors import Cancelled, NothingToRead, UsageError
from scipix.inference.binding import DeviceLost
from scipix.inference.cancel import Cancel
from scipix.inference.decoding import Decoder, Memory
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.guards import Grammar, State
from scipix.inference.store import Store
from scipix.inference.vocabulary import END, DecoderFacts
from scipix.recognize.choice import Choice
from scipix.recognize.math import GRAMMAR, MathOptions, MathRecognizer
from scipix.recognize.preprocess import Prepared
from tests.inference.scripted import Scripted
from tests.inference.tiny import PLAIN_CPU, make_ink, make_models
from tests.recognize import test_substacks as substacks
from tests.recognize.test_environments import LEFT, PLACES, lines
from tests.recognize.test_environments import reading as lined

TOKENS = ("<pad>", "<s>", "</s>", "{", "}", "^", "x", "2", "+", "y", "\\frac")
IMAGE = Image(np.full((40, 80, 3), 255, dtype=np.uint8))


def recognizer(text: str, lead: float = 6.0, threshold: float = 0.1, max_tokens: int = 60) -> MathRecognizer:
    """Reads `text` in every picture; y comes second by `lead`."""
    graph = Scripted([TOKENS.index(token) for token in text.split()], len(TOKENS), TOKENS.index("y"), lead)
    grammar = Grammar(TOKENS, 2, (0, 1), GRAMMAR.arguments, GRAMMAR.optional)
    decoder = Decoder(graph, DecoderFacts(TOKENS, max_tokens, 1, 1.0), grammar)
    cells = np.array([[10 * i, 4, 10 * i + 8, 12] for i in range(12)], dtype=np.float32)
    memory = Memory({f"cross_{kind}_0": np.zeros((1, 1, 12, 1), dtype=np.float32) for kind in "kv"}, 12, 8, cells)
    model: Any = SimpleNamespace(
        id="scripted-v1", provider="cpu", threshold=threshold, decoder=decoder, encode=lambda ink, cancel: memory
    )
    return MathRecognizer(model, lambda image: Prepared(np.zeros((32, 96), dtype=np.float32), 2.0, (1.0, 3.0)))


def test_reading() -> None:
    reading = recognizer("x ^ { 2 } + x </s>").recognize(IMAGE)
    assert reading.latex == "x^{2}+x"
    assert (reading.kind, reading.model, reading.provider) == (Kind.FORMULA, "scripted-v1", "cpu")
    assert reading.readable
    assert [symbol.latex for symbol in reading.symbols] == ["x", "^", "{", "2", "}", "+", "x"]
    assert [symbol.box for symbol in reading.symbols][:4] == [Box(1, 5, 5, 9), None, None, Box(16, 5, 20, 9)]
    assert reading.timings.total >= reading.timings.decode > 0


def test_lines_read_together_are_settled_and_words_spelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lines that begin at one place were read as if they were centered, and a word as two things."""
    whole = lined("gathered", *LEFT)
    letters = [Symbol(token, None, 0.9) for token in ("\\min", "\\mathrm", "{", *"imize", "}")]
    whole = replace(whole, symbols=(whole.symbols[0], *letters, *whole.symbols[1:]))
    both = replace(Prepared(np.zeros((96, 320), np.float32), 1.0, (0.0, 0.0)), lines=lines(*PLACES))
    monkeypatch.setattr("scipix.recognize.math.read_lines", lambda *given: whole)
    model: Any = SimpleNamespace(threshold=0.1)
    found = MathRecognizer(model, lambda image: both).recognize(IMAGE)
    assert found.latex == "\\begin{array}{l}\\mathrm{minimize}ab \\\\ cdef \\end{array}"


def test_what_one_reading_leaves_out_or_sets_apart_is_put_where_it_belongs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second condition that was left out, one that was read as a line, and cases that were cut at their relations."""
    first, second = substacks.summed(substacks.letters("i < n", 20, 60)), substacks.letters("j < m", 20, 78)
    picture = substacks.drawn(first, second)
    left_out = substacks.reading(first, 0.24, substacks.boxes(second))
    apart = substacks.rows(first, second)
    cells = (("a", 20), ("&", -1), ("=", 34), ("c", 60)), (("d", 20), ("&", -1), ("=", 34), ("e", 60))
    monkeypatch.setattr(
        "scipix.recognize.math.Reader.look", lambda self, part: substacks.looking("j < m", 0.9, [])(part)
    )
    model: Any = SimpleNamespace(threshold=0.1)
    for whole, latex in (
        (left_out, "\\sum_{\\substack{i < n \\\\ j < m}}a"),
        (apart, "\\sum_{\\substack{i < n \\\\ j < m}}a"),
        (lined("cases", *cells), "\\begin{cases} a = c \\\\ d = e \\end{cases}"),
    ):
        for name in ("closely", "by_rows", "by_halves"):
            monkeypatch.setattr(f"scipix.recognize.math.{name}", lambda *given, whole=whole: whole)
        assert MathRecognizer(model, lambda image: picture).recognize(IMAGE).latex == latex


def test_what_a_device_takes_along_when_it_goes_is_read_again() -> None:
    """Once, elsewhere; one that is lost a second time is an error."""
    made = recognizer("x ^ { 2 } + x </s>")
    left: list[str] = []

    class Goes:
        losses = 1

        def __init__(self, graph: Scripted) -> None:
            self._graph, self._calls = graph, 0

        def run(self, *given, **named):
            self._calls += 1
            if self._calls > 3 and self.losses:
                self.losses -= 1
                raise DeviceLost("the card is gone")
            return self._graph.run(*given, **named)

    model: Any = made.model
    model.leave_devices = left.append
    model.decoder._graph = Goes(model.decoder._graph)
    assert made.recognize(IMAGE).latex == "x^{2}+x"
    assert left == ["the card is gone"]
    model.decoder._graph.losses = 2
    with pytest.raises(DeviceLost):
        made.recognize(IMAGE)


def test_confidence_is_the_product_over_tokens_and_end() -> None:
    reading = recognizer("x + x </s>", lead=2.0).recognize(IMAGE)
    each = np.exp(9) / (np.exp(9) + np.exp(7) + len(TOKENS) - 2)
    assert reading.symbols[0].confidence == pytest.approx(each, rel=1e-5)
    assert reading.confidence == pytest.approx(each**4, rel=1e-5)


def test_alternatives_force_the_second_best_token() -> None:
    reading = recognizer("x + x </s>", lead=1.0).recognize(IMAGE, MathOptions(alternatives=2))
    assert [other.latex for other in reading.alternatives] == ["y+x", "xyx"]
    assert all(0 < other.confidence < reading.confidence for other in reading.alternatives)


def test_each_symbol_tells_what_else_it_may_be() -> None:
    reading = recognizer("x + x </s>", lead=2.0).recognize(IMAGE)
    share = np.exp(-2)
    for symbol in reading.symbols:
        (other,) = symbol.others
        assert other.latex == "y"
        assert other.confidence == pytest.approx(symbol.confidence * share, rel=1e-5)
    assert not any(symbol.others for symbol in recognizer("x + x </s>", lead=9.0).recognize(IMAGE).symbols)


def test_a_choice_is_kept_and_what_follows_is_read_again() -> None:
    made = recognizer("x + x </s>", lead=2.0)
    reading = made.recognize(IMAGE)
    again = made.reread(IMAGE, reading, Choice(1, "y"))
    assert again.latex == "xyx"
    assert again.symbols[0] == reading.symbols[0]
    chosen = again.symbols[1]
    assert (chosen.chosen, chosen.confidence) == (True, reading.symbols[1].others[0].confidence)
    assert chosen.others == (Alternative("+", reading.symbols[1].confidence),)
    each = reading.symbols[0].confidence
    assert again.confidence == pytest.approx(each**3, rel=1e-5)  # the chosen token is certain
    assert all(other.latex.startswith("xy") for other in again.alternatives)
    back = made.reread(IMAGE, again, Choice(1, "+"))
    assert (back.latex, back.symbols[1].confidence) == ("x+x", reading.symbols[1].confidence)
    further = made.reread(IMAGE, again, Choice(2, "y"))
    assert (further.latex, [symbol.chosen for symbol in further.symbols]) == ("xyy", [False, True, True])
    assert further.confidence == pytest.approx(each**2, rel=1e-5)


@pytest.mark.parametrize("choice", [Choice(1, "2"), Choice(3, "y"), Choice(-1, "y")])
def test_a_choice_that_is_not_offered(choice: Choice) -> None:
    made = recognizer("x + x </s>", lead=2.0)
    with pytest.raises(UsageError):
        made.reread(IMAGE, made.recognize(IMAGE), choice)


def test_a_reading_of_another_model() -> None:
    made = recognizer("x + x </s>", lead=2.0)
    reading = made.recognize(IMAGE)
    other = replace(reading, symbols=(*reading.symbols, Symbol("\\strange", None, 0.9)))
    with pytest.raises(UsageError, match="another model"):
        made.reread(IMAGE, other, Choice(1, "y"))


def of_six_letters(made: MathRecognizer) -> MathRecognizer:
    """The same model; it sees three letters, a gap, and three more, of which a token has the first and so on."""
    ink = np.zeros((32, 160), dtype=np.float32)
    for x in (6, 14, 22, 40, 48, 56):
        ink[4:21, x : x + 6] = 1
    return MathRecognizer(made.model, lambda image: Prepared(ink, 1.0, (0.0, 0.0)))


def test_what_leaves_letters_out_is_read_in_halves() -> None:
    made = of_six_letters(recognizer("x + x </s>"))
    assert made.recognize(IMAGE).latex == "x+xx+x"
    assert made.recognize(IMAGE, MathOptions(max_tokens=20)).latex == "x+x"


def test_a_choice_in_a_long_line_reads_its_half_again() -> None:
    made = of_six_letters(recognizer("x + x </s>", lead=2.0))
    placed = [
        Symbol(token, Box(x, 4, x + 6, 21), 0.9) for token, x in zip("x+xx+x", (6, 14, 22, 40, 48, 56), strict=True)
    ]
    placed[1] = replace(placed[1], others=(Alternative("y", 0.1),))
    between = [Symbol(token, None, 1.0) for token in ("{", "}") * 30]
    reading = replace(made.recognize(IMAGE), symbols=(*placed[:3], *between, *placed[3:]))
    again = made.reread(IMAGE, reading, Choice(1, "y"))
    assert again.latex == "xyx" + "{}" * 30 + "x+x"
    assert again.symbols[3:] == reading.symbols[3:]


def test_a_likelier_alternative_becomes_the_reading() -> None:
    """Greedy takes x (0.6) and then cannot be sure of anything; y (0.4) would have been followed by certainty."""

    class Astray(Scripted):
        def run(self, feeds, cancel=None, outputs=None):
            out = super().run(feeds, cancel, outputs)
            sure = TOKENS.index("y") in feeds["tokens"][0] or feeds["past_v_0"].any()
            if feeds["past_k_0"].shape[2]:  # after the first token
                out["logits"][...] = 0
                out["logits"][..., 2] = 9 if sure else 0.1
            out["present_v_0"][...] = sure
            return out

    made = recognizer("x </s>")
    made.model.decoder = Decoder(
        Astray([6, 2], len(TOKENS), 9, 0.4), made.model.decoder.facts, made.model.decoder.grammar
    )
    reading = made.recognize(IMAGE)
    assert reading.latex == "y"
    assert reading.confidence > 0.3
    assert reading.alternatives[0].latex == "x"


def test_beams(tmp_path: Path) -> None:
    store = Store(make_models(tmp_path / "models"))
    made = MathRecognizer(EncoderDecoder(store.open("math"), PLAIN_CPU, tables=GRAMMAR), prepare_tiny)
    better = 0
    for shade in range(12):
        image = Image(np.full((40, 80, 3), shade, dtype=np.uint8))
        greedy = made.recognize(image, MathOptions(alternatives=0))
        wide = made.recognize(image, MathOptions(beams=4))
        better += wide.confidence > greedy.confidence
        confidences = [wide.confidence, *(other.confidence for other in wide.alternatives)]
        assert confidences == sorted(confidences, reverse=True)
    assert better >= 3


def prepare_tiny(image: Image) -> Prepared:
    return Prepared(make_ink(int(image.pixels[0, 0, 0])), 1.0, (0.0, 0.0))


def test_a_sure_reading_has_no_alternatives() -> None:
    assert recognizer("x + x </s>", lead=9.0).recognize(IMAGE).alternatives == ()
    assert recognizer("x + x </s>", lead=1.0).recognize(IMAGE, MathOptions(alternatives=0)).alternatives == ()


def test_other_readings_share_a_few_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    made = recognizer("x + x </s>", lead=1.0)
    assert len(made.recognize(IMAGE, MathOptions(alternatives=2)).alternatives) == 2
    monkeypatch.setattr("scipix.recognize.branches._STEPS", 1.0)
    assert len(made.recognize(IMAGE, MathOptions(alternatives=2)).alternatives) == 1


@pytest.mark.parametrize(("threshold", "readable"), [(0.5, True), (0.999, False)])
def test_threshold(threshold: float, readable: bool) -> None:
    made = recognizer("x + x </s>", threshold=threshold)
    assert made.recognize(IMAGE).readable is readable
    assert made.recognize(IMAGE, MathOptions(threshold=1.0 - threshold)).readable is True


@pytest.mark.parametrize("text", ["x + 2 y", "x"])
def test_what_does_not_end_is_not_readable(text: str) -> None:
    reading = recognizer(text, max_tokens=70).recognize(IMAGE)
    assert not reading.readable
    assert reading.confidence == 0.0
    assert len(reading.latex) < 80


def test_an_empty_reading_is_not_readable() -> None:
    reading = recognizer("</s>", threshold=0.0).recognize(IMAGE)
    assert reading.latex == ""
    assert not reading.readable


def test_cancel() -> None:
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        recognizer("x </s>").recognize(IMAGE, cancel=cancel)


def test_a_blank_picture() -> None:
    made = recognizer("x </s>")
    with pytest.raises(NothingToRead):
        MathRecognizer(made.model).recognize(IMAGE)


def test_real_graphs_real_preprocessing(tmp_path: Path) -> None:
    store = Store(make_models(tmp_path / "models"))
    model = EncoderDecoder(store.open("math"), PLAIN_CPU, tables=GRAMMAR)
    pixels = IMAGE.pixels.copy()
    pixels[10:30, 10:14] = pixels[10:14, 10:60] = 0
    reading = MathRecognizer(model).recognize(Image(pixels))
    assert reading.symbols
    assert reading.provider == "cpu"
    for symbol in reading.symbols:
        if symbol.box is not None:
            assert 0 <= symbol.box.left < symbol.box.right <= 80
            assert 0 <= symbol.box.top < symbol.box.bottom <= 40
    model.close()


@pytest.mark.parametrize("command", ["\\tag", "\\ce", "\\mathrm", "\\text", "\\frac"])
def test_commands_of_normalized_latex_are_owed_their_arguments(command: str) -> None:
    grammar = Grammar(
        ["<pad>", "<s>", "</s>", command, "{", "}", "x"], END, (0, 1), GRAMMAR.arguments, GRAMMAR.optional
    )
    assert not grammar.allowed(grammar.advance(State(), 3))[END]
