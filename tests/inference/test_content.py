"""Digests of pictures, and what is remembered by them."""

from __future__ import annotations

import numpy as np
import pytest

from scipix.datatypes import Image
from scipix.errors import NothingToRead
from scipix.inference.content import Contents, Memo


def picture(value: int = 7, *, frozen: bool = True) -> Image:
    pixels = np.full((4, 6, 3), value, np.uint8)
    pixels.flags.writeable = not frozen
    return Image(pixels)


def test_the_pixels_and_the_shape_count_and_nothing_else() -> None:
    contents = Contents()
    one = picture()
    assert contents.key(one) == contents.key(picture()) == contents.key(Image(one.pixels, name="other", dpi=96.0))
    assert contents.key(one) != contents.key(picture(8))
    assert contents.key(one) != contents.key(Image(one.pixels.reshape(6, 4, 3)))


def test_a_frozen_picture_is_digested_once(monkeypatch: pytest.MonkeyPatch) -> None:
    contents, one = Contents(), picture()
    key = contents.key(one)
    monkeypatch.setattr("scipix.inference.content.xxhash", None)
    assert contents.key(one) == key
    with pytest.raises(AttributeError):
        contents.key(picture())


def test_one_that_can_change_is_digested_each_time() -> None:
    contents, one = Contents(), picture(frozen=False)
    key = contents.key(one)
    one.pixels[0, 0, 0] = 1
    assert contents.key(one) != key


def test_nothing_is_left_of_a_picture_that_is_gone() -> None:
    contents = Contents()
    keys = [contents.key(picture(value)) for value in range(50)]
    assert len(set(keys)) == 50
    assert len(contents) == 0


def test_a_memo_asks_once_and_keeps_a_few() -> None:
    asked: list[str] = []

    def name_of(image: Image) -> str:
        asked.append(image.name)
        return image.name

    memo = Memo(name_of, Contents(), 2)
    named = [Image(picture(value).pixels, name=str(value)) for value in range(3)]
    assert [memo(image) for image in (named[0], named[1], named[0], named[2], named[0])] == ["0", "1", "0", "2", "0"]
    assert asked == ["0", "1", "2"]
    assert memo(named[1]) == "1"
    assert asked == ["0", "1", "2", "1"]
    memo.clear()
    memo(named[1])
    assert asked[4:] == ["1"]


def test_a_memo_does_not_keep_errors() -> None:
    answers = iter([False, True])

    def picky(image: Image) -> int:
        if next(answers):
            return 5
        raise NothingToRead("blank")

    memo = Memo(picky, Contents(), 2)
    with pytest.raises(NothingToRead):
        memo(picture())
    assert memo(picture()) == 5
