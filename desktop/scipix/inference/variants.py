"""Chooses the precision in which a model is loaded: by how well each variant reads, and by what this computer is.

A variant that reads clearly worse than the best one is never taken by itself. Among the others the fastest is, as far
as this computer was measured; before that a rule decides: fp16 where a graphics card runs the encoder, int8 on a
processor that multiplies bytes (VNNI, AMX, NEON's dot products), fp32 on one that does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from scipix.inference.devices import Machine
from scipix.inference.manifest import Model
from scipix.inference.providers import CPU, DECODER, ENCODER, choose
from scipix.inference.verdicts import Calibrations, key_of

MAY_LOSE = 0.005  # of the quality: half a picture in a hundred
_TOKENS = 30  # of a typical formula: so often the decoder runs for one run of the encoder
_MULTIPLIES_BYTES = frozenset(["AVX512-VNNI", "AVX-VNNI", "AMX-INT8", "DOTPROD", "I8MM"])


def choose_variant(
    model: Model,
    folder: Path,
    machine: Callable[[], Machine],
    provider: str = "auto",
    precision: str = "auto",
    calibrations: Path | None = None,
) -> Model:
    """The model in the precision to load, without variants. folder: of the models; a variant counts only when its files
    are there. machine: is asked only when there is something to choose. provider, precision: what the user wants, or
    auto. calibrations: the file of what was measured.
    """
    itself, *others = model.each()
    here = [itself, *(item for item in others if is_there(item, folder))]
    wanted = [item for item in here if item.precision == precision]
    if wanted or len(here) == 1:
        return (wanted or here)[0]
    good = _good(here)
    if len(good) == 1:
        return good[0]
    computer = machine()
    measured = _times(good, computer, calibrations) if provider == "auto" and calibrations is not None else {}
    if len(measured) == len(good):
        return min(good, key=lambda item: measured[item.precision])
    ranks = _by_rule(good, computer, provider)
    return min(good, key=lambda item: ranks.index(item.precision))


def is_there(model: Model, folder: Path) -> bool:
    """Whether all files of a model are in the models folder; a variant may have been left out."""
    return bool(model.files) and all((folder / file.path).is_file() for file in model.files)


def _good(models: Sequence[Model]) -> list[Model]:
    """Those that read about as well as the best. The first one sets the standard as long as its quality is not known,
    and what is not known of another one speaks against it."""
    first = models[0]
    if first.quality is None:
        return [first]
    best = max(item.quality or 0.0 for item in models)
    return [item for item in models if item.quality is not None and item.quality >= best - MAY_LOSE]


def _times(models: Sequence[Model], machine: Machine, file: Path) -> dict[str, float]:
    """Milliseconds of a typical formula by precision, of those that were measured."""
    known, found = Calibrations(file), {}
    for model in models:
        encoder, decoder = (known.get(key_of(machine, model, role)) for role in (ENCODER, DECODER))
        if encoder is not None and decoder is not None:
            found[model.precision] = encoder.milliseconds + _TOKENS * decoder.milliseconds
    return found


def _by_rule(models: Sequence[Model], machine: Machine, provider: str) -> list[str]:
    """Precisions, best first."""
    places = [choose(machine, ENCODER, item.precision, provider).candidates[0].provider for item in models]
    if any(place != CPU for place in places):
        return ["fp16", "fp32", "int8"]
    if _MULTIPLIES_BYTES.isdisjoint(machine.cpu.features):
        return ["fp32", "int8", "fp16"]
    return ["int8", "fp32", "fp16"]
