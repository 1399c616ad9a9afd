"""The decode engine against what PyTorch decodes without a cache (golden.json), and the guards at work in it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scipix.inference.decoding import Decoded, DecodeOptions, Decoder, Memory, Stop
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.guards import State
from tests.inference.scripted import Scripted
from tests.inference.tiny import make_ink

DATA = Path(__file__).parent / "data"
CASES = json.loads((DATA / "golden.json").read_text(encoding="utf-8"))
PLAIN = DecodeOptions(guarded=False)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_same_tokens_and_scores_as_pytorch(tiny: EncoderDecoder, case: dict) -> None:
    decoded = tiny.decoder.decode(tiny.encode(make_ink(case["case"])), PLAIN)
    assert list(decoded.tokens) == case["tokens"]
    np.testing.assert_allclose([np.log(step.probability) for step in decoded.steps], case["scores"], atol=2e-3)
    assert decoded.stop is (Stop.END if len(case["tokens"]) < tiny.decoder.facts.max_tokens else Stop.LENGTH)


def test_golden_cases_are_worth_comparing() -> None:
    assert len(CASES) >= 20
    assert len({tuple(case["tokens"]) for case in CASES}) >= 15
    assert len({len(case["tokens"]) for case in CASES}) >= 3


def test_cached_steps_give_the_logits_of_the_whole_prefix(tiny: EncoderDecoder) -> None:
    memory = tiny.encode(make_ink(3))
    decoded = tiny.decoder.decode(memory, PLAIN)
    whole = tiny.decoder.logits(memory, [1, *decoded.tokens])
    for step, row in zip(decoded.steps, whole, strict=False):
        probability = np.exp(row - row.max())
        assert step.probability == pytest.approx(float(probability[step.token] / probability.sum()), rel=1e-3)


def test_attention_has_a_row_for_each_token_that_sums_to_one(tiny: EncoderDecoder) -> None:
    memory = tiny.encode(make_ink(1))
    decoded = tiny.decoder.decode(memory, PLAIN)
    assert decoded.attention.shape == (len(decoded.tokens), memory.cells)
    np.testing.assert_allclose(decoded.attention.sum(1), 1, atol=1e-4)


def test_barred_tokens_are_never_written_and_the_others_share_their_probability(tiny: EncoderDecoder) -> None:
    memory = tiny.encode(make_ink(1))
    free = tiny.decoder.decode(memory, DecodeOptions(guarded=False))
    barred = (free.tokens[0], free.steps[0].others[0][0])
    found = tiny.decoder.decode(memory, DecodeOptions(guarded=False, barred=barred))
    assert not set(barred) & set(found.tokens)
    assert not set(barred) & {token for step in found.steps for token, _ in step.others}
    left = 1 - free.steps[0].probability - free.steps[0].others[0][1]
    assert found.tokens[0] == free.steps[0].others[1][0]
    assert found.steps[0].probability == pytest.approx(free.steps[0].others[1][1] / left, rel=1e-3)


def test_others_are_runners_up_best_first(tiny: EncoderDecoder) -> None:
    decoded = tiny.decoder.decode(tiny.encode(make_ink(2)), DecodeOptions(others=3, guarded=False))
    for step in decoded.steps:
        probabilities = [probability for _, probability in step.others]
        assert len(step.others) == 3
        assert probabilities == sorted(probabilities, reverse=True)
        assert step.probability >= probabilities[0]
        assert step.token not in dict(step.others)


@pytest.mark.parametrize("case", range(40))
def test_guarded_output_is_always_balanced(tiny: EncoderDecoder, case: int) -> None:
    decoded = tiny.decoder.decode(tiny.encode(make_ink(case)), DecodeOptions(max_tokens=5 + case))
    assert_balanced(tiny, decoded)


def assert_balanced(tiny: EncoderDecoder, decoded: Decoded) -> None:
    grammar = tiny.decoder.grammar
    assert grammar is not None
    state = State()
    for token in decoded.tokens:
        assert grammar.allowed(state)[token], [tiny.decoder.facts.tokens[t] for t in decoded.tokens]
        state = grammar.advance(state, token)
    assert state.complete


def test_branch_equals_decoding_with_the_token_forced(tiny: EncoderDecoder) -> None:
    """The check of a draft in one call must give what single steps give."""
    memory = tiny.encode(make_ink(4))
    decoded = tiny.decoder.decode(memory, PLAIN)
    for position in range(0, len(decoded.steps), 3):
        other = decoded.steps[position].others[0][0]
        branch = tiny.decoder.branch(memory, decoded, position, other, PLAIN)
        assert branch.tokens == naive(tiny.decoder, memory, [*decoded.tokens[:position], other])
        assert branch.attention.shape[0] == len(branch.tokens)


def naive(decoder: Decoder, memory: Memory, prefix: list[int]) -> tuple[int, ...]:
    tokens = [1, *prefix]
    while len(tokens) <= decoder.facts.max_tokens:
        logits = decoder.logits(memory, tokens)[-1]
        logits[:2] = -np.inf
        token = int(logits.argmax())
        if token == 2:
            break
        tokens.append(token)
    return tuple(tokens[1:])


def scripted(tiny: EncoderDecoder, latex: list[str]) -> tuple[Decoder, Scripted, Memory]:
    facts = tiny.decoder.facts
    graph = Scripted([facts.tokens.index(token) for token in latex], len(facts.tokens), facts.tokens.index("z"))
    cross = {f"cross_{kind}_0": np.zeros((1, 1, 2, 1), dtype=np.float32) for kind in "kv"}
    memory = Memory(cross, columns=2, stride=8)
    return Decoder(graph, replace(facts, layers=1, max_tokens=400), tiny.decoder.grammar), graph, memory


def texts(decoder: Decoder, decoded: Decoded) -> list[str]:
    return [decoder.facts.tokens[token] for token in decoded.tokens]


def test_an_end_while_something_is_open_closes_it(tiny: EncoderDecoder) -> None:
    decoder, _, memory = scripted(tiny, ["x", "^", "{", "\\left", "(", "a", "</s>", "</s>", "</s>", "</s>", "</s>"])
    decoded = decoder.decode(memory)
    assert texts(decoder, decoded) == ["x", "^", "{", "\\left", "(", "a", "\\right", "(", "}"]
    assert decoded.stop is Stop.END
    assert [step.forced for step in decoded.steps[6:]] == [True, False, True]
    assert decoded.steps[6].probability < 0.01  # the model did not say so


def test_a_loop_is_cut_and_closed(tiny: EncoderDecoder) -> None:
    decoder, _, memory = scripted(tiny, ["{", *["a", "+", "b", "-"] * 99])
    decoded = decoder.decode(memory)
    assert decoded.stop is Stop.LOOP
    assert texts(decoder, decoded) == ["{", "a", "+", "b", "-", "}"]
    assert decoded.attention.shape == (6, 2)


def test_the_length_bound_closes_what_is_open(tiny: EncoderDecoder) -> None:
    decoder, graph, memory = scripted(tiny, ["\\begin{cases}", *"abcdefg1234567890"])
    decoded = decoder.decode(memory, DecodeOptions(max_tokens=4))
    assert decoded.stop is Stop.LENGTH
    assert texts(decoder, decoded) == ["\\begin{cases}", "a", "b", "c", "\\end{cases}"]
    assert len(graph.counts) == 4


def test_what_becomes_unlikely_is_given_up(tiny: EncoderDecoder) -> None:
    memory = tiny.encode(make_ink(1))
    whole = tiny.decoder.decode(memory)
    chances = np.cumprod([step.probability for step in whole.steps])
    part = tiny.decoder.decode(memory, DecodeOptions(least=float(chances[2] + chances[1]) / 2))
    assert part.stop is Stop.UNLIKELY
    assert part.tokens[:3] == whole.tokens[:3]
    assert all(step.forced for step in part.steps[3:])
    assert tiny.decoder.decode(memory, DecodeOptions(least=float(chances[-1]) / 2)).tokens == whole.tokens


@pytest.mark.parametrize("calls", [1, 2, 3])
def test_no_more_calls_than_asked_for(tiny: EncoderDecoder, calls: int) -> None:
    memory = tiny.encode(make_ink(1))
    whole = tiny.decoder.decode(memory, PLAIN)
    part = tiny.decoder.decode(memory, replace(PLAIN, max_calls=calls))
    assert len(whole.tokens) > 3
    assert part.stop is Stop.LENGTH
    assert part.tokens == whole.tokens[:calls]


def test_a_right_draft_costs_one_call(tiny: EncoderDecoder) -> None:
    decoder, graph, memory = scripted(tiny, ["a", "b", "c", "d", "e", "</s>"])
    decoded = decoder.decode(memory)
    graph.counts.clear()
    other = decoded.steps[1].others[0][0]
    branch = decoder.branch(memory, decoded, 1, other)
    assert texts(decoder, branch) == ["a", "z", "c", "d", "e"]
    assert graph.counts == [4]  # the forced token and the three of the draft
    assert branch.stop is Stop.END
