"""Exports a checkpoint to the two ONNX graphs of the app: int8, or another precision.

    python -m models.training.export --run DIR --data DIR --out ../weights/math-v1 [--precision int8|fp16|fp32]

DIR of --data holds vocabulary.json and packs/, on drawings of which int8 is calibrated (quantize.py) and every precision is
checked against fp32 (checks.py). Batch normalization is folded into the convolutions, and the decoder is rewritten so that
tokens give the same bits in one call and one by one (rewrite.py). int8 and fp32 are for the CPU, fp16 is for graphics cards.
Beside a decoder for the CPU stands joined.onnx, which reads rows of unequal lengths with the decoder's weights (joined.py).
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

from models.training.checks import check_decoder, check_encoder, check_quality, together
from models.training.data import load_vocabulary
from models.training.examples import Example, draw_examples
from models.training.joined import make_joined
from models.training.model import STRIDE, Config, Decoder, Encoder, Recognizer
from models.training.quantize import encode, halve, open_graph, quantize_decoder, quantize_encoder
from models.training.rewrite import Editor, fuse_gelu, fuse_skips, keep_rows_apart
from models.training.simplify import fix_shapes, fold_scales, merge_heads

OPSET = 18
PRECISIONS = ("int8", "fp16", "fp32")
EXACT = ("int8", "fp32")  # with the rewrites that keep rows apart
CALIBRATED, CHECKED = 40, 100  # drawings


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


def convert(plain: Path, target: Path, precision: str, examples: list[Example]) -> None:
    """Write encoder.onnx and decoder.onnx in a precision; plain, target: folders."""
    encoder, decoder = plain / "encoder.onnx", plain / "decoder.onnx"
    if precision == "fp16":
        halve(encoder, target / "encoder.onnx")
        halve(decoder, target / "decoder.onnx")
        return
    editor = Editor(onnx.load(decoder))
    for rewrite in (fuse_gelu, fuse_skips, fix_shapes, fold_scales, merge_heads, keep_rows_apart):
        rewrite(editor)
    onnx.save(editor.finish(), target / "decoder.onnx")
    if precision == "fp32":
        (target / "encoder.onnx").write_bytes(encoder.read_bytes())
        return
    quantize_encoder(encoder, target / "encoder.onnx", examples)
    quantize_decoder(target / "decoder.onnx", target / "decoder.onnx", examples, encoder)


def check(plain: Path, target: Path, examples: list[Example]) -> tuple[dict[str, str], dict[str, str]]:
    """Print what the precision costs; returns what the metadata of the encoder and of the decoder must say of batches."""
    before, after = (check_quality(p / "encoder.onnx", p / "decoder.onnx", examples) for p in (plain, target))
    print(
        f"loss {before.loss:.4f} -> {after.loss:.4f}, exact {before.exact:.1%} -> {after.exact:.1%} of {len(examples)}"
    )
    inks, tokens = together(examples)
    pictures = check_encoder(target / "encoder.onnx", inks)
    cross = encode(open_graph(target / "encoder.onnx"), inks)
    rows, calls = check_decoder(target / "decoder.onnx", cross, tokens)
    print(f"equal bits: pictures of a batch {pictures}, rows of a batch {rows}, tokens of a call {calls}")
    of_rows = {"scipix.batch_invariant": str(int(rows)), "scipix.rowwise": str(int(calls))}
    return {"scipix.batch_invariant": str(int(pictures))}, of_rows


def add_metadata(path: Path, facts: dict[str, str]) -> None:
    """Write facts into a graph, so that weights and vocabulary cannot part."""
    model = onnx.load(path)
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, facts)
    onnx.save(model, path)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--which", choices=["average", "model"], default="average")
    parser.add_argument("--precision", choices=PRECISIONS, default=PRECISIONS[0])
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--threshold", type=float, default=0.0)
    return parser.parse_args()


def main() -> None:
    args = parse_arguments()
    model, state = load(args.run, args.which)
    tokens = load_vocabulary(args.data / "vocabulary.json")
    if len(tokens) != model.config.vocabulary:
        raise SystemExit(f"the run has {model.config.vocabulary} tokens, vocabulary.json {len(tokens)}")
    examples = draw_examples(args.data / "packs", CALIBRATED + CHECKED, model.config.longest, len(tokens))
    shared = {"scipix.samples": str(state["samples"])}
    decoder_facts = {
        "scipix.vocab": json.dumps(tokens, ensure_ascii=False),
        "scipix.max_tokens": str(model.config.longest), "scipix.layers": str(model.config.layers),
        "scipix.temperature": str(args.temperature), **shared,
    }  # fmt: skip
    encoder_facts = {"scipix.stride": str(STRIDE), "scipix.threshold": str(args.threshold), **shared}
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as plain, tempfile.TemporaryDirectory() as made:
        export_graphs(model, Path(plain))
        convert(Path(plain), Path(made), args.precision, examples[:CALIBRATED])
        of_pictures, of_rows = check(Path(plain), Path(made), examples[CALIBRATED:])
        for name, facts in (("encoder", encoder_facts | of_pictures), ("decoder", decoder_facts | of_rows)):
            source = Path(made, f"{name}.onnx")
            add_metadata(source, facts)
            (args.out / source.name).write_bytes(source.read_bytes())
            print(name, f"{source.stat().st_size / 1e6:.1f} MB")
    if args.precision in EXACT:
        done = make_joined(args.out / "decoder.onnx", args.out / "joined.onnx")
        print("joined", "equal bits" if done else "other bits than rows alone: not written")


if __name__ == "__main__":
    main()
