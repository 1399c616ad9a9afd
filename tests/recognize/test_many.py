"""Many pictures side by side, with the tiny model: each gets what it gets alone, whatever happens to the others."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from scipix.datatypes import Image, Reading
from scipix.errors import Cancelled, ModelMissing, NothingToRead, UnreadableImage
from scipix.inference.batching import Limits
from scipix.inference.cancel import Cancel
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.sharing import Sharing
from scipix.inference.store import Store
from scipix.recognize.many import Desk, Item, ManyReader, Outcome, Source
from scipix.recognize.math import MathOptions, MathRecognizer
from tests.inference.tiny import PLAIN_CPU, TABLES, make_exact, make_models

OPTIONS = MathOptions(max_tokens=24)
LONG = 60.0


def picture(number: int) -> Image:
    pixels = np.full((40, 90 + 32 * (number % 2), 3), 255, dtype=np.uint8)
    pixels[10:30, 10:14] = pixels[10:14, 10 : 20 + number % 60] = 0
    pixels[20:24, 30 : 40 + number % 40] = number // 60
    pixels.flags.writeable = False
    return Image(pixels, name=str(number))


class Kept:
    """A desk that remembers."""

    def __init__(self, known: dict[str, Reading] | None = None) -> None:
        self.known = known or {}
        self.kept: list[str] = []
        self.waited: list[float] = []
        self.threads: set[int] = set()

    def desk(self) -> Desk:
        return Desk(self.find, self.keep)

    def find(self, image: Image) -> Reading | None:
        self.threads.add(threading.get_ident())
        return self.known.get(image.name)

    def keep(self, image: Image, reading: Reading, waited: float) -> None:
        self.threads.add(threading.get_ident())
        self.kept.append(image.name)
        self.waited.append(waited)


@pytest.fixture(scope="module", params=[make_models, make_exact], ids=["equal shapes", "masks"])
def tiny(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> EncoderDecoder:
    """The tiny model without masks, and the one with them, whose readings are carried on in lanes."""
    store = Store(request.param(tmp_path_factory.mktemp("tiny") / "models"))
    return EncoderDecoder(store.open("math"), PLAIN_CPU, tables=TABLES)


@pytest.fixture(params=[1, 3], ids=["one core", "three cores"])
def sharing(request: pytest.FixtureRequest, tiny: EncoderDecoder) -> Sharing:
    return Sharing(tiny, request.param)


@pytest.fixture
def alone(tiny: EncoderDecoder):
    recognizer = MathRecognizer(tiny)
    return lambda number: recognizer.recognize(picture(number), OPTIONS)


def read(
    sharing: Sharing, items: Iterable[Item | Source], kept: Kept | None = None, cancel: Cancel | None = None
) -> Iterator[Outcome | None]:
    return ManyReader(lambda image: sharing, (kept or Kept()).desk(), OPTIONS, cancel).run(items)


def outcomes(found: Iterator[Outcome | None]) -> dict[int, Outcome]:
    return {outcome.index: outcome for outcome in found if outcome is not None}


def assert_same(found: Reading, right: Reading) -> None:
    """The same text and symbols; probabilities within what batches may differ by."""
    assert found.latex == right.latex
    assert [symbol.latex for symbol in found.symbols] == [symbol.latex for symbol in right.symbols]
    assert found.confidence == pytest.approx(right.confidence, rel=1e-3, abs=1e-9)


def test_each_picture_gets_what_it_gets_alone(sharing: Sharing, alone) -> None:
    kept = Kept()
    found = outcomes(read(sharing, [picture(number) for number in range(12)], kept))
    assert sorted(found) == list(range(12))
    for number, outcome in found.items():
        assert outcome.image is not None
        assert outcome.image.name == str(number)
        assert_same(outcome.result(), alone(number))
    assert sorted(map(int, kept.kept)) == list(range(12))
    assert kept.threads == {threading.get_ident()}


def test_without_batches_the_bits_are_the_same(tiny: EncoderDecoder, alone) -> None:
    single = Limits(rows=1)
    found = outcomes(read(Sharing(tiny, 3, single, single), [picture(number) for number in range(8)]))
    for number, outcome in found.items():
        right = alone(number)
        assert (outcome.result().confidence, outcome.result().symbols) == (right.confidence, right.symbols)


def test_with_masks_the_bits_are_the_same(tiny: EncoderDecoder, alone) -> None:
    """Of pictures of several sizes, that begin at different times, in batches of any size."""
    if tiny.joined() is None:
        pytest.skip("pictures of unequal sizes are not joined")
    sharing = Sharing(tiny, 1)
    for key in ((1, room, None, 0) for room in (128, 256)):
        for count in range(2, 7):
            sharing.decoder.sizer(key).tried(count, 0.0, 100.0, 1.0)
    groups: list[int] = []
    run = sharing.decoder.run
    sharing.decoder.run = lambda requests, stop: (groups.append(len(requests)), run(requests, stop))[1]  # type: ignore[method-assign]
    found = outcomes(read(sharing, [picture(number) for number in range(24)]))
    assert max(groups) > 1
    for number, outcome in found.items():
        right = alone(number)
        assert (outcome.result().confidence, outcome.result().symbols) == (right.confidence, right.symbols)
        assert outcome.result().alternatives == right.alternatives


def test_one_that_fails_is_told_and_the_others_go_on(sharing: Sharing, alone) -> None:
    def missing() -> Image:
        raise UnreadableImage("b.png", "it is no picture")

    def broken() -> Image:
        raise ZeroDivisionError

    blank = Image(np.full((40, 40, 3), 255, dtype=np.uint8), name="blank")
    found = outcomes(read(sharing, [picture(0), missing, broken, blank, lambda: picture(4)]))
    errors = [type(found[index].error) for index in range(5)]
    assert errors == [type(None), UnreadableImage, ZeroDivisionError, NothingToRead, type(None)]
    assert found[1].image is None
    assert found[3].image is blank
    assert_same(found[4].result(), alone(4))
    with pytest.raises(NothingToRead):
        found[3].result()


def test_a_model_is_asked_for_when_a_picture_is_there_to_read(sharing: Sharing, alone) -> None:
    asked: list[int] = []

    def share(image: Image) -> Sharing:
        asked.append(len(found))
        return sharing

    def missing() -> Image:
        raise UnreadableImage("b.png", "it is no picture")

    kept, found = Kept({"1": alone(7)}), list[Outcome | None]()
    found += ManyReader(share, kept.desk(), OPTIONS).run([missing, lambda: picture(1), picture(1), *[missing] * 9])
    assert (len(found), asked) == (12, [])
    for outcome in ManyReader(share, kept.desk(), OPTIONS).run([*[missing] * 9, lambda: picture(3)]):
        found.append(outcome)
    assert len(asked) == 1
    assert_same(found[-1].result(), alone(3))  # type: ignore[union-attr]


def test_without_a_model_what_cannot_be_opened_is_told_before(sharing: Sharing) -> None:
    def share(image: Image) -> Sharing:
        raise ModelMissing("tiny-v1", "x.onnx")

    def missing() -> Image:
        raise UnreadableImage("b.png", "it is no picture")

    found = ManyReader(share, Kept().desk(), OPTIONS).run([*[missing] * 6, lambda: picture(1), picture(2)])
    assert [type(next(found).error) for _ in range(3)] == [UnreadableImage] * 3  # type: ignore[union-attr]
    with pytest.raises(ModelMissing):
        list(found)


def test_what_is_known_is_not_read_again(sharing: Sharing, alone) -> None:
    kept = Kept({"1": alone(7)})
    found = outcomes(read(sharing, [picture(0), lambda: picture(1)], kept))
    assert found[1].reading is kept.known["1"]
    assert kept.kept == ["0"]


def test_no_more_are_opened_than_can_be_carried_on(sharing: Sharing) -> None:
    asked = []

    def items() -> Iterator[Image]:
        for number in range(40):
            asked.append(number)
            yield picture(number)

    found = read(sharing, items())
    next(found)
    assert len(asked) <= 40 - 2  # lazily; how many depends on the size of batches
    found.close()  # type: ignore[attr-defined]
    assert_slots_free(sharing)


def assert_slots_free(sharing: Sharing) -> None:
    assert sharing.scheduler._free == sharing.scheduler._slots
    assert sharing.scheduler._on_their_way == 0
    if sharing.lanes is not None:
        assert (sharing.lanes._lanes, sharing.lanes._waiting) == (0, [])


def test_cancelling_stops_all_of_it(sharing: Sharing) -> None:
    cancel = Cancel()
    found = read(sharing, (picture(number) for number in range(500)), cancel=cancel)
    assert next(found) is not None
    cancel.set()
    with pytest.raises(Cancelled):
        next(found)
    assert list(found) == []
    assert_slots_free(sharing)


def test_a_cancel_wakes_whoever_waits(sharing: Sharing) -> None:
    cancel, opened = Cancel(), threading.Event()

    def slow() -> Image:
        opened.set()
        until = threading.Event()
        cancel.on_set(until.set)
        until.wait(LONG)
        return picture(0)

    timer = threading.Thread(target=lambda: (opened.wait(LONG), cancel.set()))
    timer.start()
    with pytest.raises(Cancelled):
        next(read(sharing, [slow], cancel=cancel))
    timer.join()
    assert_slots_free(sharing)


def test_nothing_for_a_while_is_told(sharing: Sharing) -> None:
    release = threading.Event()

    def slow() -> Image:
        release.wait(LONG)
        return picture(0)

    found = ManyReader(lambda image: sharing, Kept().desk(), OPTIONS).run([slow], patience=0.001)
    assert next(found) is None
    release.set()
    assert list(outcomes(found)) == [0]


class Moments:
    """A clock that cancels items when it has been looked at so often: at random moments, and as fast as the work is."""

    def __init__(self, moments: dict[int, Cancel]) -> None:
        self.moments, self.looks = moments, 0

    def __call__(self) -> float:
        self.looks += 1
        if self.looks in self.moments:
            self.moments[self.looks].set()
        return time.perf_counter()


def test_200_cancels_at_random_moments_lose_no_other_reading(tiny: EncoderDecoder, alone) -> None:
    numbers = range(10)
    right = {number: alone(number) for number in numbers}
    chance, sharing, stopped, looks = random.Random(5), Sharing(tiny, 2), 0, 300
    for _ in range(25):
        items = [Item(picture(number)) for number in numbers]
        doomed = chance.sample(numbers, 8)
        clock = Moments(
            dict(zip(chance.sample(range(looks), 8), (items[index].cancel for index in doomed), strict=True))
        )
        sharing.scheduler.clock = clock
        found = outcomes(read(sharing, items))
        assert sorted(found) == list(numbers)
        for index, outcome in found.items():
            if outcome.error is None:
                assert_same(outcome.result(), right[index])
            else:
                assert isinstance(outcome.error, Cancelled)
                assert index in doomed
                stopped += 1
        assert_slots_free(sharing)
        looks = max(50, clock.looks)  # of the next round, about as long as this one
    assert stopped > 50


def test_a_blank_picture_before_there_is_a_model_leaves_that_to_the_next(sharing: Sharing) -> None:
    asked: list[str] = []

    def share(image: Image) -> Sharing:
        asked.append(image.name)
        if image is blank:
            raise NothingToRead("nothing is written")
        return sharing

    blank = Image(np.full((40, 40, 3), 255, dtype=np.uint8), name="blank")
    found = outcomes(ManyReader(share, Kept().desk(), OPTIONS).run([blank, lambda: blank, picture(1), blank]))
    assert asked[0] == "blank"
    assert asked[-1] == "1"
    assert [isinstance(found[index].error, NothingToRead) for index in range(4)] == [True, True, False, True]
    assert found[0].image is blank
    assert found[2].reading is not None
