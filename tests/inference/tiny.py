"""A tiny model of random weights in the layout of the real ones (tests/inference/data)."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from scipix.inference.devices import Cpu, Machine
from scipix.inference.encoder_decoder import GrammarTables
from scipix.inference.manifest import update

DATA = Path(__file__).parent / "data"
EXACT = DATA / "exact"  # in int8 with static scales, and with masks, as the app's own models are
PLAIN_CPU = Machine("linux", "x86_64", Cpu("test", 2, 4, ("AVX2",)), ("CPUExecutionProvider",))
TABLES = GrammarTables({"\\frac": 2, "\\sqrt": 1, "\\mathrm": 1}, frozenset(["\\sqrt"]))
MANIFEST = """schema = 1
[[model]]
id = "tiny-v1"
feature = "math"
precision = "fp32"
license = "Apache-2.0"
card = "cards/tiny-v1.md"
min_app = "0.1.0"
[[model.file]]
role = "encoder"
path = "weights/tiny-v1/encoder.onnx"
[[model.file]]
role = "decoder"
path = "weights/tiny-v1/decoder.onnx"
"""


def make_ink(case: int) -> np.ndarray:
    """The pictures of tests/inference/data/tiny_torch.py, which cannot be imported without PyTorch."""
    y, x = np.mgrid[: 32 * (1 + case % 2), : 64 + 32 * (case % 4)]
    return (((y * (3 + case) + x * (7 + 2 * case) + x * y * (1 + case % 5)) % 257) / 256).astype(np.float32)


def make_models(folder: Path) -> Path:
    """A models folder that holds the tiny model, registered."""
    weights = folder / "weights" / "tiny-v1"
    weights.mkdir(parents=True)
    for name in ("encoder.onnx", "decoder.onnx"):
        shutil.copyfile(DATA / name, weights / name)
    (folder / "manifest.toml").write_text(MANIFEST, encoding="utf-8")
    update(folder / "manifest.toml", "tiny-v1")
    return folder


def make_exact(folder: Path) -> Path:
    """A models folder that holds the tiny model whose readings may run as one."""
    weights = folder / "weights" / "exact-v1"
    shutil.copytree(EXACT, weights)
    joined = '[[model.file]]\nrole = "joined"\npath = "weights/exact-v1/joined.onnx"\n'
    text = MANIFEST.replace("tiny-v1", "exact-v1").replace('"fp32"', '"int8"') + joined
    (folder / "manifest.toml").write_text(text, encoding="utf-8")
    update(folder / "manifest.toml", "exact-v1")
    return folder
