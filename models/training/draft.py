"""Trains the small decoder that guesses ahead of a trained one, and exports it (scipix.inference.drafting.SmallDecoder).

    python -m models.training.draft --data DIR --start models/training/checkpoints/math-v1.pt --out DIR --minutes 8 \\
        --export models/weights/math-v1/draft.onnx

Instead of --start, --run DIR takes the averaged weights of a run. The trained network is frozen. The small one has a layer
and an embedding of its own, and reads the keys and values that the encoder has made for one layer of the large decoder, so
nothing new is encoded. It learns the next token of the truth, and how the large decoder's chances spread over the others
(distillation, Hinton et al. 2015): it must agree with that one, right or wrong. Goes on from <out>/last.pt.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.training.checkpoint import blocks_of, load_classes, start_from
from models.training.data import PAD, Batch, Batches, load_vocabulary, loader
from models.training.export import OPSET, add_metadata, load
from models.training.model import Config, Layer, Recognizer
from models.training.train import CLASSES, STAGES


class Draft(nn.Module):
    """One pre-norm decoder layer whose attention is as wide as the large decoder's, the rest narrower."""

    def __init__(self, config: Config, width: int = 128) -> None:
        super().__init__()
        inner = config.width
        self.heads = config.heads
        self.embed = nn.Embedding(config.vocabulary, width)
        self.place = nn.Embedding(config.longest, width)
        self.norm1, self.norm2, self.norm3, self.norm4 = (nn.LayerNorm(width) for _ in range(4))
        self.qkv, self.out1 = nn.Linear(width, 3 * inner), nn.Linear(inner, width)
        self.query, self.out2 = nn.Linear(width, inner), nn.Linear(inner, width)
        self.up, self.down = nn.Linear(width, 3 * width), nn.Linear(3 * width, width)
        self.logits = nn.Linear(width, config.vocabulary)

    def forward(
        self, tokens: Tensor, past: tuple[Tensor, Tensor] | None, cross: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """logits (B, T, V) of the next tokens, and keys and values (B, heads, P + T, head width) of all so far."""
        before = past[0].shape[2] if past is not None else 0
        places = torch.arange(before, before + tokens.shape[1], device=tokens.device)
        x = self.embed(tokens) + self.place(places)
        query, key, value = (self._split(part) for part in self.qkv(self.norm1(x)).chunk(3, -1))
        if past is not None:
            key, value = torch.cat([past[0], key], 2), torch.cat([past[1], value], 2)
        mask = torch.arange(before + tokens.shape[1], device=tokens.device)[None] <= places[:, None]
        x = x + self.out1(self._attend(query, key, value, mask))
        x = x + self.out2(self._attend(self._split(self.query(self.norm2(x))), *cross, None))
        x = x + self.down(functional.gelu(self.up(self.norm3(x))))
        return self.logits(self.norm4(x)), (key, value)

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, x.shape[-1] // self.heads)).transpose(1, 2)

    @staticmethod
    def _attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
        return Layer._attend(query, key, value, mask)[0].transpose(1, 2).flatten(2)


class DraftGraph(nn.Module):
    """Flat inputs and outputs around the draft."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft

    def forward(self, tokens: Tensor, past: list[Tensor], cross: list[Tensor]) -> tuple[Tensor, ...]:
        logits, present = self.draft(tokens, (past[0], past[1]), (cross[0], cross[1]))
        return logits, *present


def teach(model: Recognizer, batch: Batch, layer: int, device: torch.device) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """What the trained network says: logits (B, T, V), and the keys and values of that layer."""
    with torch.no_grad():
        ink = batch.ink.to(device, memory_format=torch.channels_last)
        _, memory = model.encoder(ink)
        crosses = [part.memory(memory) for part in model.decoder.layers]  # type: ignore[operator]
        logits, *_ = model.decoder(batch.inputs.to(device), None, crosses)
    return logits.float(), crosses[layer]


def losses(draft: Draft, model: Recognizer, batch: Batch, layer: int, device: torch.device) -> tuple[Tensor, float]:
    """The loss, and how often both choose the same token."""
    with torch.autocast(device.type, torch.bfloat16):
        wanted, cross = teach(model, batch, layer, device)
        logits, _ = draft(batch.inputs.to(device), None, cross)
    targets = batch.targets.to(device)
    real = targets != PAD
    logits, wanted = logits.float()[real], wanted[real]
    truth = functional.cross_entropy(logits, targets[real])
    spread = functional.kl_div(logits.log_softmax(-1), wanted.log_softmax(-1), log_target=True, reduction="batchmean")
    return 0.3 * truth + spread, float((logits.argmax(-1) == wanted.argmax(-1)).float().mean())


class Trainer:
    """The state of a run, and its steps."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args, self.device = args, torch.device(args.device)
        vocabulary = load_vocabulary(args.data / "vocabulary.json")
        if args.run:
            self.model, _ = load(args.run)
        else:
            self.model = Recognizer(Config(len(vocabulary), CLASSES, blocks=blocks_of(args.start))).eval()
            start_from(self.model, args.start, vocabulary, load_classes(args.data))
        self.model = self.model.to(self.device).to(memory_format=torch.channels_last).requires_grad_(False)
        self.layer = self.model.config.looking_layer
        self.draft = Draft(self.model.config, args.width).to(self.device)
        self.optimizer = torch.optim.AdamW(self.draft.parameters(), lr=args.rate, betas=(0.9, 0.98), weight_decay=0.02)
        self.state: dict[str, Any] = {"steps": 0, "samples": 0, "curve": []}
        self.file = args.out / "last.pt"
        if self.file.exists():
            saved = torch.load(self.file, map_location=self.device, weights_only=False)
            self.draft.load_state_dict(saved["draft"])
            self.optimizer.load_state_dict(saved["optimizer"])
            self.state = saved["state"]

    def save(self) -> None:
        """Write the checkpoint in one piece."""
        part = self.file.with_suffix(".part")
        torch.save(
            {"draft": self.draft.state_dict(), "optimizer": self.optimizer.state_dict(), "state": self.state}, part
        )
        os.replace(part, self.file)

    def step(self, batch: Batch, share: float) -> tuple[float, float]:
        """One update, at this share of the time; returns loss and agreement."""
        warm = min(1.0, (self.state["steps"] + 1) / 100)
        for group in self.optimizer.param_groups:
            group["lr"] = self.args.rate * warm * max(0.02, math.cos(min(share, 1.0) * math.pi / 2))
        loss, same = losses(self.draft, self.model, batch, self.layer, self.device)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.draft.parameters(), 1.0)
        self.optimizer.step()
        self.state["steps"] += 1
        self.state["samples"] += len(batch.ink)
        return float(loss.detach()), same

    def run(self) -> None:
        """Train until the minutes are over, saving on the way."""
        args = self.args
        paths = sorted((args.data / "packs").glob(args.packs))
        batches = Batches(paths, STAGES[args.stage], CLASSES, seed=args.seed + self.state["steps"])
        started = reported = saved = time.monotonic()
        sums, count = [0.0, 0.0], 0
        for batch in loader(batches, args.workers):
            now = time.monotonic()
            loss, same = self.step(batch, (now - started) / (60 * args.minutes))
            sums, count = [sums[0] + loss, sums[1] + same], count + 1
            if now - reported > args.report:
                row = {"samples": self.state["samples"], "loss": sums[0] / count, "agree": sums[1] / count}
                self.state["curve"].append(row)
                print(json.dumps({name: round(value, 4) for name, value in row.items()}), flush=True)
                sums, count, reported = [0.0, 0.0], 0, now
            if now - saved > 60 * args.save:
                self.save()
                saved = now
            if now - started > 60 * args.minutes:
                break
        self.save()


