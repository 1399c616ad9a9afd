"""The small decoder that guesses ahead, where PyTorch is installed."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

import torch

from models.training.draft import Draft
from models.training.model import Config

CONFIG = Config(vocabulary=20, classes=5, width=32, heads=4, layers=2, hidden=48, longest=16)


def test_steps_with_a_cache_give_what_the_whole_gives() -> None:
    torch.manual_seed(1)
    draft = Draft(CONFIG, 24).eval()
    cross = tuple(torch.randn(2, 4, 10, 8) for _ in "kv")
    tokens = torch.randint(3, 20, (2, 6))
    with torch.no_grad():
        whole, _ = draft(tokens, None, cross)
        past, rows = None, []
        for place in range(6):
            logits, past = draft(tokens[:, place : place + 1], past, cross)
            rows.append(logits)
    torch.testing.assert_close(torch.cat(rows, 1), whole, atol=1e-5, rtol=1e-4)
    assert past[0].shape == (2, 4, 6, 8)


def test_it_learns_to_agree() -> None:
    """A few steps on one batch: what it is told to say becomes likelier."""
    torch.manual_seed(1)
    draft = Draft(CONFIG, 24)
    cross = tuple(torch.randn(2, 4, 10, 8) for _ in "kv")
    tokens = torch.randint(3, 20, (2, 7))
    optimizer = torch.optim.AdamW(draft.parameters(), lr=1e-2)
    losses = []
    for _ in range(20):
        logits, _ = draft(tokens[:, :-1], None, cross)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]
