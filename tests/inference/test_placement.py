"""Where a model runs on computers that are not at hand, once something is known of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from scipix.inference.devices import Cpu, Machine
from scipix.inference.manifest import Model
from scipix.inference.placement import Placement, compiled_folder
from scipix.inference.plugins import OPENVINO, Plugin
from scipix.inference.providers import COREML, CPU, CUDA, DECODER, DIRECTML, ENCODER, TENSORRT
from scipix.inference.store import Store
from scipix.inference.verdicts import Calibrations, Decision, Faults, Tried, fault_key, key_of


def computer(system: str, arch: str, *providers: str, driver: str = "1") -> Machine:
    return Machine(system, arch, Cpu("", 8, 16, ()), (*providers, CPU), driver=driver)


LINUX_CUDA = computer("linux", "x86_64", TENSORRT, CUDA)
# Apple Silicon, Windows with NVIDIA and with AMD, Linux with CUDA: every computer on which something may fail by rule.
WITH_A_DEVICE = [
    (computer("macos", "arm64", COREML), COREML),
    (computer("windows", "x86_64", CUDA, DIRECTML), CUDA),
    (computer("windows", "x86_64", DIRECTML), DIRECTML),
    (LINUX_CUDA, CUDA),
]
WITHOUT = [computer("macos", "x86_64", COREML), computer("windows", "arm64"), computer("linux", "x86_64")]


@pytest.fixture
def model(models: Path) -> Model:
    return Store(models).manifest().first("math")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "calibration.json"


def first(placement: Placement, role: str = ENCODER) -> str:
    return placement.choice(role).candidates[0].provider


def test_what_was_measured_is_used_until_something_changes(model: Model, file: Path) -> None:
    decision = Decision(CPU, 8, (Tried(CPU, 8, 10.0, ""), Tried(CUDA, 1, 200.0, "")))
    Calibrations(file).put(key_of(LINUX_CUDA, model, ENCODER), decision)
    choice = Placement(model, LINUX_CUDA, calibrations=file).choice(ENCODER)
    assert ([item.provider for item in choice.candidates], choice.threads) == ([CPU], 8)
    assert choice.reason.startswith("measured: ")
    changed = replace(model, files=tuple(replace(item, sha256="0" * 64) for item in model.files))
    for other in (
        Placement(model, LINUX_CUDA),
        Placement(model, LINUX_CUDA, "cuda", file),
        Placement(changed, LINUX_CUDA, calibrations=file),
        Placement(model, replace(LINUX_CUDA, providers=(CUDA, CPU)), calibrations=file),
        Placement(model, replace(LINUX_CUDA, driver="2"), calibrations=file),
    ):
        assert first(other) == CUDA
    assert key_of(LINUX_CUDA, model, ENCODER, "1.31") != key_of(LINUX_CUDA, model, ENCODER, "1.32")
    assert key_of(LINUX_CUDA, model, ENCODER) == key_of(replace(LINUX_CUDA, memory=9), model, ENCODER)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 9, "entries": {}}', '{"schema": 1, "entries": {"k": 3}}'])
def test_a_damaged_file_is_like_none(file: Path, text: str) -> None:
    file.write_text(text)
    file.with_name("faults.json").write_text(text)
    assert Calibrations(file).get("k") is None
    assert Faults(file).get("k") is None


@pytest.mark.parametrize(("machine", "provider"), WITH_A_DEVICE)
def test_what_failed_is_left_alone_until_something_changes(
    machine: Machine, provider: str, model: Model, file: Path
) -> None:
    told: list[str] = []
    placement = Placement(model, machine, calibrations=file, tell=told.append)
    assert first(placement) == provider
    placement.failed(ENCODER, provider, "the card\nis gone. " * 30)
    placement.failed(DECODER, provider, "the card is gone")
    assert len(told) == 1
    assert "the card is gone" in told[0]
    assert "\n" not in told[0]
    assert len(told[0]) < 400
    again = Placement(model, machine, calibrations=file)
    assert provider not in [item.provider for item in again.choice(ENCODER).candidates]
    assert "left alone since it failed: the card is gone" in again.choice(ENCODER).reason
    changed = replace(model, files=tuple(replace(item, sha256="0" * 64) for item in model.files))
    for other in (
        Placement(model, replace(machine, driver="2"), calibrations=file),
        Placement(changed, machine, "auto", file),
    ):
        assert first(other) == provider
    assert fault_key(machine, model, ENCODER, provider, "1.31") != fault_key(machine, model, ENCODER, provider, "1.32")
    assert fault_key(machine, model, ENCODER, provider) != fault_key(machine, model, DECODER, provider)


@pytest.mark.parametrize("machine", WITHOUT)
def test_computers_without_a_device_use_the_processor(machine: Machine, model: Model, file: Path) -> None:
    for role in (ENCODER, DECODER):
        assert first(Placement(model, machine, calibrations=file), role) == CPU
    assert not file.with_name("faults.json").exists()


def test_a_wish_does_not_bring_back_what_failed(model: Model, file: Path) -> None:
    wish = Placement(model, LINUX_CUDA, "tensorrt", file)
    wish.failed(ENCODER, TENSORRT, "no memory")
    assert first(wish) == CUDA


def test_another_version_of_a_plug_in_is_tried_again(model: Model, file: Path) -> None:
    plugin = Plugin(OPENVINO, "/lib/o.so", "1.8.1")
    machine = replace(computer("windows", "x86_64"), plugins=(plugin,))
    Placement(model, machine, calibrations=file).failed(ENCODER, OPENVINO, "no device")
    assert first(Placement(model, machine, "openvino", file)) == CPU
    newer = replace(machine, plugins=(replace(plugin, version="1.9.0"),))
    assert first(Placement(model, newer, "openvino", file)) == OPENVINO


def test_a_provider_that_takes_the_process_along_is_left_alone_by_the_next_one(model: Model, file: Path) -> None:
    """For real: a process that ends inside the guard."""
    program = (
        "import os, pathlib, sys; from scipix.inference.devices import *; from scipix.inference.placement import Placement\n"
        "from scipix.inference.store import Store\n"
        "model = Store(pathlib.Path(sys.argv[1])).manifest().first('math')\n"
        "machine = Machine('linux', 'x86_64', Cpu('', 8, 16, ()), tuple(sys.argv[3].split()), driver='1')\n"
        "with Placement(model, machine, calibrations=pathlib.Path(sys.argv[2])).guard('encoder')(sys.argv[4]):\n"
        "    os._exit(9)\n"
    )
    words = [str(file.parent / "models"), str(file), " ".join(LINUX_CUDA.providers), CUDA]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", program, *words], env=env, check=False, timeout=120).returncode == 9
    told: list[str] = []
    for _ in range(2):
        choice = Placement(model, LINUX_CUDA, calibrations=file, tell=told.append).choice(ENCODER)
        assert CUDA not in [item.provider for item in choice.candidates]
    assert len(told) == 1
    assert "the program ended when it was first used" in told[0]


def test_a_guard_leaves_nothing_behind(model: Model, file: Path) -> None:
    placement = Placement(model, LINUX_CUDA, calibrations=file)
    with placement.guard(ENCODER)(CUDA):
        assert len(placement.faults(ENCODER, CUDA)) == 1
    with pytest.raises(ValueError, match="x"), placement.guard(ENCODER)(CUDA):
        raise ValueError("x")
    assert placement.faults(ENCODER, CUDA) == []
    Calibrations(file).put(key_of(LINUX_CUDA, model, ENCODER), Decision(CUDA, 1, ()))
    with placement.guard(ENCODER)(CUDA), placement.guard(DECODER)(CPU):
        assert placement.faults(ENCODER, CUDA) == []


def test_a_folder_that_cannot_be_written_still_tells(model: Model, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told: list[str] = []
    Placement(model, LINUX_CUDA, "auto", tmp_path / "file" / "c.json", told.append).failed(ENCODER, CUDA, "gone")
    assert len(told) == 1


def test_what_is_compiled_has_a_folder_for_each_model_and_driver(model: Model, file: Path) -> None:
    mac = computer("macos", "arm64", COREML)
    (coreml, cpu) = Placement(model, mac, calibrations=file).choice(ENCODER).candidates
    assert Path(coreml.compiled).parent == file.with_name("compiled")
    assert cpu.compiled == ""
    changed = replace(model, files=tuple(replace(item, sha256="0" * 64) for item in model.files))
    names = {compiled_folder(file, machine, item, ENCODER, COREML) for machine in (mac, replace(mac, driver="2"))
             for item in (model, changed)}  # fmt: skip
    assert len(names) == 4
    assert Placement(model, mac).choice(ENCODER).candidates[0].compiled == ""


def test_the_files_keep_the_latest_entries_and_forget_what_they_are_told_to(file: Path) -> None:
    known = Calibrations(file)
    for number in range(70):
        known.put(str(number), Decision(CPU, 1, (), 5.0))
    assert len(json.loads(file.read_text())["entries"]) == 64
    assert known.get("69") == Decision(CPU, 1, (), 5.0)
    assert known.get("1") is None
    assert Decision(CPU, 1, ()).milliseconds == float("inf")
