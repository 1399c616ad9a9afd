"""Where models run fastest, on computers that are not at hand, and on this one."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scipix.errors import Cancelled
from scipix.inference import calibration, trial
from scipix.inference.calibration import Calibrator, decide, measure
from scipix.inference.cancel import Cancel
from scipix.inference.devices import Cpu, Machine
from scipix.inference.manifest import dump, load
from scipix.inference.placement import Placement, compiled_folder
from scipix.inference.providers import COREML, CPU, CUDA, DECODER, DIRECTML, ENCODER, TENSORRT, Candidate
from scipix.inference.store import Store, Verified
from scipix.inference.trial import Outcome, Trial, run_apart, run_here
from scipix.inference.verdicts import Decision, Tried


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


def calibrate(verified: Verified, machine: Machine, run: Fake) -> dict[str, Decision]:
    return {role: measure(verified, role, machine, run) for role in (ENCODER, DECODER)}


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


def test_a_trial_in_this_process(verified: Verified, tmp_path: Path) -> None:
    for role in (ENCODER, DECODER):
        given = {"path": str(verified.path(role)), "role": role, "threads": 1, "out": str(tmp_path / f"{role}.npz")}
        answer = json.loads(run_here(json.dumps({**given, "provider": CPU})))
        assert answer["problem"] == ""
        assert answer["milliseconds"] > 0
    assert "logits" in np.load(tmp_path / "decoder.npz").files
    assert json.loads(run_here(json.dumps({**given, "provider": CUDA})))["problem"]


@pytest.mark.parametrize("program", ["import os; os.abort()", "print('no JSON')", "raise SystemExit(3)"])
def test_a_process_that_dies_is_an_outcome(program: str) -> None:
    outcome = run_apart(Trial("", ENCODER, CPU, 1, ""), [sys.executable, "-c", program])
    assert outcome.problem.startswith("its process ended with")


def test_a_trial_by_devices_and_bindings(verified: Verified, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A graphics card, played by the memory of the CPU: the same outputs, from both graphs."""
    for role in (ENCODER, DECODER):
        plain = Trial(str(verified.path(role)), role, CPU, 1, str(tmp_path / "plain.npz"))
        bound = replace(plain, out=str(tmp_path / "bound.npz"))
        trial.measure(plain)
        monkeypatch.setattr(trial, "candidate_for", lambda *_: Candidate(CPU, device="cpu"))
        assert trial.measure(bound) > 0
        monkeypatch.undo()
        one, other = np.load(plain.out), np.load(bound.out)
        assert set(one.files) == set(other.files)
        assert all(np.array_equal(one[name], other[name]) for name in one.files)


def test_a_stopped_trial_is_dead_when_it_is_told() -> None:
    cancel, started = Cancel(), threading.Event()
    real = cancel.calling

    def calling(callback):
        started.set()
        return real(callback)

    cancel.calling = calling  # type: ignore[method-assign]
    ended: list[BaseException] = []

    def work() -> None:
        try:
            run_apart(Trial("", ENCODER, CPU, 1, ""), [sys.executable, "-c", "import time; time.sleep(600)"], cancel)
        except Cancelled as exc:
            ended.append(exc)

    thread = threading.Thread(target=work)
    thread.start()
    started.wait(60)
    cancel.set()
    thread.join(60)
    assert not thread.is_alive()
    assert len(ended) == 1


@pytest.fixture
def calibrator(models: Path, tmp_path: Path) -> Calibrator:
    program = "import sys; from scipix.inference.trial import run_here; print(run_here(sys.argv[-1]))"
    command = (sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {program}")
    machine = Machine("linux", "x86_64", Cpu("", 1, 1, ()), (CPU,))
    return Calibrator(models, tmp_path / "calibration.json", command, machine)


def test_for_real_with_processes(calibrator: Calibrator) -> None:
    assert [role for _, role in calibrator.due()] == [ENCODER, DECODER]
    rows = calibrator.run_all()
    assert [row["graph"] for row in rows if row["chosen"]] == [ENCODER, DECODER]
    assert all(not row["problem"] for row in rows)
    assert calibrator.due() == []
    assert [role for _, role in replace(calibrator, machine=LINUX_CUDA).due()] == [ENCODER, DECODER]


def test_whoever_is_stopped_goes_on_from_there(calibrator: Calibrator, monkeypatch: pytest.MonkeyPatch) -> None:
    cancel = Cancel()
    monkeypatch.setattr(calibration, "run_apart", lambda trial, command, cancel: _checked(cancel, Outcome(1.0)))
    monkeypatch.setattr(calibration, "difference", lambda *_: "")
    stopped = calibrator.run(calibrator.due(), cancel)
    assert next(stopped).role == ENCODER
    cancel.set()
    with pytest.raises(Cancelled):
        next(stopped)
    assert [role for _, role in calibrator.due()] == [DECODER]
    assert [item.role for item in calibrator.run(calibrator.due())] == [DECODER]


def test_a_variant_that_is_not_installed_is_left_out(calibrator: Calibrator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "run_apart", lambda trial, command, cancel: Outcome(1.0))
    monkeypatch.setattr(calibration, "difference", lambda *_: "")
    manifest = calibrator.models / "manifest.toml"
    (model,) = load(manifest).models
    files = tuple(replace(file, path=f"weights/absent/{file.role}.onnx") for file in model.files)
    manifest.write_text(dump((replace(model, variants=(replace(model, precision="fp16", files=files),)),)))
    assert [item.precision for item, _ in calibrator.due()] == [model.precision] * 2
    assert {row["precision"] for row in calibrator.run_all()} == {model.precision}
    assert calibrator.due() == []


def _checked(cancel: Cancel | None, outcome: Outcome) -> Outcome:
    if cancel is not None:
        cancel.raise_if_set()
    return outcome


def test_what_failed_while_it_was_used_is_not_tried_until_everything_is(
    calibrator: Calibrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def run(trial: Trial, command: object, cancel: object) -> Outcome:
        seen.append(trial.provider)
        return Outcome(1.0 if trial.provider == CUDA else 9.0)

    monkeypatch.setattr(calibration, "run_apart", run)
    monkeypatch.setattr(calibration, "difference", lambda *_: "")
    here = replace(calibrator, machine=LINUX_CUDA)
    model, _ = here.due()[0]
    Placement(model, LINUX_CUDA, calibrations=here.file).failed(ENCODER, CUDA, "the card is gone")
    encoder, decoder = here.run(here.due())
    assert seen.count(CUDA) == 1  # for the decoder
    assert "failed before: the card is gone" in encoder.problems()[0]
    assert (encoder.decision.provider, decoder.decision.provider) == (CPU, CUDA)
    seen.clear()
    here.run_all()
    assert seen.count(CUDA) == 2
    assert Placement(model, LINUX_CUDA, calibrations=here.file).choice(ENCODER).candidates[0].provider == CUDA


def test_what_was_compiled_for_others_is_deleted(calibrator: Calibrator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "run_apart", lambda trial, command, cancel: Outcome(1.0))
    monkeypatch.setattr(calibration, "difference", lambda *_: "")
    mac = replace(calibrator, machine=MACS)
    model, _ = mac.due()[0]
    new, old = (
        Path(compiled_folder(mac.file, machine, model, ENCODER, COREML))
        for machine in (MACS, replace(MACS, driver="an older one"))
    )
    for folder in (new, old):
        (folder / "64x64").mkdir(parents=True)
    mac.run_all()
    assert new.is_dir()
    assert not old.exists()
