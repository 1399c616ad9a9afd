"""scipix models: honest about what is there, what is not, and what fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from scipix.inference.features import FEATURES
from scipix.settings import FeatureSettings, Settings, save
from tests.cli.conftest import Terminal
from tests.inference.tiny import make_models


@pytest.fixture
def models(terminal: Terminal) -> Path:
    return make_models(terminal.paths.models)


def test_lists_every_feature(terminal: Terminal, models: Path) -> None:
    assert terminal.run("models", "--json") == 0
    rows = {row["feature"]: row for row in terminal.objects}
    assert list(rows) == list(FEATURES)
    math, text = rows["math"], rows["text"]
    assert (math["state"], math["enabled"], math["model"], math["precision"]) == ("unloaded", True, "tiny-v1", "fp32")
    assert math["bytes"] == sum(path.stat().st_size for path in (models / "weights" / "tiny-v1").iterdir())
    assert (math["provider"], math["memory_bytes"], math["load_ms"]) == (None, None, None)
    assert (text["state"], text["reason"], text["model"]) == ("not-installed", "no model is installed", None)
    assert terminal.messages == ""


def test_loads_when_asked(terminal: Terminal, models: Path) -> None:
    assert terminal.run("models", "--load", "--json") == 0
    math = terminal.objects[0]
    assert (math["state"], math["provider"]) == ("ready", "cpu")
    assert math["load_ms"] > 0
    assert math["memory_bytes"] >= 0


def test_a_table_for_people(terminal: Terminal, models: Path) -> None:
    save(Settings(features=FeatureSettings(math=False)), terminal.paths.settings_file)
    assert terminal.run("models", "--load") == 0
    head, *lines = terminal.results.splitlines()
    assert head.split()[:2] == ["feature", "model"]
    assert [line.split()[0] for line in lines] == list(FEATURES)
    assert lines[0].endswith("off")
    assert lines[1].endswith("no model is installed")


def test_a_damaged_model_is_told(terminal: Terminal, models: Path) -> None:
    (models / "weights" / "tiny-v1" / "encoder.onnx").write_bytes(b"x")
    assert terminal.run("models", "--load", "--json") == 4
    assert terminal.objects[0]["state"] == "failed"
    assert "bytes instead of" in terminal.objects[0]["reason"]
    assert "bytes instead of" in terminal.messages


def test_what_nothing_can_use_and_what_is_not_there(terminal: Terminal, models: Path) -> None:
    terminal.loaders = ()
    assert terminal.run("models", "--load", "--json") == 0
    assert terminal.objects[0]["state"] == "unsupported"
    (models / "manifest.toml").unlink()
    assert terminal.run("models") == 0
    assert "manifest is missing" in terminal.results
