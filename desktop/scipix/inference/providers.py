"""Chooses where each graph of a model runs. A pure function of a `Machine`: no hardware is touched here.

The rules, and why:
- int8 weights run on the CPU: the GPU back ends run only part of a dynamically quantized graph and copy tensors to
  and fro for the rest.
- Apple Silicon: the encoder on CoreML as an ML program of fixed shape (the Neural Engine takes no other), the
  decoder on the CPU, because its keys and values grow with every token.
- Windows: CUDA where the build has it (NVIDIA only), else DirectML (any vendor) for the encoder; DirectML compiles
  anew for each new shape, so the decoder stays on the CPU. Windows on ARM has neither.
- Linux: CUDA where the build has it.
A build may list a provider whose hardware is missing, so every choice ends with the CPU, and `Graph` checks what it
got.
"""

from __future__ import annotations

from dataclasses import dataclass

from scipix.errors import UsageError
from scipix.inference.devices import Machine

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"
DIRECTML = "DmlExecutionProvider"
COREML = "CoreMLExecutionProvider"
# What people write on the command line and in the settings.
NAMES = {"cpu": CPU, "cuda": CUDA, "directml": DIRECTML, "coreml": COREML}
LABELS = {provider: name for name, provider in NAMES.items()}

ENCODER = "encoder"
DECODER = "decoder"
_ENCODER_THREADS = 4  # more give nothing on graphs of this size


@dataclass(frozen=True, slots=True)
class Candidate:
    """A provider to try. options: its own options. fixed_shape: pictures must be padded to one of a few sizes."""

    provider: str
    options: tuple[tuple[str, str], ...] = ()
    fixed_shape: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """candidates: in order, the last is the CPU. threads: of one session. reason: why, for the doctor."""

    candidates: tuple[Candidate, ...]
    threads: int
    reason: str


def choose(machine: Machine, role: str, precision: str, wanted: str = "auto") -> Choice:
    """Where one graph (`encoder` or `decoder`) with weights of that precision (int8, fp16, fp32) should run.

    wanted: auto, or a key of NAMES; one that is not offered here gives the CPU and says so in `reason`. Raises
    UsageError for a name that is not known at all.
    """
    if wanted != "auto" and wanted not in NAMES:
        raise UsageError(f"no such provider: {wanted} (there are auto, {', '.join(NAMES)})")
    threads = min(_ENCODER_THREADS, max(1, machine.cpu.physical)) if role == ENCODER else 1
    provider, reason = _preferred(machine, role, precision) if wanted == "auto" else (NAMES[wanted], "asked for")
    if provider not in (CPU, *machine.providers):
        provider, reason = CPU, f"{wanted} was asked for, but this build of onnxruntime does not offer it"
    elif wanted != "auto" and role == DECODER and provider in (COREML, DIRECTML):
        provider, reason = CPU, f"{wanted} cannot run a graph whose shapes grow with every token"
    candidates = () if provider == CPU else (candidate_for(provider),)
    return Choice((*candidates, Candidate(CPU)), threads, reason)


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


def candidate_for(provider: str) -> Candidate:
    """A provider with the options that suit our graphs."""
    if provider == COREML:
        options = {"ModelFormat": "MLProgram", "MLComputeUnits": "ALL", "RequireStaticInputShapes": "1"}
        return Candidate(provider, tuple(options.items()), fixed_shape=True)
    if provider == CUDA:
        # The default tries every convolution of cuDNN anew for each shape, and no two snips have the same.
        return Candidate(provider, (("cudnn_conv_algo_search", "HEURISTIC"),))
    return Candidate(provider)
