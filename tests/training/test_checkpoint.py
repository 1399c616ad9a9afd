"""Runs go on after their vocabulary grew."""

import pytest

torch = pytest.importorskip("torch")

from models.training.checkpoint import grow, start_from  # noqa: E402
from models.training.model import Config, Recognizer  # noqa: E402


def small(vocabulary: int) -> Recognizer:
    return Recognizer(Config(vocabulary, 5, width=16, heads=2, layers=2, hidden=16, channels=(4, 4, 8), blocks=(1,)))


def saved_run(model: Recognizer) -> dict:
    decay = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW([{"params": decay}, {"params": plain}])
    sum(p.sum() for p in model.parameters()).backward()
    optimizer.step()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    return {"model": state, "average": dict(state), "optimizer": optimizer.state_dict()}


def test_old_rows_stay_and_new_ones_are_appended():
    saved = saved_run(small(7))
    before = saved["model"]["decoder.embed.weight"].clone()
    larger = small(9)
    grow(saved, larger)
    larger.load_state_dict(saved["model"])
    assert torch.equal(larger.decoder.embed.weight[:7], before)
    decay = [p for p in larger.parameters() if p.ndim > 1]
    plain = [p for p in larger.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW([{"params": decay}, {"params": plain}])
    optimizer.load_state_dict(saved["optimizer"])
    sum(p.sum() for p in larger.parameters()).backward()
    optimizer.step()  # fails when a moment's shape is not its parameter's


def test_a_start_matches_rows_by_name_and_keeps_classes_that_have_none(tmp_path):
    old, new = small(3), small(4)
    weights = {name: value.clone().half() for name, value in old.state_dict().items()}
    facts = {"vocabulary": ["a", "b", "c"], "classes": ["paper", "x"], "state": {"samples": 7}}
    torch.save({"weights": weights, **facts}, tmp_path / "old.pt")
    assert start_from(new, tmp_path / "old.pt", ["b", "d", "a", "c"], ["paper", "y", "x"]) == {"samples": 7}
    embed, kinds = old.decoder.embed.weight.half().float(), old.kinds.weight.half().float()
    assert torch.equal(new.decoder.embed.weight[[0, 2, 3]], embed[[1, 0, 2]])
    assert torch.equal(new.kinds.weight[[0, 2]], kinds[[0, 1]])
    assert torch.equal(new.kinds.weight[3:], kinds[3:])
