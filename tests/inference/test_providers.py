"""Where a model runs on computers that are not at hand."""

from __future__ import annotations

import pytest

from scipix.errors import UsageError
from scipix.inference.devices import Cpu, Machine
from scipix.inference.providers import COREML, CPU, CUDA, DECODER, DIRECTML, ENCODER, Candidate, choose


def machine(system: str, arch: str, *providers: str, physical: int = 8) -> Machine:
    return Machine(system, arch, Cpu("", physical, 2 * physical, ()), (*providers, CPU))


MAC = machine("macos", "arm64", COREML)
WINDOWS = machine("windows", "x86_64", DIRECTML)
WINDOWS_NVIDIA = machine("windows", "x86_64", "TensorrtExecutionProvider", CUDA)
WINDOWS_ARM = machine("windows", "arm64")
LINUX = machine("linux", "x86_64", "AzureExecutionProvider")
LINUX_CUDA = machine("linux", "x86_64", "TensorrtExecutionProvider", CUDA)


@pytest.mark.parametrize(
    ("computer", "encoder", "decoder"),
    [
        (MAC, COREML, CPU),
        (machine("macos", "x86_64", COREML), CPU, CPU),
        (WINDOWS, DIRECTML, CPU),
        (WINDOWS_NVIDIA, CUDA, CUDA),
        (WINDOWS_ARM, CPU, CPU),
        (LINUX, CPU, CPU),
        (LINUX_CUDA, CUDA, CUDA),
    ],
)
def test_choice_without_a_wish(computer: Machine, encoder: str, decoder: str) -> None:
    for role, expected in ((ENCODER, encoder), (DECODER, decoder)):
        choice = choose(computer, role, "fp32")
        assert choice.candidates[0].provider == expected
        assert choice.candidates[-1] == Candidate(CPU)
        assert len(choice.candidates) == (1 if expected == CPU else 2)
        assert choice.reason


def test_coreml_gets_an_ml_program_of_fixed_shape() -> None:
    candidate = choose(MAC, ENCODER, "fp16").candidates[0]
    assert candidate.fixed_shape
    assert dict(candidate.options)["ModelFormat"] == "MLProgram"
    assert dict(candidate.options)["RequireStaticInputShapes"] == "1"


@pytest.mark.parametrize("computer", [MAC, WINDOWS, WINDOWS_NVIDIA, LINUX_CUDA])
def test_int8_stays_on_the_cpu(computer: Machine) -> None:
    assert [item.provider for item in choose(computer, ENCODER, "int8").candidates] == [CPU]


def test_a_wish_beats_the_rules() -> None:
    assert choose(LINUX_CUDA, ENCODER, "int8", "cuda").candidates[0].provider == CUDA
    assert [item.provider for item in choose(MAC, ENCODER, "fp32", "cpu").candidates] == [CPU]


@pytest.mark.parametrize(("computer", "wish"), [(LINUX, "cuda"), (WINDOWS_ARM, "directml"), (LINUX, "coreml")])
def test_a_wish_that_cannot_be_met_gives_the_cpu_and_the_reason(computer: Machine, wish: str) -> None:
    choice = choose(computer, ENCODER, "fp32", wish)
    assert [item.provider for item in choice.candidates] == [CPU]
    assert wish in choice.reason


def test_a_growing_graph_never_goes_to_coreml() -> None:
    choice = choose(MAC, DECODER, "fp32", "coreml")
    assert choice.candidates[0].provider == CPU
    assert "coreml" in choice.reason


def test_a_name_that_nobody_knows() -> None:
    with pytest.raises(UsageError, match="tpu"):
        choose(LINUX, ENCODER, "fp32", "tpu")


@pytest.mark.parametrize(("physical", "threads"), [(1, 1), (2, 2), (4, 4), (64, 4)])
def test_threads(physical: int, threads: int) -> None:
    computer = machine("linux", "x86_64", physical=physical)
    assert choose(computer, ENCODER, "int8").threads == threads
    assert choose(computer, DECODER, "int8").threads == 1
