"""Seats of a model: what is run from them goes through turns, and gives what the model itself gives."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from scipix.errors import Cancelled
from scipix.inference.agenda import DEVICE, PROCESSOR, Priority
from scipix.inference.batching import Limits
from scipix.inference.cancel import Cancel
from scipix.inference.decoding import DecodeOptions
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.scheduler import Turn
from scipix.inference.sharing import Sharing
from tests.inference.tiny import make_ink

OPTIONS = DecodeOptions(max_tokens=12)
LONG = 60.0


class Watched:
    """A turn that notes the stages and places."""

    def __init__(self, turn: Turn) -> None:
        self.turn, self.cancel, self.asked = turn, turn.cancel, []

    def run(self, stage, step, place=PROCESSOR):
        self.asked.append((stage, place))
        return self.turn.run(stage, step, place)

    def join(self, stage, combiner, key, size, request, place):
        self.asked.append((stage, place))
        return self.turn.join(stage, combiner, key, size, request, place)


def test_a_seat_gives_what_the_model_gives(tiny: EncoderDecoder) -> None:
    sharing = Sharing(tiny, 2)
    memory = tiny.encode(make_ink(1))
    right = tiny.decoder.decode(memory, OPTIONS)
    with sharing.scheduler.task((Priority.BATCH, 0), Cancel()) as turn:
        watched = Watched(turn)
        seat = sharing.seat(watched)  # type: ignore[arg-type]
        found = seat.decoder.decode(seat.encode(make_ink(1)), OPTIONS)
    assert (seat.id, seat.threshold, seat.provider) == (tiny.id, tiny.threshold, "cpu")
    assert found.tokens == right.tokens
    np.testing.assert_array_equal(found.attention, right.attention)
    stages = [stage for stage, _ in watched.asked]
    assert stages == ["encode", *["decode"] * (len(stages) - 1)]
    assert {place for _, place in watched.asked} == {PROCESSOR}


def test_seats_in_many_threads(tiny: EncoderDecoder) -> None:
    sharing = Sharing(tiny, 3)
    right = {case: tiny.decoder.decode(tiny.encode(make_ink(case)), OPTIONS).tokens for case in range(8)}

    def read(case: int) -> tuple[int, ...]:
        with sharing.scheduler.task((Priority.BATCH, case), Cancel()) as turn:
            seat = sharing.seat(turn)
            return seat.decoder.decode(seat.encode(make_ink(case)), OPTIONS).tokens

    with ThreadPoolExecutor(8) as pool:
        found = dict(enumerate(pool.map(read, range(8), timeout=LONG)))
    assert found == right
    sharing.clear()


def test_a_cancel_stops_a_seat(tiny: EncoderDecoder) -> None:
    sharing, cancel = Sharing(tiny, 1), Cancel()
    with sharing.scheduler.task((Priority.BATCH, 0), cancel) as turn:
        memory = sharing.seat(turn).encode(make_ink(0))
        cancel.set()
        with pytest.raises(Cancelled):
            sharing.seat(turn).decoder.decode(memory, OPTIONS)


def test_a_model_that_loads_a_graph_for_each_shape_encodes_in_one_thread_at_a_time(
    tiny: EncoderDecoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EncoderDecoder, "fixed_shapes", property(lambda model: True))
    sharing = Sharing(tiny, 4)
    with sharing.scheduler.task((Priority.BATCH, 0), Cancel()) as turn:
        watched = Watched(turn)
        memory = sharing.seat(watched).encode(make_ink(0))  # type: ignore[arg-type]
    assert watched.asked == [("encode", DEVICE)]
    assert memory.cells == tiny.encode(make_ink(0)).cells


def test_no_more_are_under_way_than_can_be_used(tiny: EncoderDecoder) -> None:
    assert Sharing(tiny, 2).window == 4
    assert Sharing(tiny, 0).cores == 1
    assert Sharing(tiny, 100).cores == 8
    sharing = Sharing(tiny, 2)
    for size in (2, 4, 8):
        sharing.decoder.sizer().tried(size, 0.0, 100.0, 1.0)
    assert sharing.window == 32
    sharing.decoder.sizer().failed(2)
    assert sharing.window == 4


def test_a_batch_that_is_given_up_asks_for_turns_alone(tiny: EncoderDecoder) -> None:
    single = Limits(rows=1)
    sharing = Sharing(tiny, 1, single, single)
    assert not sharing.decoder.sizer().enabled
    joined = []
    with sharing.scheduler.task((Priority.BATCH, 0), Cancel()) as turn:
        watched = Watched(turn)
        watched.join = lambda *step: joined.append(step)  # type: ignore[method-assign]
        sharing.seat(watched).encode(make_ink(0))  # type: ignore[arg-type]
    assert joined == []
    assert list(turn.waited) == ["encode"]
