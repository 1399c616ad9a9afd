"""The order of the agenda: what goes next, and what goes with it."""

from __future__ import annotations

import random
from collections.abc import Hashable
from typing import Any

import pytest

from scipix.inference.agenda import DEVICE, PROCESSOR, Agenda, Limit, Priority, Ticket
from scipix.inference.cancel import Cancel

ONE = {PROCESSOR: 1, DEVICE: 1}


class Joiner:
    """Says how many may run as one."""

    def __init__(self, steps: int = 4, size: int = 1000) -> None:
        self.most = Limit(steps, size)

    def limit(self, key: Hashable) -> Limit:
        return self.most

    def run(self, requests, stop):
        raise NotImplementedError


def ticket(number: int, priority: int = Priority.BATCH, joiner: Joiner | None = None, **more: Any) -> Ticket:
    return Ticket((priority, number), number, Cancel(), combiner=joiner, **more)


def filled(*tickets: Ticket) -> Agenda:
    agenda = Agenda()
    for each in tickets:
        agenda.add(each)
    return agenda


def requests(group: list[Ticket]) -> list[Any]:
    return [each.request for each in group]


def test_the_most_urgent_goes_first_then_the_one_that_came_first() -> None:
    agenda = filled(ticket(5), ticket(2), ticket(9, Priority.SNIP), ticket(7))
    assert [requests(agenda.take(ONE)) for _ in range(5)] == [[9], [2], [5], [7], []]


def test_what_has_no_free_slot_lets_others_go() -> None:
    agenda = filled(ticket(1, place=DEVICE), ticket(2))
    assert requests(agenda.take({PROCESSOR: 1, DEVICE: 0})) == [2]
    assert agenda.take({PROCESSOR: 1, DEVICE: 0}) == []
    assert requests(agenda.take(ONE)) == [1]


def test_less_urgent_steps_can_be_left_out() -> None:
    agenda = filled(ticket(1), ticket(2, Priority.SNIP))
    assert requests(agenda.take(ONE, least=Priority.SNIP)) == [2]
    assert agenda.take(ONE, least=Priority.SNIP) == []
    assert len(agenda) == 1


def test_equal_steps_are_taken_together_up_to_the_limits() -> None:
    joiner, other = Joiner(3), Joiner(3)
    tickets = [ticket(place, joiner=joiner, key="a") for place in (1, 2, 4, 6)]
    agenda = filled(*tickets, ticket(3, joiner=joiner, key="b"), ticket(5, joiner=other, key="a"), ticket(0))
    taken = [requests(agenda.take(ONE)) for _ in range(5)]
    assert taken == [[0], [1, 2, 4], [3], [5], [6]]
    joiner.most = Limit(9, 100)
    agenda = filled(*(ticket(place, joiner=joiner, size=40) for place in range(3)))
    assert [requests(agenda.take(ONE)) for _ in range(2)] == [[0, 1], [2]]
    agenda = filled(ticket(0, joiner=joiner, size=500), ticket(1, joiner=joiner))  # too large for itself: alone
    assert requests(agenda.take(ONE)) == [0]


def test_a_batch_does_not_ride_along_with_a_snip() -> None:
    joiner = Joiner()
    agenda = filled(ticket(1, joiner=joiner), ticket(2, Priority.SNIP, joiner))
    assert requests(agenda.take(ONE)) == [2]


def test_a_step_waits_for_as_many_as_it_went_with_unless_hurried() -> None:
    joiner = Joiner(3)
    first, second, third = (ticket(number, joiner=joiner, mates=2) for number in (1, 2, 4))
    agenda = filled(first, ticket(3, joiner=joiner, key="other"))
    assert requests(agenda.take(ONE, more_may_come=True)) == [3]  # has gone alone so far
    assert agenda.take(ONE, more_may_come=True) == []
    agenda.add(second)
    agenda.add(third)
    assert requests(agenda.take(ONE, more_may_come=True)) == [1, 2, 4]
    agenda.add(first)
    assert agenda.take(ONE, more_may_come=True) == []
    joiner.most = Limit(1, 1000)
    assert requests(agenda.take(ONE, more_may_come=True)) == [1]
    joiner.most = Limit(3, 1000)
    first.hurried = True
    agenda.add(first)
    assert requests(agenda.take(ONE, more_may_come=True)) == [1]
    first.hurried = False
    agenda.add(first)
    assert requests(agenda.take(ONE)) == [1]  # nobody is on the way


@pytest.mark.parametrize("seed", range(20))
def test_nothing_more_urgent_ever_waits_for_what_is_taken(seed: int) -> None:
    """Any order of adding, taking and dropping: each step leaves once, and never after a less urgent one."""
    chance, agenda, joiner = random.Random(seed), Agenda(), Joiner(3)
    waiting: dict[tuple[int, int], Ticket] = {}
    left: list[tuple[int, int]] = []
    for place in range(300):
        kind = chance.choice([None, joiner])
        added = ticket(place, chance.choice(list(Priority)), kind, key=chance.choice("ab"))
        waiting[added.rank] = added
        agenda.add(added)
        if chance.random() < 0.2:
            dropped = waiting.pop(chance.choice(list(waiting)))
            agenda.discard(dropped)
            left.append(dropped.rank)
        if chance.random() < 0.4:
            group = agenda.take(ONE)
            assert group == [] or group[0].rank == min(waiting)
            assert len(group) <= 3
            for taken in group:
                assert (taken.combiner, taken.rank[0]) == (group[0].combiner, group[0].rank[0])
                assert taken.combiner is None or taken.key == group[0].key
                left.append(waiting.pop(taken.rank).rank)
    while group := agenda.take(ONE):
        left += [taken.rank for taken in group]
    assert len(left) == len(set(left)) == 300
