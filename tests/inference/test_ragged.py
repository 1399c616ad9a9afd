"""Steps of unequal lengths that run as one give, bit for bit, what each gives alone."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from scipix.errors import BackendUnavailable
from scipix.inference.batching import Arrays, Combiner, Limits, Request, largest_difference
from scipix.inference.cancel import Cancel
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.manifest import update
from scipix.inference.providers import CPU, Candidate, Choice
from scipix.inference.ragged import Ragged, Slab, room_for
from scipix.inference.sessions import Graph
from scipix.inference.sharing import Sharing
from scipix.inference.store import Store
from tests.inference.tiny import EXACT, PLAIN_CPU, make_exact, make_ink

PLAIN = Choice((Candidate(CPU),), 1, "")
HEADS, WIDTH, LAYERS, LONGEST = 4, 8, 2, 40
NAMES = [f"{kind}_{layer}" for layer in range(LAYERS) for kind in "kv"]


@pytest.fixture(scope="module")
def alone() -> Graph:
    return Graph("exact", EXACT / "decoder.onnx", PLAIN)


class Counting:
    """The graph with masks; counts its runs and keeps what it was fed last."""

    def __init__(self) -> None:
        self.graph, self.fed = Graph("exact", EXACT / "joined.onnx", PLAIN), []

    def attempt(self, feeds, cancel=None, outputs=None):
        self.fed.append(feeds)
        return self.graph.attempt(feeds, cancel, outputs)

    run = attempt


@pytest.fixture(scope="module")
def masked() -> Counting:
    return Counting()


def picture(rng: np.random.Generator, cells: int) -> Arrays:
    return {f"cross_{name}": rng.normal(0, 2, (1, HEADS, cells, WIDTH)).astype(np.float32) for name in NAMES}


def request(rng: np.random.Generator, count: int, past: int, cells: int, cross: Arrays | None = None) -> Request:
    feeds: Arrays = {"tokens": rng.integers(3, 50, (1, count))}
    for name in NAMES:
        feeds[f"past_{name}"] = rng.normal(0, 2, (1, HEADS, past, WIDTH)).astype(np.float32)
    return Request(feeds | (cross or picture(rng, cells)), Cancel())


def assert_same(alone: Graph, requests: Sequence[Request], found: Sequence[Arrays]) -> None:
    for one, got in zip(requests, found, strict=True):
        assert largest_difference(alone.run(one.feeds, outputs=one.outputs), got) == 0


@pytest.mark.parametrize("seed", range(12))
def test_random_lengths(seed: int, alone: Graph, masked: Counting) -> None:
    """One instance for all batches, as in use: what earlier ones left behind must not be seen."""
    rng, joins = np.random.default_rng(seed), Ragged(masked)
    for _ in range(5):
        count, rows = int(rng.integers(1, 6)), int(rng.integers(1, 9))
        lengths = [(int(rng.integers(0, LONGEST - 5)), 16 * int(rng.integers(1, 9))) for _ in range(rows)]
        requests = [request(rng, count, past, cells) for past, cells in lengths]
        assert_same(alone, requests, joins.run(requests, Cancel()))


def test_readings_that_come_and_go(alone: Graph, masked: Counting) -> None:
    """From step to step some end, some begin, some take fewer of their tokens; all get what they get alone."""
    rng, joins = np.random.default_rng(3), Ragged(masked)
    live = [request(rng, 1, int(rng.integers(0, 9)), 16 * (1 + place)) for place in range(5)]
    for step in range(12):
        found = joins.run(live, Cancel())
        assert_same(alone, live, found)
        following = []
        for place, (one, out) in enumerate(zip(live, found, strict=True)):
            if step in (4, 8) and place == 1:
                continue
            keep = out["present_k_0"].shape[2] - (step % 5 == 3 and place == 0)
            past = {f"past_{name}": out[f"present_{name}"][:, :, :keep] for name in NAMES}
            tokens = {"tokens": rng.integers(3, 50, (1, 1))}
            following.append(Request({**one.feeds, **past, **tokens}, Cancel()))
        live = following + ([request(rng, 1, 2, 64)] if step == 6 else [])


def test_what_goes_on_together_is_not_copied_again(masked: Counting) -> None:
    rng, joins = np.random.default_rng(4), Ragged(masked)
    live = [request(rng, 1, past, 48) for past in (3, 7)]
    crosses, pasts = [], []
    for _ in range(4):
        found = joins.run(live, Cancel())
        fed = masked.fed[-1]
        crosses.append(fed["cross_v_1"].__array_interface__["data"][0])
        pasts.append(fed["past_k_0"])
        live = [
            Request(
                {**one.feeds, **{f"past_{name}": out[f"present_{name}"] for name in NAMES}, "tokens": np.array([[5]])},
                Cancel(),
            )
            for one, out in zip(live, found, strict=True)
        ]
    assert len(set(crosses)) == 1
    assert pasts[2].shape == pasts[1].shape
    assert live[0].feeds["past_k_0"].base is not None
    fed = joins.run(live, Cancel())
    assert fed[0]["present_k_0"].shape[2] == 3 + 5


def test_one_broken_picture_breaks_no_other(alone: Graph, masked: Counting) -> None:
    rng = np.random.default_rng(6)
    broken = {name: np.full_like(value, np.nan) for name, value in picture(rng, 96).items()}
    joins = Ragged(masked)
    joins.run([request(rng, 1, 2, 96, broken), request(rng, 1, 2, 16)], Cancel())
    requests = [request(rng, 1, 2, 96, broken), request(rng, 1, 4, 32), request(rng, 1, 9, 16)]
    found = joins.run(requests, Cancel())
    assert_same(alone, requests[1:], found[1:])


def test_only_some_outputs(alone: Graph, masked: Counting) -> None:
    rng, joins = np.random.default_rng(7), Ragged(masked)
    requests = [Request(request(rng, 2, past, 32).feeds, Cancel(), ("logits",)) for past in (1, 5)]
    found = joins.run(requests, Cancel())
    assert [set(out) for out in found] == [{"logits"}] * 2
    assert_same(alone, requests, found)


def test_what_may_be_joined(masked: Counting) -> None:
    rng, joins = np.random.default_rng(8), Ragged(masked, most=256)
    small, other, longer = request(rng, 1, 2, 16), request(rng, 1, 9, 128), request(rng, 2, 2, 16)
    assert joins.key(small) == joins.key(other) == joins.joined(100)
    assert joins.key(longer) != joins.key(small)
    assert joins.key(request(rng, 1, 2, 144)) != joins.key(small)
    large = request(rng, 1, 2, 272)
    assert joins.key(large) != joins.key(request(rng, 1, 2, 272))
    assert (joins.kind(joins.key(large)), joins.joined(272)) == (None, None)
    beams = Request({name: np.repeat(value, 4, 0) for name, value in small.feeds.items()}, Cancel())
    assert joins.key(beams) != joins.key(Request(beams.feeds, Cancel()))
    assert joins.kind(joins.key(longer)) == joins.kind(joins.key(request(rng, 5, 2, 16)))
    assert [room_for(cells) for cells in (16, 128, 144, 512, 528)] == [128, 128, 256, 512, 1024]


def test_a_slab_keeps_pictures_where_they_are() -> None:
    rng = np.random.default_rng(9)
    one, two, three = (request(rng, 1, 0, cells) for cells in (16, 64, 128))
    slab = Slab({f"cross_{name}": (HEADS, 128, WIDTH) for name in NAMES})
    assert sorted(slab.put([one, two])) == [0, 1]
    before = slab.first(2)["cross_k_0"]
    places = slab.put([two, one])
    assert [[two, one][place] for place in places] in ([one, two], [two, one])
    assert slab.known([two, one]) == 2
    assert slab.known([two, three]) == 1
    assert slab.first(2)["cross_k_0"].base is before.base
    places = slab.put([three, two])
    rows = [[three, two][place] for place in places]
    for array, row in zip(slab.first(2)["cross_v_1"], rows, strict=True):
        cells = row.feeds["cross_v_1"].shape[2]
        np.testing.assert_array_equal(array[:, :cells], row.feeds["cross_v_1"][0])
        assert not array[:, cells:].any()
    assert len(slab.put([one, one, two])) == 3  # the same picture twice


def test_an_output_without_a_row_for_each_is_refused() -> None:
    class Sums:
        def attempt(self, feeds, cancel=None, outputs=None):
            return {"logits": np.zeros((1, 1, 4), np.float32)}

        run = attempt

    rng = np.random.default_rng(10)
    with pytest.raises(BackendUnavailable):
        Ragged(Sums()).run([request(rng, 1, 1, 16), request(rng, 1, 1, 16)], Cancel())


def test_sizes_are_tried_kind_by_kind(alone: Graph, masked: Counting) -> None:
    rng = np.random.default_rng(11)
    combiner = Combiner(alone, Limits(tolerance=0.0), lambda: 0.0, Ragged(masked))
    requests = [request(rng, 1, past, 32) for past in (1, 6)]
    for outcome, one in zip(combiner.run(requests, Cancel()), requests, strict=True):
        assert largest_difference(alone.run(one.feeds), outcome.value) == 0
    small = combiner.sizer(combiner.key(requests[0]))
    assert (small.gains, small.difference) == (True, 0.0)
    assert not combiner.sizer(combiner.key(request(rng, 1, 1, 256))).gains
    assert combiner.size >= 2
    combiner.clear()


@pytest.fixture
def exact(tmp_path: Path) -> Path:
    return make_exact(tmp_path)


def test_a_model_with_the_graph_offers_it(exact: Path) -> None:
    model = EncoderDecoder(Store(exact).open("math"), PLAIN_CPU)
    graph = model.joined()
    assert graph is not None
    assert graph is model.joined()
    assert {"past_length", "cross_length"} < set(graph.inputs)
    sharing = Sharing(model, 2)
    assert (sharing.lanes is None, sharing.joins is None) == (False, False)
    model.leave_devices("")
    model.close()
    with pytest.raises(BackendUnavailable):
        graph.attempt({})


def test_it_is_mapped_like_the_others(exact: Path, tmp_path: Path) -> None:
    model = EncoderDecoder(Store(exact).open("math"), PLAIN_CPU, mapped=tmp_path / "mapped")
    assert model.joined() is not None
    assert len(list((tmp_path / "mapped").glob("*.ort"))) == 3
    memory = model.encode(make_ink(2))
    rng = np.random.default_rng(1)
    requests = [request(rng, 1, past, memory.cells, memory.cross) for past in (2, 5)]
    joined = model.joined()
    assert joined is not None
    assert_same(model.graphs[1], requests, Ragged(joined).run(requests, Cancel()))


def test_one_that_belongs_to_another_decoder_is_not_used(exact: Path) -> None:
    decoder = exact / "weights" / "exact-v1" / "decoder.onnx"
    decoder.write_bytes(decoder.read_bytes() + b"\x32\x00")  # an empty field more (producer's domain): another file
    shutil.copyfile(EXACT / "joined.onnx", decoder.with_name("joined.onnx"))
    update(exact / "manifest.toml", "exact-v1")
    model = EncoderDecoder(Store(exact).open("math"), PLAIN_CPU)
    assert model.joined() is None
    assert Sharing(model, 2).lanes is None


def test_a_model_without_it_goes_on_as_before(tiny: EncoderDecoder) -> None:
    sharing = Sharing(tiny, 2)
    assert (tiny.joined(), sharing.lanes, sharing.joins) == (None, None, None)
