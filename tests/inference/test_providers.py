"""Where a model runs on computers that are not at hand."""

from __future__ import annotations

import pytest

from scipix.errors import UsageError
from scipix.inference.devices import Cpu, Machine
from scipix.inference.plugins import OPENVINO, WEBGPU, Plugin
from scipix.inference.providers import (
    COREML,
    CPU,
    CUDA,
    DECODER,
    DIRECTML,
    ENCODER,
    TENSORRT,
    Candidate,
    candidates_for,
    choose,
    places,
)


def machine(system: str, arch: str, *providers: str, physical: int = 8, plugins: tuple[str, ...] = ()) -> Machine:
    libraries = tuple(Plugin(provider, f"/lib/{provider}.so", "1") for provider in plugins)
    return Machine(system, arch, Cpu("", physical, 2 * physical, ()), (*providers, CPU), plugins=libraries)


MAC = machine("macos", "arm64", COREML, plugins=(WEBGPU,))
INTEL_MAC = machine("macos", "x86_64", COREML)
WINDOWS = machine("windows", "x86_64", DIRECTML)
WINDOWS_AMD = machine("windows", "x86_64", DIRECTML, plugins=(WEBGPU,))
WINDOWS_INTEL = machine("windows", "x86_64", plugins=(OPENVINO, WEBGPU), physical=4)
WINDOWS_NVIDIA = machine("windows", "x86_64", TENSORRT, CUDA)
WINDOWS_ARM = machine("windows", "arm64")
LINUX = machine("linux", "x86_64", "AzureExecutionProvider")
LINUX_INTEL = machine("linux", "x86_64", "AzureExecutionProvider", plugins=(OPENVINO,))
LINUX_CUDA = machine("linux", "x86_64", TENSORRT, CUDA)


@pytest.mark.parametrize(
    ("computer", "encoder", "decoder"),
    [
        (MAC, COREML, CPU),
        (INTEL_MAC, CPU, CPU),
        (WINDOWS, DIRECTML, CPU),
        (WINDOWS_AMD, DIRECTML, CPU),
        (WINDOWS_INTEL, CPU, CPU),
        (WINDOWS_NVIDIA, CUDA, CUDA),
        (WINDOWS_ARM, CPU, CPU),
        (LINUX, CPU, CPU),
        (LINUX_INTEL, CPU, CPU),
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


@pytest.mark.parametrize(
    ("computer", "encoder", "decoder"),
    [
        (MAC, [COREML, WEBGPU], []),
        (INTEL_MAC, [], []),
        (WINDOWS_NVIDIA, [CUDA, TENSORRT], [CUDA]),
        (machine("windows", "x86_64", CUDA, DIRECTML), [CUDA, DIRECTML], [CUDA]),
        (WINDOWS_AMD, [DIRECTML, WEBGPU], []),
        (WINDOWS_INTEL, [OPENVINO, WEBGPU], []),
        (WINDOWS_ARM, [], []),
        (LINUX, [], []),
        (LINUX_INTEL, [OPENVINO], []),
        (LINUX_CUDA, [CUDA, TENSORRT], [CUDA]),
    ],
)
def test_what_is_measured(computer: Machine, encoder: list[str], decoder: list[str]) -> None:
    for role, others in ((ENCODER, encoder), (DECODER, decoder)):
        tried = places(computer, role)
        assert tried[0] == (CPU, 1)
        assert [threads for provider, threads in tried if provider == CPU] == sorted({1, 2, computer.cpu.physical})
        assert [provider for provider, _ in tried if provider != CPU] == others


def test_a_plug_in_that_is_asked_for_brings_its_library() -> None:
    first, last = choose(WINDOWS_INTEL, ENCODER, "int8", "openvino").candidates
    assert (first.provider, first.library, last) == (OPENVINO, f"/lib/{OPENVINO}.so", Candidate(CPU))
    assert choose(WINDOWS_INTEL, DECODER, "int8", "openvino").candidates == (Candidate(CPU),)
    assert "openvino" in choose(LINUX, ENCODER, "int8", "openvino").reason
    built_in = machine("linux", "x86_64", OPENVINO, plugins=(OPENVINO,))
    assert choose(built_in, ENCODER, "int8", "openvino").candidates[0].library == ""


def test_tensorrt_has_cuda_behind_it() -> None:
    chain = choose(LINUX_CUDA, ENCODER, "fp32", "tensorrt").candidates
    assert [item.provider for item in chain] == [TENSORRT, CUDA, CPU]
    assert chain[0].fixed_shape
    assert chain[0].behind == (CUDA, CPU)
    assert [item.device for item in chain] == ["cuda", "cuda", ""]
    decoder = choose(LINUX_CUDA, DECODER, "fp32", "tensorrt")
    assert [item.provider for item in decoder.candidates] == [CUDA, CPU]
    assert "tensorrt" in decoder.reason


def test_directml_runs_alone() -> None:
    assert choose(WINDOWS, ENCODER, "fp32").candidates[0].alone


def test_a_choice_without_what_has_failed() -> None:
    choice = choose(LINUX_CUDA, ENCODER, "fp32", "tensorrt")
    assert [item.provider for item in choice.without([TENSORRT]).candidates] == [CUDA, CPU]
    assert [item.provider for item in choice.without([CPU, CUDA, TENSORRT]).candidates] == [CPU]
    assert candidates_for(LINUX, CPU) == (Candidate(CPU),)
