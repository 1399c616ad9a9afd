"""Converts the encoder for CoreML and checks it against the ONNX one: python packaging/macos/convert_models.py OUT_FOLDER

Makes OUT_FOLDER/math-v1-encoder.mlpackage (an ML program of half precision for macOS 14, any picture up to 2048 x 2048)
from the checkpoint that the ONNX graphs were exported from, with coremltools and PyTorch. The decoder has no such file:
its keys and values grow with every token, which CoreML cannot run.

First PyTorch is compared with ONNX, so that checkpoint and graphs are known to belong together, then, on macOS, CoreML
with PyTorch: elsewhere coremltools cannot run what it has made, and only inputs and outputs are looked at.
"""

# ruff: noqa: E402 - models/ and desktop/ are not installed where PyTorch is.
from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import coremltools as ct
import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "desktop")]

from models.training.model import Config, Recognizer
from scipix.inference.manifest import load
from scipix.inference.runtime import load_onnxruntime
from scipix.recognize.preprocess import prepare
from scipix.sources.images import read_image

CHECKPOINT = ROOT / "models/training/checkpoints/math-v1.pt"
SAMPLES = ROOT / "resources/samples"
SIDE = 32  # px: pictures are padded to multiples of it
LARGEST = 2048
# Least cosine between what two encoders see: int8 products and half precision leave some 0.999.
LEAST_SIMILARITY = 0.98


class Different(Exception):
    """Two encoders do not see the same."""


class Encoder(torch.nn.Module):
    """ink (B, 1, H, W) -> keys and values of every decoder layer, as the ONNX graph gives them."""

    def __init__(self, model: Recognizer) -> None:
        super().__init__()
        self.encoder, self.layers = model.encoder, model.decoder.layers

    def forward(self, ink: torch.Tensor) -> tuple[torch.Tensor, ...]:
        _, memory = self.encoder(ink)
        return tuple(part for layer in self.layers for part in layer.memory(memory))


def load_encoder(checkpoint: Path) -> Encoder:
    """The encoder of a small checkpoint, as models/training/checkpoint.py writes it."""
    saved = torch.load(checkpoint, map_location="cpu", weights_only=False)
    fields = {key: tuple(value) if isinstance(value, list) else value for key, value in saved["config"].items()}
    model = Recognizer(Config(**fields)).eval()
    model.load_state_dict(
        {name: value.float() if value.is_floating_point() else value for name, value in saved["weights"].items()}
    )
    return Encoder(model).eval()


def convert(encoder: Encoder, names: Sequence[str]) -> ct.models.MLModel:
    """The ML program. names: of the outputs, in the encoder's order."""
    height, width = (SIDE * torch.export.Dim(name, min=2, max=LARGEST // SIDE) for name in ("rows", "columns"))
    shapes = ({2: height, 3: width},)
    program = torch.export.export(encoder, (torch.rand(1, 1, 128, 512),), dynamic_shapes=shapes).run_decompositions({})
    return ct.convert(
        program,
        outputs=[ct.TensorType(name=name) for name in names],
        minimum_deployment_target=ct.target.macOS14,
        compute_precision=ct.precision.FLOAT16,
        convert_to="mlprogram",
    )


def pictures() -> list[np.ndarray]:
    """The samples as the encoder gets them: float32 (1, 1, H, W), padded."""
    found = []
    for path in sorted(SAMPLES.glob("*.png")):
        ink = prepare(read_image(path)).ink
        height, width = (max(64, -(-side // SIDE) * SIDE) for side in ink.shape)
        padded = np.zeros((1, 1, height, width), np.float32)
        padded[0, 0, : ink.shape[0], : ink.shape[1]] = ink
        found.append(padded)
    return found


def compare(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray], what: str) -> float:
    """Least cosine of any output. Raises Different."""
    least = min(_cosine(one[name], other[name]) for name in one)
    if least < LEAST_SIMILARITY:
        raise Different(f"{what}: outputs agree only to {least:.4f}")
    return least


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a.astype(np.float64).ravel(), b.astype(np.float64).ravel()
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def check_interface(model: ct.models.MLModel, names: Sequence[str]) -> None:
    """Raises Different when inputs and outputs are not called as those of the ONNX graph."""
    description = model.get_spec().description
    found = [item.name for item in description.input], sorted(item.name for item in description.output)
    if found != (["ink"], sorted(names)):
        raise Different(f"inputs and outputs are {found}")


def main(arguments: Sequence[str]) -> int:
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    files = load(ROOT / "models/manifest.toml").first("math").files
    (path,) = [file.path for file in files if file.role == "encoder"]
    session = load_onnxruntime().InferenceSession(ROOT / "models" / path, providers=["CPUExecutionProvider"])
    names = [item.name for item in session.get_outputs()]
    encoder = load_encoder(CHECKPOINT)
    with torch.no_grad():
        seen = [
            dict(zip(names, (x.numpy() for x in encoder(torch.from_numpy(ink))), strict=True)) for ink in pictures()
        ]
    for ink, wanted in zip(pictures(), seen, strict=True):
        found = dict(zip(names, session.run(names, {"ink": ink}), strict=True))
        print(f"ONNX and PyTorch, {ink.shape[2]} x {ink.shape[3]}: {compare(wanted, found, 'ONNX and PyTorch'):.4f}")
    begin = time.monotonic()
    model = convert(encoder, names)
    check_interface(model, names)
    target = folder / "math-v1-encoder.mlpackage"
    model.save(str(target))
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    print(f"{target}: {size / 1e6:.1f} MB, converted in {time.monotonic() - begin:.1f} s")
    if sys.platform != "darwin":
        print("not run: CoreML is there on macOS only")
        return 0
    for ink, wanted in zip(pictures(), seen, strict=True):
        print(f"CoreML and PyTorch: {compare(wanted, model.predict({'ink': ink}), 'CoreML and PyTorch'):.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