def export(draft: Draft, config: Config, layer: int, vocabulary: list[str], path: Path) -> None:
    """Write the graph, its matrix products int8."""
    from onnxruntime.quantization import QuantType, quantize_dynamic  # heavy, and only needed here

    heads, width, auto = config.heads, config.width // config.heads, torch.export.Dim.AUTO
    past, cross = ([torch.rand(2, heads, length, width) for _ in "kv"] for length in (5, 96))
    whole = path.with_suffix(".fp32.onnx")
    torch.onnx.export(
        DraftGraph(draft.cpu()).eval(), (torch.ones(2, 3, dtype=torch.int64), past, cross), str(whole), dynamo=True,
        input_names=["tokens", "past_k_0", "past_v_0", f"cross_k_{layer}", f"cross_v_{layer}"],
        output_names=["logits", "present_k_0", "present_v_0"], opset_version=OPSET, external_data=False, verbose=False,
        dynamic_shapes=({0: auto, 1: auto}, [{0: auto, 2: auto}] * 2, [{0: auto, 2: auto}] * 2),
    )  # fmt: skip
    quantize_dynamic(whole, path, op_types_to_quantize=["MatMul", "Gemm"], weight_type=QuantType.QInt8)
    whole.unlink()
    add_metadata(path, {"scipix.vocab": json.dumps(vocabulary), "scipix.max_tokens": str(config.longest),
                        "scipix.layers": "1"})  # fmt: skip
    print(f"{path}: {path.stat().st_size / 1e3:.0f} kB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--start", type=Path, help="packed weights of the trained network (checkpoint.py)")
    source.add_argument("--run", type=Path, help="or the folder of its run")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--export", type=Path, help="where to write the graph at the end")
    parser.add_argument("--packs", default="*.npz")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--stage", choices=STAGES, default="medium")
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--save", type=float, default=2, help="minutes between checkpoints")
    parser.add_argument("--report", type=float, default=20, help="seconds between lines")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(args)
    if args.minutes > 0:
        trainer.run()
    if args.export:
        vocabulary = load_vocabulary(args.data / "vocabulary.json")
        export(trainer.draft, trainer.model.config, trainer.layer, vocabulary, args.export)


if __name__ == "__main__":
    main()
