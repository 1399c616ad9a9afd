"""Beam search against the same search without a cache, and against greedy decoding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scipix.errors import Cancelled
from scipix.inference.beam import BeamOptions, beam_search, log_probabilities
from scipix.inference.cancel import Cancel
from scipix.inference.decoding import DecodeOptions, Decoder, Memory, Stop
from scipix.inference.encoder_decoder import EncoderDecoder
from tests.inference.scripted import Scripted
from tests.inference.tiny import make_ink


def naive(model: EncoderDecoder, memory: Memory, width: int, limit: int) -> list[tuple[tuple[int, ...], float]]:
    """One prefix at a time, all of it fed again at each step; ranks by the probability of the whole."""
    live, done = [((), 0.0)], []
    for _ in range(limit):
        found = []
        for tokens, score in live:
            row = log_probabilities(model.decoder.logits(memory, [1, *tokens])[-1], 1.0)
            row[:2] = -np.inf
            found += [((*tokens, token), score + float(value)) for token, value in enumerate(row)]
        found = sorted(found, key=lambda item: -item[1])[: 2 * width]
        done += [(tokens[:-1], score) for tokens, score in found[:width] if tokens[-1] == 2]
        live = [item for item in found if item[0][-1] != 2][:width]
        done = sorted(done, key=lambda item: -item[1])[:width]
        if len(done) == width and done[-1][1] >= live[0][1]:
            break
    return done


@pytest.mark.parametrize("case", range(6))
def test_same_as_without_a_cache(tiny: EncoderDecoder, case: int) -> None:
    memory = tiny.encode(make_ink(case))
    found = beam_search(tiny.decoder, memory, BeamOptions(3, guarded=False))
    expected = naive(tiny, memory, 3, tiny.decoder.facts.max_tokens)
    assert [item.tokens for item in found] == [tokens for tokens, _ in expected]
    np.testing.assert_allclose([item.score for item in found], [score for _, score in expected], atol=1e-3)


def test_some_of_these_cases_do_end(tiny: EncoderDecoder) -> None:
    found = [beam_search(tiny.decoder, tiny.encode(make_ink(case)), BeamOptions(3, guarded=False)) for case in range(6)]
    assert sum(map(bool, found)) >= 3


def test_finds_likelier_readings_than_greedy_on_the_whole(tiny: EncoderDecoder) -> None:
    """Not in each case: what greedy finds may fall out of the beam on its way."""
    gains = []
    for case in range(16):
        memory = tiny.encode(make_ink(case))
        greedy = tiny.decoder.decode(memory, DecodeOptions(guarded=False))
        found = beam_search(tiny.decoder, memory, BeamOptions(8, guarded=False))
        if greedy.stop is Stop.END and found:
            score = sum(np.log(step.probability) for step in greedy.steps) + np.log(greedy.end)
            gains.append(found[0].score - score)
    assert len(gains) >= 5
    assert np.mean(gains) > 0.5
    assert max(gains) > 1


def test_following_a_reading_gives_its_score_and_its_boxes(tiny: EncoderDecoder) -> None:
    memory = tiny.encode(make_ink(0))
    best = beam_search(tiny.decoder, memory, BeamOptions(4, guarded=False))[0]
    decoded = tiny.decoder.follow(memory, best.tokens)
    assert decoded.tokens == best.tokens
    score = sum(np.log(step.probability) for step in decoded.steps) + np.log(decoded.end)
    assert score == pytest.approx(best.score, abs=1e-3)
    assert decoded.boxes.shape == (len(best.tokens), 4)
    assert not np.isnan(decoded.boxes).any()


@pytest.mark.parametrize("case", range(8))
def test_guarded_readings_are_complete(tiny: EncoderDecoder, case: int) -> None:
    for item in beam_search(tiny.decoder, tiny.encode(make_ink(case)), BeamOptions(4)):
        assert item.state.complete


def test_length_penalty_favors_the_longer(tiny: EncoderDecoder) -> None:
    longer = []
    for case in range(8):
        memory = tiny.encode(make_ink(case))
        plain = beam_search(tiny.decoder, memory, BeamOptions(4, 0.0, guarded=False))
        mean = beam_search(tiny.decoder, memory, BeamOptions(4, 1.0, guarded=False))
        if plain and mean:
            longer.append(len(mean[0].tokens) - len(plain[0].tokens))
    assert min(longer) >= 0
    assert max(longer) > 0


def test_readings_that_go_round_in_circles_are_dropped(tiny: EncoderDecoder) -> None:
    facts = replace(tiny.decoder.facts, layers=1, max_tokens=400)
    index = facts.tokens.index
    graph = Scripted([index("a"), index("b"), index("+")], len(facts.tokens), index("a"), 30.0)
    memory = Memory({f"cross_{kind}_0": np.zeros((1, 1, 2, 1), dtype=np.float32) for kind in "kv"}, 2, 8)
    assert beam_search(Decoder(graph, facts, tiny.decoder.grammar), memory, BeamOptions(1)) == []
    assert 60 <= len(graph.counts) < 80


def test_cancel(tiny: EncoderDecoder) -> None:
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        beam_search(tiny.decoder, tiny.encode(make_ink(0)), BeamOptions(), cancel)
