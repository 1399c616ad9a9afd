"""Chooses where each graph of a model runs. A pure function of a `Machine`: no hardware is touched here.

The rules, and why:
- int8 weights run on the CPU: the GPU back ends run only part of a dynamically quantized graph and copy tensors to
  and fro for the rest.
- Apple Silicon: the encoder on CoreML as an ML program of fixed shape (the Neural Engine takes no other), the
  decoder on the CPU, because its keys and values grow with every token.
- Windows: CUDA where the build has it (NVIDIA only), else DirectML (any vendor) for the encoder; DirectML compiles
  anew for each new shape, so the decoder stays on the CPU. Windows on ARM has neither.
- Linux: CUDA where the build has it.
- TensorRT (minutes of compiling) and the plug-ins (OpenVINO, WebGPU; their library has to be loaded) run the encoder,
  and only when a measurement has shown that they work and are fastest here, or the user asks for them.
A build may list a provider whose hardware is missing, so every choice ends with the CPU, and `Graph` checks what it
got.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scipix.errors import UsageError
from scipix.inference.plugins import OPENVINO, WEBGPU

if TYPE_CHECKING:
    from scipix.inference.devices import Machine

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"
TENSORRT = "TensorrtExecutionProvider"
DIRECTML = "DmlExecutionProvider"
COREML = "CoreMLExecutionProvider"
# What people write on the command line and in the settings.
NAMES = {
    "cpu": CPU,
    "cuda": CUDA,
    "tensorrt": TENSORRT,
    "directml": DIRECTML,
    "coreml": COREML,
    "openvino": OPENVINO,
    "webgpu": WEBGPU,
}
LABELS = {provider: name for name, provider in NAMES.items()}

ENCODER = "encoder"
DECODER = "decoder"
DRAFT = "draft"  # guesses ahead of the decoder, see drafting.py
JOINED = "joined"  # the decoder for rows of unequal lengths, see ragged.py
_ENCODER_THREADS = 4  # more give nothing on graphs of this size
_FOR_DECODERS = frozenset([CPU, CUDA])  # the others compile anew for each shape, and those of the decoder grow


@dataclass(frozen=True, slots=True)
class Candidate:
    """A provider to try. options: its own options. fixed_shape: pictures must be padded to one of a few sizes.

    device: of onnxruntime's kinds of memory the one where what one graph leaves for the next call stays; empty for the
    memory of the computer. alone: no two of its sessions may run at the same time. library: of a plug-in. compiled: the
    folder for what it compiles, empty for none. behind: providers that take the parts of the graph that it cannot run.
    """

    provider: str
    options: tuple[tuple[str, str], ...] = ()
    fixed_shape: bool = False
    device: str = ""
    alone: bool = False
    library: str = ""
    compiled: str = ""
    behind: tuple[str, ...] = (CPU,)


@dataclass(frozen=True, slots=True)
class Choice:
    """candidates: in order, the last is the CPU. threads: of one session. reason: why, for the doctor."""

    candidates: tuple[Candidate, ...]
    threads: int
    reason: str

    def without(self, providers: Iterable[str]) -> Choice:
        """The same without some providers; the CPU always stays."""
        gone = frozenset(providers) - {CPU}
        return replace(self, candidates=tuple(item for item in self.candidates if item.provider not in gone))

    @property
    def flexible(self) -> Choice:
        """The same without those that need fixed shapes."""
        return replace(self, candidates=tuple(item for item in self.candidates if not item.fixed_shape))


def choose(machine: Machine, role: str, precision: str, wanted: str = "auto") -> Choice:
    """Where one graph (`encoder` or `decoder`) with weights of that precision (int8, fp16, fp32) should run.

    wanted: auto, or a key of NAMES; one that is not offered here gives the CPU and says so in `reason`. Raises
    UsageError for a name that is not known at all.
    """
    if wanted != "auto" and wanted not in NAMES:
        raise UsageError(f"no such provider: {wanted} (there are auto, {', '.join(NAMES)})")
    threads = min(_ENCODER_THREADS, max(1, machine.cpu.physical)) if role == ENCODER else 1
    provider, reason = _preferred(machine, role, precision) if wanted == "auto" else (NAMES[wanted], "asked for")
    if provider != CPU and not machine.offers(provider):
        provider, reason = CPU, f"{wanted} was asked for, but this build of onnxruntime does not offer it"
    elif wanted != "auto" and role == DECODER and provider not in _FOR_DECODERS:
        reason = f"{wanted} cannot run a graph whose shapes grow with every token"
        provider = CUDA if provider == TENSORRT and machine.offers(CUDA) else CPU
    return Choice(candidates_for(machine, provider), threads, reason)


def _preferred(machine: Machine, role: str, precision: str) -> tuple[str, str]:
    if precision == "int8":
        return CPU, "int8 weights run best on the CPU"
    apple = machine.system == "macos" and machine.arch == "arm64"
    if apple and COREML in machine.providers:
        if role == ENCODER:
            return COREML, "Apple Silicon: CoreML runs the encoder"
        return CPU, "Apple Silicon: the shapes of the decoder grow, which CoreML cannot run"
    if machine.system in ("linux", "windows") and CUDA in machine.providers:
        return CUDA, "this build of onnxruntime offers CUDA"
    if machine.system == "windows" and DIRECTML in machine.providers:
        if role == ENCODER:
            return DIRECTML, "Windows: DirectML runs the encoder on any graphics card"
        return CPU, "Windows: DirectML compiles anew for every shape, and those of the decoder grow"
    return CPU, "no other provider is offered here"


def places(machine: Machine, role: str) -> list[tuple[str, int]]:
    """(provider, threads) to measure for a graph; the CPU with one thread, which the others must agree with, first."""
    threads = sorted({1, min(2, machine.cpu.logical), min(16, machine.cpu.physical)})
    found = [(CPU, count) for count in threads]
    others = [CUDA] if machine.system in ("linux", "windows") else []
    if role == ENCODER:
        others = [COREML] if (machine.system, machine.arch) == ("macos", "arm64") else [*others, TENSORRT]
        others += [DIRECTML] if machine.system == "windows" else []
        others += [OPENVINO, WEBGPU]
    return [*found, *((provider, 1) for provider in others if machine.offers(provider))]


def candidates_for(machine: Machine, provider: str) -> tuple[Candidate, ...]:
    """The provider, what stands in for it, and the CPU at the end."""
    chain = (provider, CUDA) if provider == TENSORRT and machine.offers(CUDA) else (provider,)
    others = tuple(candidate_for(name, machine.library(name)) for name in chain if name != CPU)
    return (*others, Candidate(CPU))


def candidate_for(provider: str, library: str = "") -> Candidate:
    """A provider with the options that suit our graphs. library: of a plug-in."""
    if provider == COREML:
        options = {"ModelFormat": "MLProgram", "MLComputeUnits": "ALL", "RequireStaticInputShapes": "1"}
        return Candidate(provider, tuple(options.items()), fixed_shape=True)
    # The default tries every convolution of cuDNN anew for each shape, and no two snips have the same.
    cuda = (("cudnn_conv_algo_search", "HEURISTIC"),)
    if provider == CUDA:
        return Candidate(provider, cuda, device="cuda")
    if provider == TENSORRT:
        # An engine is compiled for each shape, so there may be only few of them.
        return Candidate(provider, fixed_shape=True, device="cuda", behind=(CUDA, CPU))
    if provider == DIRECTML:
        return Candidate(provider, alone=True)
    return Candidate(provider, library=library)
