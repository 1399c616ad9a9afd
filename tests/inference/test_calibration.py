"""Where models run fastest, on computers that are not at hand, and on this one."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scipix.inference.calibration import (
    Calibrations,
    Tried,
    calibrate,
    calibrate_all,
    decide,
    key_of,
    picker,
)
from scipix.inference.devices import Cpu, Machine
from scipix.inference.providers import COREML, CPU, CUDA, DECODER, DIRECTML, ENCODER, TENSORRT
from scipix.inference.store import Store, Verified
from scipix.inference.trial import Outcome, Trial, run_apart, run_here


def computer(system: str, arch: str, *providers: str, physical: int = 8) -> Machine:
    return Machine(system, arch, Cpu("", physical, 2 * physical, ()), (*providers, CPU))


MACS = computer("macos", "arm64", COREML)
WINDOWS_AMD = computer("windows", "x86_64", DIRECTML)
LINUX = computer("linux", "x86_64", "AzureExecutionProvider")
LINUX_CUDA = computer("linux", "x86_64", TENSORRT, CUDA)


@pytest.fixture
def verified(models: Path) -> Verified:
    return Store(models).open("math")


class Fake:
    """Answers trials as a computer of known speed would. times: provider -> ms. wrong: providers that compute badly.
    broken: provider -> problem."""

    def __init__(self, times: dict[str, float], wrong: tuple[str, ...] = (), broken: dict[str, str] | None = None):
        self.times, self.wrong, self.broken = times, wrong, broken or {}
        self.trials: list[Trial] = []

    def __call__(self, trial: Trial) -> Outcome:
        self.trials.append(trial)
        if trial.provider in self.broken:
            return Outcome(problem=self.broken[trial.provider])
        logits = np.array([[0.0, 1.0, 5.0]]) * (-1 if trial.provider in self.wrong else 1)
        np.savez(trial.out, logits=logits)
        return Outcome(self.times[trial.provider] / (trial.threads if trial.provider == CPU else 1))


def test_the_fastest_wins(verified: Verified) -> None:
    made = calibrate(verified, LINUX_CUDA, Fake({CPU: 80.0, CUDA: 2.0, TENSORRT: 3.0}))
    assert {role: (item.provider, item.threads) for role, item in made.items()} == {
        ENCODER: (CUDA, 1),
        DECODER: (CUDA, 1),
    }
    made = calibrate(verified, LINUX_CUDA, Fake({CPU: 8.0, CUDA: 20.0, TENSORRT: 9.0}))
    assert (made[ENCODER].provider, made[ENCODER].threads) == (CPU, 8)


def test_a_wrong_answer_never_wins(verified: Verified) -> None:
    made = calibrate(verified, WINDOWS_AMD, Fake({CPU: 80.0, DIRECTML: 1.0}, wrong=(DIRECTML,)))
    assert made[ENCODER].provider == CPU
    assert "logits is off by" in made[ENCODER].tried[-1].problem


def test_what_dies_is_told_and_loses(verified: Verified) -> None:
    made = calibrate(verified, MACS, Fake({CPU: 80.0}, broken={COREML: "its process ended with -11"}))
    assert made[ENCODER].provider == CPU
    assert f"{COREML}: its process ended with -11" in made[ENCODER].words()


def test_little_gain_is_no_reason_to_change() -> None:
    one, two = Tried(CPU, 1, 10.0, ""), Tried(CPU, 2, 9.5, "")
    assert decide([one, two]).threads == 1
    assert decide([one, replace(two, milliseconds=8.0)]).threads == 2
    assert decide([]).provider == CPU


def test_what_was_measured_is_used_until_something_changes(verified: Verified, tmp_path: Path) -> None:
    file, model = tmp_path / "calibration.json", verified.model
    decision = calibrate(verified, LINUX_CUDA, Fake({CPU: 80.0, CUDA: 200.0, TENSORRT: 300.0}))[ENCODER]
    Calibrations(file).put(key_of(LINUX_CUDA, model, ENCODER), decision)
    choice = picker(file, LINUX_CUDA, model, "auto")(ENCODER)
    assert ([item.provider for item in choice.candidates], choice.threads) == ([CPU], 8)
    assert choice.reason.startswith("measured: ")
    by_rule = picker(None, LINUX_CUDA, model, "auto")(ENCODER)
    assert by_rule.candidates[0].provider == CUDA
    changed = replace(model, files=tuple(replace(item, sha256="0" * 64) for item in model.files))
    for pick in (
        picker(file, LINUX_CUDA, model, "cuda"),
        picker(file, LINUX_CUDA, changed, "auto"),
        picker(file, replace(LINUX_CUDA, providers=(CUDA, CPU)), model, "auto"),
    ):
        assert pick(ENCODER).candidates[0].provider == CUDA
    assert key_of(LINUX, model, ENCODER, "1.31") != key_of(LINUX, model, ENCODER, "1.32")
    assert key_of(LINUX, model, ENCODER) == key_of(replace(LINUX, memory=9), model, ENCODER)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 9, "entries": {}}', '{"schema": 1, "entries": {"k": 3}}'])
def test_a_damaged_file_is_like_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.json").write_text(text)
    assert Calibrations(tmp_path / "c.json").get("k") is None


def test_a_trial_in_this_process(verified: Verified, tmp_path: Path) -> None:
    for role in (ENCODER, DECODER):
        trial = {"path": str(verified.path(role)), "role": role, "threads": 1, "out": str(tmp_path / f"{role}.npz")}
        answer = json.loads(run_here(json.dumps({**trial, "provider": CPU})))
        assert answer["problem"] == ""
        assert answer["milliseconds"] > 0
    assert "logits" in np.load(tmp_path / "decoder.npz").files
    assert json.loads(run_here(json.dumps({**trial, "provider": CUDA})))["problem"]


@pytest.mark.parametrize("program", ["import os; os.abort()", "print('no JSON')", "raise SystemExit(3)"])
def test_a_process_that_dies_is_an_outcome(program: str) -> None:
    outcome = run_apart(Trial("", ENCODER, CPU, 1, ""), [sys.executable, "-c", program])
    assert outcome.problem.startswith("its process ended with")


def test_for_real_with_processes(models: Path, tmp_path: Path) -> None:
    program = "import sys; from scipix.inference.trial import run_here; print(run_here(sys.argv[-1]))"
    file = tmp_path / "calibration.json"
    rows = calibrate_all(models, file, [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {program}"])
    assert {row["graph"] for row in rows} == {ENCODER, DECODER}
    assert [row["graph"] for row in rows if row["chosen"]] == [ENCODER, DECODER]
    assert all(not row["problem"] for row in rows)
    assert len(json.loads(file.read_text())["entries"]) == 2
