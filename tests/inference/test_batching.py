"""Batches: when rows may be joined, and that each request gets what it would get alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from scipix.errors import BackendUnavailable, Cancelled
from scipix.inference.agenda import Limit
from scipix.inference.batching import Combiner, Limits, Request, Sizer, largest_difference
from scipix.inference.binding import Held
from scipix.inference.cancel import Cancel
from scipix.inference.decoding import empty_past
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.stacks import Rows, Stacks
from tests.inference.tiny import make_ink

Arrays = dict[str, np.ndarray]


class Doubles:
    """A graph that doubles its input. coupled: how much each row feels the largest of all rows. most: rows that the
    device bears. Each call takes `cost` seconds and `row` more for each row, by a clock of its own."""

    def __init__(self, coupled: float = 0.0, most: int = 99, cost: float = 0.01, row: float = 0.0) -> None:
        self.coupled, self.most, self.cost, self.row = coupled, most, cost, row
        self.calls: list[int] = []
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def run(
        self, feeds: Mapping[str, np.ndarray], cancel: Cancel | None = None, outputs: Sequence[str] | None = None
    ) -> Arrays:
        if cancel is not None:
            cancel.raise_if_set()
        x = feeds["x"]
        self.calls.append(len(x))
        self.now += self.cost + self.row * len(x)
        if len(x) > self.most:
            raise BackendUnavailable("no memory")
        return {"y": 2 * x + self.coupled * x.max()}

    attempt = run


def request(value: float, rows: int = 1) -> Request:
    return Request({"x": np.full((rows, 3), value, dtype=np.float32)}, Cancel())


def run(combiner: Combiner, count: int) -> list[np.ndarray]:
    """Outputs of so many requests; they hold 1, 2, 3 ..."""
    outcomes = combiner.run([request(1 + place) for place in range(count)], Cancel())
    return [outcome.value["y"] for outcome in outcomes]


def assert_doubled(found: list[np.ndarray]) -> None:
    for place, value in enumerate(found):
        np.testing.assert_array_equal(value, np.full((1, 3), 2.0 * (1 + place)))


def test_a_size_is_tried_before_it_is_used() -> None:
    graph = Doubles()
    combiner = Combiner(graph, Limits(), graph.clock)
    assert_doubled(run(combiner, 2))
    assert graph.calls == [1, 1, 2]
    assert_doubled(run(combiner, 2))
    assert graph.calls == [1, 1, 2, 2]
    assert combiner.sizer().difference == 0
    assert_doubled(run(combiner, 3))
    assert graph.calls[4:] == [1, 1, 1, 3]


def test_rows_that_feel_each_other_are_never_joined_again() -> None:
    graph = Doubles(coupled=0.01)
    combiner = Combiner(graph, Limits(), graph.clock)
    first = run(combiner, 2)
    np.testing.assert_allclose(first[0], 2.01)  # what it gets alone, not 2.02
    assert not combiner.sizer().enabled
    assert combiner.limit().steps == 1
    assert combiner.sizer().difference == pytest.approx(0.01 / 2.01, rel=1e-3)


def test_a_stated_tolerance_lets_small_differences_pass() -> None:
    graph = Doubles(coupled=1e-6)
    strict, loose = (Combiner(graph, Limits(tolerance=share), graph.clock) for share in (0.0, 1e-5))
    run(strict, 2)
    run(loose, 2)
    assert (strict.sizer().enabled, loose.sizer().enabled) == (False, True)


def test_a_batch_that_saves_no_time_is_given_up() -> None:
    graph = Doubles(cost=0.0, row=0.01)
    combiner = Combiner(graph, Limits(), graph.clock)
    assert_doubled(run(combiner, 2))
    assert combiner.sizer().enabled  # once may be chance
    assert_doubled(run(combiner, 2))
    assert not combiner.sizer().enabled


def test_the_size_follows_the_target() -> None:
    sizer = Sizer(Limits(target=40, rows=16))
    for size in (2, 4, 8):
        assert sizer.size == size
        sizer.tried(size, 0.0, 10.0 * size, 5.0)
    assert sizer.size == 16
    sizer.tried(16, 0.0, 160.0, 5.0)
    assert sizer.size == 16  # as many as may be
    sizer.took(16, 41.0)
    assert sizer.size == 8
    sizer.took(8, 30.0)  # below the target, twice as many would not be
    assert sizer.size == 8
    sizer.took(3, 1.0)  # says nothing of eight
    assert sizer.size == 8
    for _ in range(9):
        sizer.took(1, 100.0)
    assert sizer.size == 1
    assert sizer.enabled
    sizer.took(1, 10.0)
    assert sizer.size == 2


def test_a_device_that_bears_no_more_gets_less() -> None:
    graph = Doubles(most=3)
    combiner = Combiner(graph, Limits(), graph.clock)
    run(combiner, 2)
    assert combiner.limit().steps == 4
    assert_doubled(run(combiner, 4))
    assert combiner.limit().steps == 3
    assert_doubled(run(combiner, 3))
    assert combiner.sizer().proved(3)
    graph.most = 2
    assert_doubled(run(combiner, 3))
    assert combiner.limit().steps == 2


def test_one_that_fails_or_is_cancelled_leaves_the_others_alone() -> None:
    graph = Doubles()
    combiner = Combiner(graph, Limits(), graph.clock)
    requests = [request(1), request(2), request(3)]
    requests[1].cancel.set()
    found = combiner.run(requests, Cancel())
    assert [type(outcome.error) for outcome in found] == [type(None), Cancelled, type(None)]
    assert found[2].value["y"][0, 0] == 6


def test_when_all_are_cancelled_all_hear_it() -> None:
    graph = Doubles()
    combiner = Combiner(graph, Limits(), graph.clock)
    run(combiner, 2)
    stop = Cancel()
    stop.set()
    found = combiner.run([request(1), request(2)], stop)
    assert all(isinstance(outcome.error, Cancelled) for outcome in found)


def test_an_output_without_a_row_for_each_is_not_split() -> None:
    class Sums(Doubles):
        def run(self, feeds, cancel=None, outputs=None):
            return {"y": super().run(feeds)["y"].sum(0, keepdims=True)}

        attempt = run

    graph = Sums()
    combiner = Combiner(graph, Limits(), graph.clock)
    assert_doubled(run(combiner, 2))
    assert not combiner.sizer().enabled


def test_requests_of_several_rows() -> None:
    combiner = Combiner(graph := Doubles(), Limits(), graph.clock)
    for _ in range(2):
        found = combiner.run([request(1, 3), request(2, 2)], Cancel())
        assert [outcome.value["y"].shape[0] for outcome in found] == [3, 2]
        assert found[1].value["y"][0, 0] == 4


def test_keys_are_equal_for_equal_shapes() -> None:
    assert request(1).key() == request(2).key() == request(3, 2).key()
    wider = Request({"x": np.zeros((1, 4), dtype=np.float32)}, Cancel())
    fewer = Request(request(1).feeds, Cancel(), ("y",))
    assert len({request(1).key(), wider.key(), fewer.key()}) == 3


def test_memory_limits_the_bytes_of_a_batch() -> None:
    assert Combiner(Doubles(), Limits(size=1000, weight=10)).limit() == Limit(2, 100)
    assert request(1, 5).size == 60


def test_what_was_split_or_joined_is_not_copied_again() -> None:
    stacks = Stacks()
    whole = np.arange(12.0).reshape(4, 3)
    parts = stacks.split(whole, [1, 2, 1])
    assert stacks.join(parts) is whole
    some = stacks.join([parts[0], parts[2]])  # one has ended: the others close up
    np.testing.assert_array_equal(some, whole[[0, 3]])
    assert stacks.join([parts[0], parts[2]]) is some
    stacks.clear()
    assert stacks.join(parts) is not whole


def test_only_the_latest_are_kept() -> None:
    stacks = Stacks(kept=2)
    wholes = [np.zeros((2, 1)) for _ in range(3)]
    parts = [stacks.split(whole, [1, 1]) for whole in wholes]
    assert stacks.join(parts[0]) is not wholes[0]
    assert stacks.join(parts[2]) is wholes[2]


def test_what_a_device_holds_stays_there_until_somebody_looks() -> None:
    class Value:
        looked = 0

        def shape(self) -> list[int]:
            return [2, 3]

        def numpy(self) -> np.ndarray:
            self.looked += 1
            return np.arange(6, dtype=np.float32).reshape(2, 3)

    held, stacks = Held(value := Value(), "cuda", None), Stacks()
    parts = stacks.split(held, [1, 1])  # type: ignore[arg-type]
    assert isinstance(parts[1], Rows)
    assert (parts[1].shape, parts[1].ndim, len(parts[1])) == ((1, 3), 2, 1)
    assert stacks.join(parts) is held
    assert value.looked == 0
    np.testing.assert_array_equal(np.ascontiguousarray(parts[1][:, 1:]), [[4, 5]])
    np.testing.assert_array_equal(stacks.join([parts[1]]), [[3, 4, 5]])
    assert value.looked == 1


def test_differences() -> None:
    one = {"a": np.array([1.0, -4.0]), "b": np.array([3], dtype=np.int64)}
    assert largest_difference(one, {**one, "a": np.array([1.0, -4.0])}) == 0
    assert largest_difference(one, {**one, "a": np.array([1.0, -3.0])}) == 0.25
    assert largest_difference(one, {**one, "a": np.array([1.0])}) == float("inf")
    assert largest_difference(one, {**one, "a": np.array([1.0, np.nan])}) == float("inf")
    same = {"a": np.array([np.nan, 1.0])}
    assert largest_difference(same, {"a": np.array([np.nan, 1.0])}) == 0


def test_the_steps_of_a_real_decoder_join(tiny: EncoderDecoder) -> None:
    """Rows with the same number of cells, fed token by token through one graph, give what they give alone."""
    memories = [tiny.encode(make_ink(case)) for case in (1, 5, 9)]
    assert len({memory.cells for memory in memories}) == 1
    graph = tiny.graphs[1]
    combiner = Combiner(graph, Limits(rows=3))
    layers = tiny.decoder.facts.layers
    pasts = [empty_past(memory, layers) for memory in memories]
    for step in range(6):
        feeds = [
            {"tokens": np.array([[3 + step + row]]), **past, **memory.cross}
            for row, (past, memory) in enumerate(zip(pasts, memories, strict=True))
        ]
        rows = range(3) if step < 4 else (0, 2)  # one ends earlier
        found = combiner.run([Request(feeds[row], Cancel()) for row in rows], Cancel())
        for row, outcome in zip(rows, found, strict=True):
            assert largest_difference(graph.run(feeds[row]), outcome.value) <= combiner.limits.tolerance
            pasts[row] = {
                f"past_{name}": outcome.value[f"present_{name}"]
                for name in (f"{kind}_{layer}" for layer in range(layers) for kind in "kv")
            }
    assert combiner.sizer().difference <= combiner.limits.tolerance
