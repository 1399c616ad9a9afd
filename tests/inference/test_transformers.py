"""The engine against transformers' `generate`, on random models of three families, where both are installed."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("onnxscript")

from scipix.inference.beam import BeamOptions, beam_search
from scipix.inference.decoding import Decoder
from scipix.inference.drafting import SmallDecoder
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.steps import DecodeOptions
from scipix.inference.store import Store
from tests.inference import hugging
from tests.inference.tiny import PLAIN_CPU

CASES, LIMIT, TIE = 20, 30, 1e-3
GREEDY = DecodeOptions(LIMIT, guarded=False)


@pytest.fixture(scope="module", params=["trocr", "donut", "deit"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """(the model in transformers, the same exported and opened from a manifest)."""
    model = hugging.make_model(request.param)
    folder = hugging.export(model, request.param, tmp_path_factory.mktemp(request.param) / "models")
    return model, EncoderDecoder(Store(folder).open("math"), PLAIN_CPU)


def test_greedy(pair) -> None:
    model, ours = pair
    compared, texts = 0, set()
    for case in range(CASES):
        ink = hugging.make_ink(case)
        tokens, lead = hugging.generate(model, ink, 1, 1.0, LIMIT)
        if lead > TIE:
            assert ours.decoder.decode(ours.encode(ink), GREEDY).tokens == tokens
            compared += 1
            texts.add(tokens)
    assert compared >= CASES // 2
    assert len(texts) >= CASES // 4


@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_beams(pair, penalty: float) -> None:
    model, ours = pair
    options = BeamOptions(4, penalty, LIMIT, guarded=False, whole=False)
    same = 0
    for case in range(CASES):
        ink = hugging.make_ink(case)
        tokens, score = hugging.generate(model, ink, 4, penalty, LIMIT)
        best = beam_search(ours.decoder, ours.encode(ink), options)[0]
        length = len(best.tokens) + (len(best.tokens) < LIMIT)
        assert best.score / length**penalty == pytest.approx(score, abs=TIE)
        same += best.tokens == tokens  # a tie may go either way
    assert same >= CASES - 1


def test_speculative(pair) -> None:
    """With a draft that is often wrong: the model of one token less."""
    model, ours = pair
    graph = ours.graphs[1]
    for case in range(CASES):
        ink = hugging.make_ink(case)
        tokens, lead = hugging.generate(model, ink, 1, 1.0, LIMIT)
        memory = ours.encode(ink)
        small = SmallDecoder(Doubting(graph), graph.inputs, ours.decoder.facts)
        decoder = Decoder(graph, ours.decoder.facts, None, small)
        found = decoder.decode(memory, GREEDY)
        assert found.steps == ours.decoder.decode(memory, GREEDY).steps  # bit for bit what is read without a draft
        if lead > TIE:
            assert found.tokens == tokens


class Doubting:
    """The graph, wrong after every token whose number three divides."""

    def __init__(self, graph) -> None:
        self.graph = graph

    def run(self, feeds, cancel=None, outputs=None):
        out = self.graph.run(feeds, cancel, outputs)
        if feeds["tokens"][0, -1] % 3 == 0:
            out["logits"] = out["logits"][..., ::-1].copy()
        return out
