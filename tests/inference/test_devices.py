"""Processors as three systems describe them."""

from __future__ import annotations

import struct

import pytest

from scipix.inference import cpuid, devices

X86 = """processor\t: 0
model name\t: AMD EPYC 9654
physical id\t: 0
core id\t\t: 0
flags\t\t: fpu sse avx2 avx512f avx512_vnni

processor\t: 1
model name\t: AMD EPYC 9654
physical id\t: 0
core id\t\t: 0
flags\t\t: fpu sse avx2 avx512f avx512_vnni

processor\t: 2
model name\t: AMD EPYC 9654
physical id\t: 0
core id\t\t: 1
flags\t\t: fpu sse avx2 avx512f avx512_vnni
"""
ARM = """processor\t: 0
BogoMIPS\t: 50.00
Features\t: fp asimd asimddp i8mm

processor\t: 1
Features\t: fp asimd asimddp i8mm
"""
MAC = """machdep.cpu.brand_string: Apple M2
hw.physicalcpu: 8
hw.logicalcpu: 8
hw.optional.neon: 1
hw.optional.arm.FEAT_DotProd: 1
hw.optional.arm.FEAT_I8MM: 0
"""


def test_linux_on_x86() -> None:
    cpu = devices.linux_cpu(X86, 99)
    assert cpu == devices.Cpu("AMD EPYC 9654", 2, 3, ("AVX2", "AVX512", "AVX512-VNNI"))


def test_linux_on_arm_tells_no_cores() -> None:
    assert devices.linux_cpu(ARM, 99) == devices.Cpu("unknown processor", 2, 2, ("NEON", "DOTPROD", "I8MM"))


def test_linux_without_proc() -> None:
    assert devices.linux_cpu("", 6) == devices.Cpu("unknown processor", 6, 6, ())


def test_macos() -> None:
    assert cpuid.darwin_facts(1, lambda names: MAC) == ("Apple M2", 8, 8, ("NEON", "DOTPROD"))
    assert cpuid.darwin_facts(4, lambda names: "") == ("unknown", 4, 4, ())


def test_windows() -> None:
    # Two cores of two threads each and a record of another kind between them, as the API lays them out.
    core = struct.pack("<II", 0, 48) + bytes(40)
    other = struct.pack("<II", 2, 56) + bytes(48)
    facts = cpuid.windows_facts("x86_64", 4, lambda code: code in (40, 19), lambda: core + other + core, lambda: "i7")
    assert facts == ("i7", 2, 4, ("AVX2",))  # NEON is not for x86, whatever the API says
    facts = cpuid.windows_facts("arm64", 8, lambda code: code in (19, 43), lambda: b"", lambda: "Snapdragon")
    assert facts == ("Snapdragon", 8, 8, ("NEON", "DOTPROD"))


@pytest.mark.parametrize("records", [b"", b"\0" * 7, struct.pack("<II", 0, 0) + bytes(40)])
def test_broken_records_of_windows_do_not_loop(records: bytes) -> None:
    assert cpuid.count_cores(records) == 0


def test_this_machine_has_a_processor_and_the_cpu_provider() -> None:
    machine = devices.this_machine()
    assert machine.cpu.logical >= machine.cpu.physical >= 1
    assert "CPUExecutionProvider" in machine.providers


@pytest.mark.parametrize(
    ("told", "name"), [("AMD64", "x86_64"), ("aarch64", "arm64"), ("arm64", "arm64"), ("riscv64",) * 2]
)
def test_one_name_for_each_architecture(told: str, name: str) -> None:
    assert devices.normal_arch(told) == name
