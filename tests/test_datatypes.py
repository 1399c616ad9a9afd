"""The data that crosses modules is frozen."""

from dataclasses import FrozenInstanceError

import pytest

from scipix.datatypes import Box, Kind, Reading


def test_box_knows_its_size_and_cannot_change():
    box = Box(1.5, 2.0, 4.0, 7.0)
    assert (box.width, box.height) == (2.5, 5.0)
    with pytest.raises(FrozenInstanceError):
        box.left = 0.0  # type: ignore[misc]


def test_reading_is_hashable_so_that_caches_can_keep_it():
    assert hash(Reading(Kind.FORMULA, "x", 0.9)) == hash(Reading(Kind.FORMULA, "x", 0.9))
