from __future__ import annotations

import io

import pytest

from scipix.errors import ImageTooLarge, UnreadableImage
from scipix.sources import stdin


def test_reads_to_the_end() -> None:
    assert stdin.read_bytes(io.BytesIO(b"abc" * 1000)) == b"abc" * 1000


def test_nothing_is_an_error() -> None:
    with pytest.raises(UnreadableImage, match="nothing"):
        stdin.read_bytes(io.BytesIO())


def test_an_endless_stream_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stdin, "MAX_BYTES", 10)
    with pytest.raises(ImageTooLarge):
        stdin.read_bytes(io.BytesIO(bytes(11)))


def test_a_broken_stream_is_an_error() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(UnreadableImage, match="failed"):
        stdin.read_bytes(Broken(b"x"))
