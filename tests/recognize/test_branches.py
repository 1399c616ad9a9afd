"""Other readings: how many tokens are tried otherwise, and how many may be written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scipix.inference.decoding import Decoded, DecodeOptions, Decoder, Memory
from scipix.inference.vocabulary import END
from scipix.recognize.branches import branches, confidence_of, doubtful, likely, places
from tests.recognize.test_math import TOKENS, recognizer


def greedy(lead: float = 1.0, text: str = "x + x 2 + x </s>") -> tuple[Decoder, Memory, Decoded]:
    made = recognizer(text, lead)
    memory = made.model.encode(None, None)  # type: ignore[arg-type]
    return made.model.decoder, memory, made.model.decoder.decode(memory)


def found(most: int, tried: int | None = None, lead: float = 1.0, text: str = "x + x 2 + x </s>") -> list[Decoded]:
    decoder, memory, first = greedy(lead, text)
    return decoder.drive(branches(decoder, memory, first, most, DecodeOptions(), None, tried=tried))


def test_no_more_are_tried_than_asked_for() -> None:
    assert [len(found(3, tried)) for tried in (0, 1, 2, 3, 6, 99)] == [1, 2, 3, 4, 4, 4]
    assert len(found(3)) == 4
    assert len(found(0)) == len(found(0, 3)) == 1


def test_fewer_tries_take_fewer_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each costs at least a step of what all may take, of which the tries get their share."""
    monkeypatch.setattr("scipix.recognize.branches._CHECKED", 0.0)
    monkeypatch.setattr("scipix.recognize.branches._STEPS", 4.0)
    assert len(found(4, places(4))) == 5
    assert len(found(4, 4)) == 3


@pytest.mark.parametrize(
    ("checked", "longest", "count"), [(0.0, 90, 5), (0.5, 90, 2), (0.0, 10, 5), (0.0, 8, 3), (0.0, 6, 1), (0.0, 5, 1)]
)
def test_what_is_checked_costs_and_long_readings_have_fewer_steps(
    monkeypatch: pytest.MonkeyPatch, checked: float, longest: int, count: int
) -> None:
    monkeypatch.setattr("scipix.recognize.branches._STEPS", 4.0)
    monkeypatch.setattr("scipix.recognize.branches._CHECKED", checked)
    monkeypatch.setattr("scipix.recognize.branches._LONGEST", longest)
    assert len(found(4, places(4))) == count


def test_no_branch_takes_more_steps_than_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int | None] = []
    branching = Decoder.branching

    def recorded(self, memory, decoded, position, token, options, cancel):  # type: ignore[no-untyped-def]
        asked.append(options.max_calls)
        return branching(self, memory, decoded, position, token, options, cancel)

    monkeypatch.setattr(Decoder, "branching", recorded)
    monkeypatch.setattr("scipix.recognize.branches._CHECKED", 0.0)
    monkeypatch.setattr("scipix.recognize.branches._STEPS", 3.0)
    found(4)
    assert asked == [3, 2, 1]


def test_what_did_not_end_has_no_others() -> None:
    (only,) = found(3, text="x + 2 y")
    assert confidence_of(only) == 0.0


def test_the_most_doubtful_place_is_tried_first() -> None:
    first = greedy()[2]
    assert doubtful(first)[0] == (0, TOKENS.index("y"))
    other = found(1, 1)[1]
    assert [TOKENS[token] for token in other.tokens][:2] == ["y", "+"]
    assert END not in other.tokens


def test_far_less_likely_ones_are_left_out() -> None:
    first, second, third, _ = found(3)
    unlikely = replace(third, end=third.end * 1e-3)
    assert likely([unlikely, second, first]) == [first, second]
    assert likely([unlikely]) == [unlikely]
