"""Readings that go astray are noticed by where the decoder looks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scipix.inference.bounds import Trail, drawing
from scipix.inference.decoding import Decoder
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.steps import DecodeOptions, Memory, Stop
from tests.inference.scripted import Scripted

CELLS = 64


def test_what_draws() -> None:
    names = ["x", "{", "}", "^", "\\frac", "\\mathrm", "\\begin{cases}", "&", "\\quad", "\\alpha", "\\left", "("]
    assert drawing(names).tolist() == [name in ("x", "\\frac", "\\alpha", "(") for name in names]


def look(*cells: int) -> np.ndarray:
    found = np.zeros(CELLS, dtype=np.float32)
    found[list(cells)] = 1 / len(cells)
    return found


def test_places_read_once_are_no_loss() -> None:
    trail = Trail(CELLS)
    for place in range(60):
        trail.add(place, look(place, place + 1, place + 2), 0.5)  # neighbors overlap
        assert not trail.lost
    assert trail.count == 60


def test_the_same_places_again_and_again() -> None:
    trail = Trail(CELLS)
    for place in range(20):
        trail.add(2 * place, look(place), 0.5)
    turns = 0
    while not trail.lost:
        trail.add(40 + 2 * turns, look(turns % 4 + 8), 0.5)
        turns += 1
    assert turns <= 14
    assert trail.start in (40, 42)


def test_a_model_that_only_guesses() -> None:
    trail = Trail(CELLS)
    for place in range(20):
        trail.add(place, look(place), 0.9)
    for place in range(20, 40):
        assert not trail.lost
        trail.add(place, look(place), 0.1)
        if trail.lost:
            break
    assert 24 <= trail.count <= 30
    assert trail.start == trail.count - 12


class Wandering(Scripted):
    """Looks at one new cell for each of its first tokens, then at the same four for ever; tells boxes."""

    def run(self, feeds, cancel=None, outputs=None):
        out = super().run(feeds, cancel, outputs)
        before, count = feeds["past_k_0"].shape[2], feeds["tokens"].shape[1]
        out["attention"][...] = 0
        for i in range(count):
            place = before + i
            out["attention"][0, i, place if place < 10 else place % 4] = 1
        out["boxes"] = np.zeros((1, count, 4), dtype=np.float32)
        return out


def wandering(tiny: EncoderDecoder, letters: str) -> tuple[Decoder, Wandering, Memory]:
    facts = replace(tiny.decoder.facts, layers=1, max_tokens=200)
    text = [facts.tokens.index(letter) for letter in letters]
    graph = Wandering(text, len(facts.tokens), facts.tokens.index("z"))
    cross = {f"cross_{kind}_0": np.zeros((1, 1, CELLS, 1), dtype=np.float32) for kind in "kv"}
    return Decoder(graph, facts, tiny.decoder.grammar), graph, Memory(cross, columns=8, stride=8)


LETTERS = "abcdefgxyz" + "123a4b5c6d7e8f9g0x" * 12  # no loop of tokens


def test_a_reading_that_looks_where_it_has_read_is_stopped_and_cut(tiny: EncoderDecoder) -> None:
    decoder, graph, memory = wandering(tiny, LETTERS)
    decoded = decoder.decode(memory)
    assert decoded.stop is Stop.LOOP
    assert [decoder.facts.tokens[token] for token in decoded.tokens] == list(LETTERS[:10])
    assert len(graph.counts) < 40
    assert len(decoded.steps) == len(decoded.attention) == len(decoded.boxes)


def test_without_guards_it_goes_on(tiny: EncoderDecoder) -> None:
    decoder, _, memory = wandering(tiny, LETTERS)
    assert len(decoder.decode(memory, DecodeOptions(guarded=False)).steps) == 200


def test_no_more_tokens_that_draw_than_the_picture_has_room_for(tiny: EncoderDecoder) -> None:
    decoder, _, memory = wandering(tiny, "a^b^c^d^e^f^g^x^y^z")
    decoded = decoder.decode(memory, DecodeOptions(max_drawn=5))
    assert decoded.stop is Stop.LENGTH
    drawn = drawing([decoder.facts.tokens[token] for token in decoded.tokens])
    assert int(drawn.sum()) == 5


def test_a_branch_remembers_where_the_reading_had_looked(tiny: EncoderDecoder) -> None:
    decoder, graph, memory = wandering(tiny, LETTERS)
    decoded = decoder.decode(memory, DecodeOptions(max_tokens=16))
    graph.counts.clear()
    branch = decoder.branch(memory, decoded, 9, decoded.steps[9].others[0][0])
    assert branch.stop is Stop.LOOP
    assert sum(graph.counts) < 30
