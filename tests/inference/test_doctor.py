"""What the doctor tells of inference."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from scipix.errors import BackendUnavailable
from scipix.inference.doctor import facts
from scipix.inference.placement import Placement
from scipix.inference.store import Store
from scipix.inference.verdicts import Calibrations, Decision, Tried, key_of
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
    assert model["measured"]["encoder"].startswith("not yet")


def test_what_was_measured_and_what_has_failed(models: Path, tmp_path: Path) -> None:
    file, model = tmp_path / "calibration.json", Store(models).manifest().first("math")
    machine = replace(PLAIN_CPU, providers=("CUDAExecutionProvider", "CPUExecutionProvider"), driver="NVIDIA 550.54")
    Placement(model, machine, calibrations=file).failed("encoder", "CUDAExecutionProvider", "the card is gone")
    decision = Decision("CPUExecutionProvider", 2, (Tried("CPUExecutionProvider", 2, 5.0, ""),), 1e9)
    Calibrations(file).put(key_of(machine, model, "decoder"), decision)
    report = facts(models, lambda: machine, file)
    assert report["driver"] == "NVIDIA 550.54"
    told = report["models"][0]
    assert "cuda is left alone since it failed: the card is gone" in told["runs_on"]["encoder"]
    assert "measured: CPUExecutionProvider with 2 threads 5.0 ms" in told["runs_on"]["decoder"]
    assert told["measured"]["decoder"].startswith("2001-09-0")


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
