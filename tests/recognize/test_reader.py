"""What is read of a part of a picture: at a first look and with the others, and which times are told."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import numpy as np
import pytest

from scipix.datatypes import Timings
from scipix.errors import Cancelled
from scipix.inference.binding import DeviceLost
from scipix.inference.cancel import Cancel
from scipix.inference.decoding import DecodeOptions
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.store import Store
from scipix.recognize.branches import confidence_of, places
from scipix.recognize.coverage import TRUST
from scipix.recognize.math import GRAMMAR, MathOptions, MathRecognizer
from scipix.recognize.preprocess import Lines, Prepared
from scipix.recognize.reader import Reader
from tests.inference.tiny import PLAIN_CPU, make_ink, make_models
from tests.recognize.test_math import IMAGE, recognizer

PART = Prepared(np.zeros((32, 96), dtype=np.float32), 2.0, (1.0, 3.0))


def reader(lead: float = 1.0, cancel: Cancel | None = None) -> Reader:
    return Reader(recognizer("x + x </s>", lead).model, IMAGE, MathOptions(alternatives=2), cancel)


def test_a_first_look_and_then_the_others_give_what_is_read_at_once() -> None:
    look = reader().look(PART)
    assert look.reading.alternatives == ()
    assert look.others(0) == look.reading
    assert look.others(places(2)) == reader().read(PART)
    assert len(look.others(1).alternatives) == 1


def test_nothing_is_tried_where_nothing_is_doubtful() -> None:
    made = reader(lead=9.0)
    look = made.look(PART)
    assert look.others(6) == look.reading
    assert len(made.spent) == 1


def test_beams_find_the_others_at_the_first_look(tmp_path: Path) -> None:
    model = EncoderDecoder(Store(make_models(tmp_path / "models")).open("math"), PLAIN_CPU, tables=GRAMMAR)
    made = Reader(model, IMAGE, MathOptions(beams=3))
    part = Prepared(make_ink(3), 1.0, (0.0, 0.0))
    look = made.look(part)
    assert look.others(6) is look.reading
    assert len(made.spent) == 1
    assert look.reading == made.read(part)


def test_a_device_that_is_lost_while_others_are_tried() -> None:
    made = recognizer("x + x </s>", 1.0)
    graph, left = made.model.decoder._graph, []
    run, made.model.leave_devices = graph.run, left.append  # type: ignore[method-assign]
    look = Reader(made.model, IMAGE, MathOptions()).look(PART)

    def lost(*given, **named):
        graph.run = run  # type: ignore[method-assign]
        raise DeviceLost("the card is gone")

    graph.run = lost  # type: ignore[method-assign]
    assert look.others(6) == Reader(made.model, IMAGE, MathOptions()).read(PART)
    assert left == ["the card is gone"]


def test_a_cancel_stops_the_others() -> None:
    cancel = Cancel()
    look = reader(cancel=cancel).look(PART)
    cancel.set()
    with pytest.raises(Cancelled):
        look.others(6)


def test_times_are_of_all_that_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that goes on by a second whenever it is looked at."""
    seconds = count()
    monkeypatch.setattr("scipix.recognize.reader.time.perf_counter", lambda: float(next(seconds)))
    made = reader()
    look = made.look(PART)
    assert made.spent == [Timings(0.0, 1000.0, 1000.0, 1000.0, 4000.0, 1000.0)]
    look.others(6)
    assert made.spent[1:] == [Timings(0.0, 0.0, 0.0, 1000.0, 2000.0, 1000.0)]


def test_lines_that_lose_count_in_the_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """By that clock, too: the encoder takes a second for the whole picture and for a line."""
    seconds, seen = count(), []
    made = recognizer("x + x </s>", 3.0)
    encode = made.model.encode
    made.model.encode = lambda ink, cancel: (seen.append(ink.shape), encode(ink, cancel))[1]  # type: ignore[method-assign]
    lines = Lines((PART, PART), (None, None), 0.5, 10.0, True)  # perhaps no lines at all
    whole = Prepared(np.zeros((64, 96), dtype=np.float32), 2.0, (1.0, 3.0), lines)
    monkeypatch.setattr("scipix.recognize.reader.time.perf_counter", lambda: float(next(seconds)))
    found = MathRecognizer(made.model, lambda image: whole).recognize(IMAGE)
    assert (found.latex, seen) == ("x+x", [(64, 96), (32, 96)])
    assert found.timings.encode == 1000.0 * len(seen)
    assert found.timings.decode == 1000.0 * (len(seen) + 1)  # and other readings of the whole


def six_letters() -> Prepared:
    """At the first six cells of the scripted model, whose tokens stand in one cell after the other."""
    ink = np.zeros((32, 96), dtype=np.float32)
    for cell in range(6):
        ink[4:12, 10 * cell : 10 * cell + 8] = 1
    return Prepared(ink, 2.0, (1.0, 3.0))


def test_little_is_left_of_the_confidence_of_a_reading_that_leaves_letters_out() -> None:
    whole = Reader(recognizer("x + x + x + x </s>").model, IMAGE, MathOptions()).look(six_letters()).reading
    short = Reader(recognizer("x + x </s>").model, IMAGE, MathOptions()).look(six_letters()).reading
    same = Reader(recognizer("x + x </s>").model, IMAGE, MathOptions()).look(PART).reading
    assert (whole.unread, same.unread) == ((), ())
    assert [box.left for box in short.unread] == [16, 21, 26]
    assert short.confidence == pytest.approx(TRUST * same.confidence)
    assert (whole.readable, short.readable, same.readable) == (True, False, True)


def test_the_likeliest_of_those_that_leave_nothing_out_comes_first() -> None:
    found = []
    for text, lead in (("x + x </s>", 6.0), ("x + x + x + x </s>", 3.0)):
        decoder = recognizer(text, lead).model.decoder
        memory = recognizer(text).model.encode(None, None)
        found.append(decoder.drive(decoder.decoding(memory, DecodeOptions(30), None), None))
    made = Reader(recognizer("x </s>").model, IMAGE, MathOptions())
    assert confidence_of(found[0]) > confidence_of(found[1]) > TRUST
    reading = made.decode(six_letters(), lambda memory, limits: found)
    assert (reading.latex, reading.unread) == ("x+x+x+x", ())
    assert [(other.latex, other.confidence) for other in reading.alternatives] == [
        ("x+x", pytest.approx(TRUST * confidence_of(found[0])))
    ]
    assert made.decode(PART, lambda memory, limits: found).latex == "x+x"
