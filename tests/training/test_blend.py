"""Weights between those of a run and those that it started from."""

import pytest

torch = pytest.importorskip("torch")

from models.training.blend import mixed  # noqa: E402


def test_a_share_of_both_and_new_tokens_as_they_are():
    name = "decoder.embed.weight"
    new = {"a": torch.tensor([2.0, 4.0]), name: torch.tensor([[2.0], [8.0]]), "count": torch.tensor(7)}
    old = {"a": torch.tensor([0.0, 0.0]), name: torch.tensor([[0.0], [0.0]]), "count": torch.tensor(3)}
    made = mixed(new, old, 0.25, [1])
    assert made["a"].tolist() == [0.5, 1.0]
    assert made[name].tolist() == [[0.5], [8.0]]
    assert made["count"] == 7
    assert new[name].tolist() == [[2.0], [8.0]]
