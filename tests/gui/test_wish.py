"""The line of JSON that one process sends to another, and what starts the app."""

from __future__ import annotations

import pytest

from scipix.errors import UsageError
from scipix.gui.wish import Message, snip_mode, snip_words


@pytest.mark.parametrize("line", [b"", b"x", b"[]", b'{"command": 3}', b'{"command": "snip", "mode": []}'])
def test_lines_that_are_no_message(line: bytes) -> None:
    with pytest.raises(UsageError):
        Message.from_line(line)


@pytest.mark.parametrize("mode", ["", "math"])
def test_the_mode_of_a_snip_survives_the_start_of_the_app(mode: str) -> None:
    assert snip_mode(snip_words(mode)) == mode


@pytest.mark.parametrize("words", [[], ["--hidden"], ["--snippet"], ["a.png"]])
def test_other_words_ask_for_no_snip(words: list[str]) -> None:
    assert snip_mode(words) is None
