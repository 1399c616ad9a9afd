"""Which precision of a model is loaded, by device and by measured quality."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from scipix.errors import ModelCorrupt, ModelMissing
from scipix.inference import manifest
from scipix.inference.devices import Cpu, Machine
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.manifest import Model
from scipix.inference.providers import COREML, CPU, CUDA, DECODER, DIRECTML, ENCODER
from scipix.inference.store import Store
from scipix.inference.variants import choose_variant
from scipix.inference.verdicts import Calibrations, Decision, Tried, key_of
from tests.inference.tiny import DATA, make_ink

VARIANT = """
[[model.variant]]
precision = "int8"
quality = {quality}
[[model.variant.file]]
role = "encoder"
path = "weights/tiny-v1-int8/encoder.onnx"
[[model.variant.file]]
role = "decoder"
path = "weights/tiny-v1-int8/decoder.onnx"
"""


def computer(system: str, arch: str, *providers: str, features: tuple[str, ...] = ()) -> Machine:
    return Machine(system, arch, Cpu("", 4, 8, features), (*providers, CPU))


MAC = computer("macos", "arm64", COREML, features=("NEON", "DOTPROD"))
INTEL_MAC = computer("macos", "x86_64", COREML, features=("AVX2",))
NVIDIA = computer("windows", "x86_64", CUDA, DIRECTML, features=("AVX2",))
AMD = computer("windows", "x86_64", DIRECTML, features=("AVX2",))
ARM = computer("windows", "arm64", features=("NEON", "DOTPROD"))
OLD_ARM = computer("linux", "arm64", features=("NEON",))
VNNI = computer("linux", "x86_64", features=("AVX2", "AVX512", "AVX512-VNNI"))
LINUX_CUDA = computer("linux", "x86_64", CUDA, features=("AVX512-VNNI",))


@pytest.fixture
def both(models: Path) -> Path:
    """The tiny model in fp32, and in int8 by dynamic quantization."""
    folder = models / "weights" / "tiny-v1-int8"
    folder.mkdir()
    for role in (ENCODER, DECODER):
        shutil.copyfile(DATA / f"{role}_int8.onnx", folder / f"{role}.onnx")
    path = models / "manifest.toml"
    text = path.read_text("utf-8").replace('min_app = "0.1.0"', 'min_app = "0.1.0"\nquality = 0.95')
    path.write_text(text + VARIANT.format(quality=0.949), "utf-8")
    manifest.update(path, "tiny-v1")
    return models


def three(fp32: float | None, fp16: float | None, int8: float | None) -> Model:
    """A model of three variants of these qualities; no files are needed but those of the first."""
    file = manifest.ModelFile(ENCODER, "here", 1, "0" * 64)
    model = Model("m", "math", "fp32", "MIT", "c.md", "0.1.0", (file,), fp32)
    others = [replace(model, precision=name, quality=value) for name, value in (("fp16", fp16), ("int8", int8))]
    return replace(model, variants=tuple(others))


def chosen(model: Model, machine: Machine, folder: Path, *wishes: str, calibrations: Path | None = None) -> str:
    (folder / "here").write_bytes(b"1")
    return choose_variant(model, folder, lambda: machine, *wishes, calibrations=calibrations).precision


@pytest.mark.parametrize(
    ("machine", "precision"),
    [
        (MAC, "fp16"),
        (INTEL_MAC, "fp32"),
        (NVIDIA, "fp16"),
        (AMD, "fp16"),
        (ARM, "int8"),
        (OLD_ARM, "fp32"),
        (VNNI, "int8"),
        (LINUX_CUDA, "fp16"),
    ],
)
def test_by_device(machine: Machine, precision: str, tmp_path: Path) -> None:
    assert chosen(three(0.95, 0.95, 0.95), machine, tmp_path) == precision


@pytest.mark.parametrize(
    ("qualities", "precision"),
    [
        ((0.95, 0.95, 0.946), "int8"),
        ((0.95, 0.95, 0.94), "fp32"),  # too much is lost
        ((0.93, 0.95, 0.94), "fp16"),  # the others read worse
        ((0.95, None, None), "fp32"),  # nobody knows how the others read
        ((None, 0.95, 0.95), "fp32"),
    ],
)
def test_by_quality(qualities: tuple[float | None, ...], precision: str, tmp_path: Path) -> None:
    assert chosen(three(*qualities), VNNI, tmp_path) == precision


def test_by_wish(tmp_path: Path) -> None:
    assert chosen(three(0.95, 0.95, 0.5), VNNI, tmp_path, "auto", "int8") == "int8"
    only_int8 = replace(three(0.95, 0.95, 0.95), variants=(), precision="int8")
    assert chosen(only_int8, VNNI, tmp_path, "auto", "fp16") == "int8"
    assert chosen(three(0.95, 0.95, 0.95), LINUX_CUDA, tmp_path, "cpu") == "int8"


def test_by_measurement(tmp_path: Path) -> None:
    """Of variants that read equally well the one that is fastest here; for that all must have been measured."""
    file, model = tmp_path / "calibration.json", three(0.95, 0.95, 0.95)
    times = {"fp32": (9.0, 1.0), "fp16": (3.0, 2.0), "int8": (30.0, 0.9)}  # of the encoder and the decoder
    for item in model.each():
        assert chosen(model, VNNI, tmp_path, calibrations=file) == "int8"
        for role, milliseconds in zip((ENCODER, DECODER), times[item.precision], strict=True):
            decision = Decision(CPU, 1, (Tried(CPU, 1, milliseconds, ""),))
            Calibrations(file).put(key_of(VNNI, item, role), decision)
    assert chosen(model, VNNI, tmp_path, calibrations=file) == "fp32"
    assert chosen(model, VNNI, tmp_path, "cpu", calibrations=file) == "int8"


def test_one_variant_asks_for_no_machine(models: Path) -> None:
    def machine() -> Machine:
        raise AssertionError

    model = Store(models).manifest().first("math")
    assert choose_variant(model, models, machine) == model


def test_variants_are_read_written_and_verified(both: Path) -> None:
    path = both / "manifest.toml"
    model = manifest.load(path).first("math")
    plain, int8 = model.each()
    assert (plain.precision, plain.quality, int8.precision, int8.quality) == ("fp32", 0.95, "int8", 0.949)
    assert (int8.id, int8.license, int8.variants) == (model.id, model.license, ())
    assert int8.fingerprint != plain.fingerprint
    text = path.read_text("utf-8")
    assert manifest.dump((model,)) == text
    assert Store(both).verify(int8).path(ENCODER).parent.name == "tiny-v1-int8"
    (both / int8.files[0].path).write_bytes(b"x")
    with pytest.raises(ModelCorrupt):
        Store(both).verify(int8)
    (both / int8.files[0].path).unlink()
    with pytest.raises(ModelMissing):
        manifest.update(path, "tiny-v1")
    assert choose_variant(model, both, lambda: VNNI).precision == "fp32"


@pytest.mark.parametrize(
    "broken",
    ["quality = 2\n", 'quality = "good"\n', "quality = true\n", '[[model.variant]]\nprecision = "fp32"\n',
     '[[model.variant]]\nprecision = "int4"\n', "[[model.variant]]\nquality = 0.5\n"],
)  # fmt: skip
def test_variants_that_make_no_sense(models: Path, broken: str) -> None:
    path = models / "manifest.toml"
    text = path.read_text("utf-8")
    where = text.index("[[model.file]]") if broken.startswith("quality") else len(text)
    path.write_text(f"{text[:where]}\n{broken}{text[where:]}", "utf-8")
    with pytest.raises(ModelCorrupt):
        manifest.load(path)


@pytest.mark.parametrize(("machine", "precision"), [(VNNI, "int8"), (OLD_ARM, "fp32")])
def test_the_chosen_variant_is_the_one_that_reads(both: Path, machine: Machine, precision: str) -> None:
    """For real: both sets of files run on this computer."""
    store = Store(both, lambda model: choose_variant(model, both, lambda: machine))
    verified = store.open("math")
    assert verified.model.precision == precision
    model = EncoderDecoder(verified, machine)
    assert model.fingerprint == verified.model.fingerprint
    assert model.decoder.decode(model.encode(make_ink(1))).steps
    model.close()
