"""Runs go on after their vocabulary grew."""

import pytest

torch = pytest.importorskip("torch")

from models.training.checkpoint import blocks_of, grow, start_from  # noqa: E402
from models.training.model import Config, Recognizer  # noqa: E402


def small(vocabulary: int, blocks: tuple[int, ...] = (1,)) -> Recognizer:
    return Recognizer(Config(vocabulary, 5, width=16, heads=2, layers=2, hidden=16, channels=(4, 4, 8), blocks=blocks))


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


def test_blocks_that_are_added_change_nothing_at_first(tmp_path):
    old, deeper = small(3).eval(), small(3, (1, 2)).eval()
    facts = {"vocabulary": ["a", "b", "c"], "classes": ["paper"], "state": {}}
    torch.save({"weights": old.state_dict(), **facts}, tmp_path / "old.pt")
    start_from(deeper, tmp_path / "old.pt", ["a", "b", "c"], ["paper"])
    ink = torch.rand(1, 1, 32, 64)
    with torch.no_grad():
        assert torch.equal(deeper.encoder(ink)[1], old.encoder(ink)[1])
    deeper.train()
    deeper.encoder(ink)[0].square().sum().backward()
    assert deeper.encoder.body[1].norm2.weight.grad.abs().sum() > 0  # so it learns


def test_how_deep_a_saved_network_is(tmp_path):
    torch.save({"config": small(3, (1, 2)).config.to_json()}, tmp_path / "deep.pt")
    assert blocks_of(tmp_path / "none.pt", None, tmp_path / "deep.pt") == (1, 2)
    assert blocks_of(None) == Config(3, 5).blocks
