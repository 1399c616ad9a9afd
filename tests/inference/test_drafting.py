"""Guesses ahead make reading faster and change nothing in it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scipix.errors import ModelCorrupt
from scipix.inference.decoding import Decoder
from scipix.inference.drafting import Expected, Ngrams, SmallDecoder, following, open_drafter
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.manifest import update
from scipix.inference.providers import CPU, CUDA
from scipix.inference.steps import DecodeOptions, Memory, Step, Stop
from scipix.inference.store import Store
from tests.inference.scripted import Scripted
from tests.inference.tiny import PLAIN_CPU, TABLES, make_ink, make_models

NAMES = ["<s>", "</s>", "x", "^", "{", "}", "unheard"]
GREEDY = DecodeOptions(drafted=0)


def write_table(path: Path, entries: dict[tuple[str, ...], tuple[str, float]]) -> Path:
    arrays = {"tokens": np.array(NAMES)}
    for order in (1, 2):
        some = sorted((key_of(run), NAMES.index(then), chance) for run, (then, chance) in entries.items()
                      if len(run) == order)  # fmt: skip
        arrays[f"keys_{order}"] = np.array([key for key, _, _ in some], dtype=np.uint64)
        arrays[f"next_{order}"] = np.array([then for _, then, _ in some], dtype=np.uint16)
        arrays[f"chance_{order}"] = np.array([round(255 * chance) for _, _, chance in some], dtype=np.uint8)
    np.savez_compressed(path, **arrays)
    return path


def key_of(run: tuple[str, ...]) -> int:
    key = 0
    for name in run:
        key = key << 12 | NAMES.index(name)
    return key


TABLE = {("^",): ("{", 1.0), ("{",): ("x", 0.6), ("x",): ("}", 0.5), ("<s>",): ("x", 0.5), ("{", "x"): ("}", 0.9),
         ("}",): ("</s>", 0.9), ("}", "x"): ("unheard", 1.0)}  # fmt: skip


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_table(tmp_path / "draft.npz", TABLE)


def test_the_longest_run_that_is_known_decides(tiny: EncoderDecoder, table: Path) -> None:
    vocabulary = tiny.decoder.facts.tokens
    ids = {token: i for i, token in enumerate(vocabulary)}
    grams = Ngrams("tiny-v1", table, vocabulary)

    def guess(text: str, count: int = 9) -> list[str]:
        return [vocabulary[token] for token in grams.propose([ids[name] for name in text.split()], count)]

    assert guess("x ^") == ["{", "x", "}", "</s>"]  # 1 * 0.6 * 0.9 * 0.9, and nothing after the end
    assert guess("x ^", 2) == ["{", "x"]
    assert guess("") == ["x"]  # 0.5, then 0.5 * 0.5 is too unlikely
    assert guess("} x") == ["}", "</s>"]  # what the decoder does not know is not guessed
    assert guess("\\frac") == []


def test_what_followed_before_is_expected_again() -> None:
    assert list(following([1, 2, 3, 4, 5, 9, 1, 2, 3])) == [4, 5, 9, 1, 2, 3]
    assert list(following([1, 2, 3, 4, 7, 2, 3, 4, 8, 1, 2, 3, 4])) == [7, 2, 3, 4, 8, 1, 2, 3]  # the longer run wins
    assert list(following([1, 2, 9, 1, 2])) == []
    assert list(following([])) == []


@pytest.mark.parametrize("damage", ["junk", "empty"])
def test_a_table_that_is_none(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "draft.npz"
    if damage == "junk":
        path.write_bytes(b"junk")
    else:
        np.savez_compressed(path, tokens=np.array(NAMES))
    with pytest.raises(ModelCorrupt, match="n-grams"):
        Ngrams("tiny-v1", path, NAMES)


class Guessing:
    """Right most of the time: what the decoder writes, with every fourth token replaced."""

    def __init__(self, tokens: tuple[int, ...]) -> None:
        self.tokens = tokens

    def begin(self, memory: Memory) -> Guessing:
        return self

    def propose(self, tokens, count, cancel=None):
        return [5 if place % 4 == 3 else token for place, token in enumerate(self.tokens)][len(tokens) :][:count]


@pytest.mark.parametrize("case", range(20))
@pytest.mark.parametrize("guarded", [False, True])
def test_same_tokens_with_a_drafter(tiny: EncoderDecoder, case: int, guarded: bool) -> None:
    memory = tiny.encode(make_ink(case))
    options = DecodeOptions(guarded=guarded)
    plain = tiny.decoder.decode(memory, options)
    graph = Counting(tiny.graphs[1])
    drafted = Decoder(graph, tiny.decoder.facts, tiny.decoder.grammar, Guessing(plain.tokens))
    found = drafted.decode(memory, options)
    assert found.tokens == plain.tokens
    assert found.stop is plain.stop
    np.testing.assert_allclose([s.probability for s in found.steps], [s.probability for s in plain.steps], rtol=1e-3)
    np.testing.assert_allclose(found.attention, plain.attention, atol=1e-3)
    for name, value in plain.past.items():
        np.testing.assert_allclose(found.past[name][:, :, : value.shape[2]], value, atol=1e-3)
    assert graph.calls < 0.7 * len(plain.steps)


class Counting:
    def __init__(self, graph) -> None:
        self.graph, self.calls = graph, 0

    def run(self, feeds, cancel=None, outputs=None):
        self.calls += 1
        return self.graph.run(feeds, cancel, outputs)


@pytest.mark.parametrize("case", range(6))
def test_bit_for_bit_where_rows_do_not_depend_on_one_another(tiny: EncoderDecoder, case: int) -> None:
    """This graph is fed two tokens at least: a single row is multiplied by another routine."""
    memory = tiny.encode(make_ink(case))
    facts = replace(tiny.decoder.facts, rowwise=2)
    plain = Decoder(tiny.graphs[1], facts, tiny.decoder.grammar).decode(memory)
    found = Decoder(tiny.graphs[1], facts, tiny.decoder.grammar, Guessing(plain.tokens)).decode(memory)
    whole = tiny.decoder.decode(memory, DecodeOptions(max_tokens=facts.max_tokens - 1))
    assert plain.tokens == whole.tokens  # the last position is for a <pad>
    assert found.steps == plain.steps
    assert found.end == plain.end
    np.testing.assert_array_equal(found.attention, plain.attention)


def test_a_loop_is_cut_at_the_same_place_with_guesses(tiny: EncoderDecoder) -> None:
    facts = replace(tiny.decoder.facts, layers=1, max_tokens=400)
    text = [facts.tokens.index(name) for name in ["{", *["a", "+", "b", "-"] * 99]]
    cross = {f"cross_{kind}_0": np.zeros((1, 1, 2, 1), dtype=np.float32) for kind in "kv"}
    memory = Memory(cross, columns=2, stride=8)

    def read(drafter) -> tuple[tuple[Step, ...], Stop]:
        graph = Scripted(text, len(facts.tokens), facts.tokens.index("z"))
        decoded = Decoder(graph, facts, tiny.decoder.grammar, drafter).decode(memory)
        return decoded.steps, decoded.stop

    assert read(Guessing(tuple(text))) == read(None)
    assert read(None)[1] is Stop.LOOP


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_the_limit_holds_with_guesses(tiny: EncoderDecoder, limit: int) -> None:
    memory = tiny.encode(make_ink(3))
    options = DecodeOptions(max_tokens=limit, guarded=False)
    plain = tiny.decoder.decode(memory, options)
    decoder = Decoder(tiny.graphs[1], tiny.decoder.facts, None, Guessing((*plain.tokens, 9, 9, 9)))
    assert decoder.decode(memory, options).tokens == plain.tokens


def test_none_are_asked_for_when_none_are_wanted(tiny: EncoderDecoder) -> None:
    memory = tiny.encode(make_ink(3))
    graph = Counting(tiny.graphs[1])
    plain = tiny.decoder.decode(memory)
    decoder = Decoder(graph, tiny.decoder.facts, tiny.decoder.grammar, Guessing(plain.tokens))
    assert decoder.decode(memory, GREEDY).tokens == plain.tokens
    assert graph.calls >= sum(not step.forced for step in plain.steps)


@pytest.mark.parametrize("case", range(8))
def test_a_decoder_as_the_drafter(tiny: EncoderDecoder, case: int) -> None:
    """The decoder itself guesses always right, which shows that its cache is cut back rightly."""
    memory = tiny.encode(make_ink(case))
    graph = Counting(tiny.graphs[1])
    small = SmallDecoder(graph, tiny.graphs[1].inputs, tiny.decoder.facts)
    plain = tiny.decoder.decode(memory, DecodeOptions(guarded=False))
    large = Counting(tiny.graphs[1])
    found = Decoder(large, tiny.decoder.facts, None, small).decode(memory, DecodeOptions(guarded=False))
    assert found.tokens == plain.tokens
    draft = small.begin(memory)
    some = list(plain.tokens)
    for end in (0, 3, 1, 2):  # also back to a shorter text
        sure = draft.propose(some[:end], 4)
        assert sure == small.begin(memory).propose(some[:end], 4)


def test_from_the_manifest(tmp_path: Path, table: Path) -> None:
    folder = make_models(tmp_path / "models")
    weights = folder / "weights" / "tiny-v1"
    with (folder / "manifest.toml").open("a", encoding="utf-8") as manifest:
        manifest.write('[[model.file]]\nrole = "draft"\npath = "weights/tiny-v1/draft.npz"\n')
    shutil.copyfile(table, weights / "draft.npz")
    update(folder / "manifest.toml", "tiny-v1")
    verified = Store(folder).open("math")
    model = EncoderDecoder(verified, PLAIN_CPU, tables=TABLES)
    facts = model.decoder.facts
    assert model.decoder.drafter is None  # nobody has said that its rows do not depend on one another
    assert isinstance(open_drafter(verified, replace(facts, rowwise=1), CPU), Ngrams)
    plain = Store(make_models(tmp_path / "others")).open("math")
    assert open_drafter(plain, replace(facts, rowwise=1), CPU) is None


def test_a_small_decoder_from_the_manifest(tmp_path: Path) -> None:
    folder = make_models(tmp_path / "models")
    with (folder / "manifest.toml").open("a", encoding="utf-8") as manifest:
        manifest.write('[[model.file]]\nrole = "draft"\npath = "weights/tiny-v1/draft.onnx"\n')
    shutil.copyfile(folder / "weights" / "tiny-v1" / "decoder.onnx", folder / "weights" / "tiny-v1" / "draft.onnx")
    update(folder / "manifest.toml", "tiny-v1")
    verified = Store(folder).open("math")
    facts = replace(EncoderDecoder(verified, PLAIN_CPU, tables=TABLES).decoder.facts, rowwise=1)
    assert isinstance(open_drafter(verified, facts, CPU), SmallDecoder)
    assert open_drafter(verified, facts, CUDA) is None
    with pytest.raises(ModelCorrupt, match="other tokens"):
        open_drafter(verified, replace(facts, tokens=(*facts.tokens[:-1], "other")), CPU)


def test_an_earlier_reading_is_expected_again() -> None:
    draft = Expected([7, 8, 9, 7, 8, 5], Guessing([4, 4, 4, 4]))
    assert draft.propose([], 2) == [7, 8, 9, 7, 8, 5]  # more than is asked for: nearly all of it is right
    assert draft.propose([7, 8], 2)[0] == 9
    assert draft.propose([7, 8, 9, 7, 8], 2)[:1] == [5]  # the longer run, and the nearer place
    assert draft.propose([7, 3], 2) == [4, 5]  # what it does not know is left to the other draft
    assert Expected([7, 8]).propose([3], 2) == []
    assert len(Expected(range(40)).propose([0], 4)) == 12


@pytest.mark.parametrize("case", range(8))
@pytest.mark.parametrize("rowwise", [0, 2])
def test_same_tokens_with_an_earlier_reading(tiny: EncoderDecoder, case: int, rowwise: int) -> None:
    memory = tiny.encode(make_ink(case))
    facts = replace(tiny.decoder.facts, rowwise=rowwise)
    once = Counting(tiny.graphs[1])
    plain = Decoder(once, facts, tiny.decoder.grammar).decode(memory)
    earlier = tuple(5 if place % 7 == 3 else token for place, token in enumerate(plain.tokens))
    graph = Counting(tiny.graphs[1])
    found = Decoder(graph, facts, tiny.decoder.grammar).decode(memory, DecodeOptions(expected=earlier))
    assert found.steps == plain.steps
    assert (found.end, found.stop) == (plain.end, plain.stop)
    assert graph.calls < 0.6 * once.calls if rowwise else graph.calls == once.calls
