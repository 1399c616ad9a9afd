"""What the doctor tells of inference."""

from __future__ import annotations

import json
from pathlib import Path

from scipix.errors import BackendUnavailable
from scipix.inference.doctor import facts
from tests.inference.tiny import PLAIN_CPU


def test_a_healthy_computer(models: Path) -> None:
    report = facts(models)
    assert json.loads(json.dumps(report)) == report
    assert report["cpu"]["physical"] >= 1
    assert "CPUExecutionProvider" in report["providers"]
    model = report["models"][0]
    assert (model["id"], model["ok"], model["problem"]) == ("tiny-v1", True, "")
    assert model["runs_on"]["encoder"].startswith("CPU")
    assert len(model["files"][0]["sha256"]) == 64


def test_a_corrupt_model_is_told_and_does_not_stop_the_report(models: Path) -> None:
    (models / "weights" / "tiny-v1" / "decoder.onnx").write_bytes(b"x")
    model = facts(models, lambda: PLAIN_CPU)["models"][0]
    assert not model["ok"]
    assert "decoder.onnx" in model["problem"]


def test_no_models_folder(tmp_path: Path) -> None:
    models = facts(tmp_path / "none", lambda: PLAIN_CPU)["models"]
    assert [(model["id"], model["ok"]) for model in models] == [("manifest", False)]


def test_no_onnxruntime(models: Path) -> None:
    def broken():
        raise BackendUnavailable("onnxruntime cannot be loaded: no such library")

    report = facts(models, broken)
    assert report["providers"] == []
    assert "no such library" in report["backend"]
    assert report["models"][0]["ok"]  # its files are fine
