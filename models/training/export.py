"""Exports a checkpoint to the two ONNX graphs of the app, and makes them int8.

    python -m models.training.export --run DIR --data DIR --out ../weights/math-v1 [--fp32]

The convolutions stay fp32 (they are fast as they are), matrix products become int8 with weights of 8 bits and activations
quantized as they come (tech: half the time, a quarter of the size). Batch normalization is folded into the convolutions.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from itertools import pairwise
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from models.training.data import load_vocabulary
from models.training.model import STRIDE, Config, Decoder, Encoder, Recognizer

OPSET = 18


class EncoderGraph(nn.Module):
    """ink -> keys and values of every decoder layer."""

    def __init__(self, encoder: Encoder, decoder: Decoder) -> None:
        super().__init__()
        self.encoder, self.layers = encoder, decoder.layers

    def forward(self, ink: Tensor) -> tuple[Tensor, ...]:
        _, memory = self.encoder(ink)
        return tuple(part for layer in self.layers for part in layer.memory(memory))  # type: ignore[operator]


class DecoderGraph(nn.Module):
    """Flat inputs and outputs around the decoder."""

    def __init__(self, decoder: Decoder) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, tokens: Tensor, past: list[Tensor], cross: list[Tensor]) -> tuple[Tensor, ...]:
        pasts = list(zip(past[::2], past[1::2], strict=True))
        crosses = list(zip(cross[::2], cross[1::2], strict=True))
        logits, presents, attention, boxes = self.decoder(tokens, pasts, crosses)
        return logits, attention, boxes, *(part for present in presents for part in present)


def fold_norms(module: nn.Module) -> None:
    """Fold each batch normalization into the convolution before it."""
    children = list(module.named_children())
    for (name, conv), (after, norm) in pairwise(children):
        if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            setattr(module, name, fuse_conv_bn_eval(conv, norm))
            setattr(module, after, nn.Identity())
    for _, child in children:
        fold_norms(child)


def load(run: Path, which: str = "average") -> tuple[Recognizer, dict[str, object]]:
    """The network of a checkpoint, ready for inference, and the state of its run."""
    saved = torch.load(run / "last.pt", map_location="cpu", weights_only=False)
    fields = {k: tuple(v) if isinstance(v, list) else v for k, v in saved["config"].items()}
    model = Recognizer(Config(**fields)).eval()
    model.load_state_dict(saved[which])
    return model, saved["state"]


def export_graphs(model: Recognizer, folder: Path) -> None:
    """Write encoder.onnx and decoder.onnx (fp32)."""
    config = model.config
    fold_norms(model.encoder)
    layers, heads, width = config.layers, config.heads, config.width // config.heads
    names = [f"{kind}_{i}" for i in range(layers) for kind in ("k", "v")]
    auto = torch.export.Dim.AUTO
    torch.onnx.export(
        EncoderGraph(model.encoder, model.decoder).eval(), (torch.rand(2, 1, 64, 96),), str(folder / "encoder.onnx"),
        input_names=["ink"], output_names=[f"cross_{n}" for n in names], opset_version=OPSET, dynamo=True,
        dynamic_shapes=({0: torch.export.Dim("B"), 2: 32 * torch.export.Dim("H32"), 3: 32 * torch.export.Dim("W32")},),
        external_data=False, verbose=False,
    )  # fmt: skip
    past = [torch.rand(2, heads, 5, width) for _ in names]
    cross = [torch.rand(2, heads, 96, width) for _ in names]
    torch.onnx.export(
        DecoderGraph(model.decoder).eval(), (torch.ones(2, 3, dtype=torch.int64), past, cross), str(folder / "decoder.onnx"),
        input_names=["tokens", *(f"past_{n}" for n in names), *(f"cross_{n}" for n in names)],
        output_names=["logits", "attention", "boxes", *(f"present_{n}" for n in names)], opset_version=OPSET, dynamo=True,
        dynamic_shapes=({0: auto, 1: auto}, [{0: auto, 2: auto}] * len(names), [{0: auto, 2: auto}] * len(names)),
        external_data=False, verbose=False,
    )  # fmt: skip


def quantize(source: Path, target: Path) -> None:
    """Matrix products to int8 with dynamic activations."""
    from onnxruntime.quantization import QuantType, quantize_dynamic  # heavy, and only needed here

    quantize_dynamic(source, target, op_types_to_quantize=["MatMul", "Gemm"], weight_type=QuantType.QInt8)


def add_metadata(path: Path, facts: dict[str, str]) -> None:
    """Write facts into a graph, so that weights and vocabulary cannot part."""
    model = onnx.load(path)
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, facts)
    onnx.save(model, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--which", choices=["average", "model"], default="average")
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--threshold", type=float, default=0.0)
    parser.add_argument("--fp32", action="store_true")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    model, state = load(args.run, args.which)
    shared = {"scipix.samples": str(state["samples"])}
    decoder_facts = {
        "scipix.vocab": json.dumps(load_vocabulary(args.data / "vocabulary.json"), ensure_ascii=False),
        "scipix.max_tokens": str(model.config.longest), "scipix.layers": str(model.config.layers),
        "scipix.temperature": str(args.temperature), **shared,
    }  # fmt: skip
    encoder_facts = {"scipix.stride": str(STRIDE), "scipix.threshold": str(args.threshold), **shared}
    with tempfile.TemporaryDirectory() as folder:
        export_graphs(model, Path(folder))
        for name, facts in (("encoder", encoder_facts), ("decoder", decoder_facts)):
            source = Path(folder, f"{name}.onnx")
            if not args.fp32:
                quantize(source, Path(folder, f"{name}8.onnx"))
                source = Path(folder, f"{name}8.onnx")
            add_metadata(source, facts)
            (args.out / f"{name}.onnx").write_bytes(source.read_bytes())
            print(name, f"{source.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
