"""Trains the recognizer on packs; stops after --minutes, goes on from its checkpoint.

    python -m models.training.train --data DIR --out DIR [--device cuda] [--minutes 60] [--stage short|medium|long]

DIR holds vocabulary.json and packs/ (typeset.py). Checkpoints: <out>/last.pt (weights, averaged weights, optimizer), every
--save minutes. The rate warms up, stays, and falls over the last --cooldown of the minutes (Hu et al., 2024, MiniCPM).
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import os
import time
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from models.training.checkpoint import blocks_of, grow, load_classes, start_from
from models.training.data import Batch, Batches, Limits, cell_mass, load_vocabulary, loader
from models.training.model import STRIDE, Config, Recognizer

STAGES = {
    "short": Limits(80, 320, 32),
    "medium": Limits(160, 704, 80),
    "long": Limits(288, 1216, 224, thrift=0.35),
}
CLASSES = 1100


class Trainer:
    """The state of a run, and its steps."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.device = torch.device(args.device)
        self.file = args.out / "last.pt"
        blocks = args.blocks or blocks_of(self.file, args.start)
        config = Config(len(load_vocabulary(args.data / "vocabulary.json")), CLASSES, blocks=blocks)
        self.model = Recognizer(config).to(self.device).to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.model).eval()
        decay = [p for p in self.model.parameters() if p.ndim > 1]
        plain = [p for p in self.model.parameters() if p.ndim <= 1]
        groups = [{"params": decay, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=args.rate, betas=(0.9, 0.98), fused=True)
        self.state: dict[str, Any] = {"steps": 0, "samples": 0, "hours": 0.0, "curve": []}
        if self.file.exists():
            self._resume()
        elif args.start:
            past = start_from(
                self.model, args.start, load_vocabulary(args.data / "vocabulary.json"), load_classes(args.data)
            )
            self.average.load_state_dict(self.model.state_dict())
            self.state |= {"samples": past["samples"], "hours": past["hours"], "curve": past["curve"]}

    def _resume(self) -> None:
        saved = torch.load(self.file, map_location=self.device, weights_only=False)
        grow(saved, self.model)
        self.model.load_state_dict(saved["model"])
        self.average.load_state_dict(saved["average"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.state = saved["state"]

    def save(self) -> None:
        """Write the checkpoint in one piece."""
        part = self.file.with_suffix(".part")
        torch.save({"model": self.model.state_dict(), "average": self.average.state_dict(), "state": self.state,
                    "optimizer": self.optimizer.state_dict(), "config": self.model.config.to_json()}, part)  # fmt: skip
        os.replace(part, self.file)

    def rate(self, elapsed: float) -> float:
        """Share of the full rate at this moment of the run."""
        warm = min(1.0, (self.state["steps"] + 1) / 300)
        left = 1.0 - elapsed / (self.args.minutes * 60)
        cool = min(1.0, max(0.02, left / self.args.cooldown)) if self.args.cooldown else 1.0
        return warm * (math.sin(cool * math.pi / 2) if cool < 1 else 1.0)

    def losses(self, batch: Batch) -> dict[str, torch.Tensor]:
        """Token, dense, attention, trace and box losses of one batch.

        The trace: heads of the first layer are told to look at the token that was written last, so that the second one,
        which looks for the next, may know from where to go on. Models that were trained without pass over one of several
        terms or rows that are alike: text alone tells badly how many of them were written.
        """
        ink = batch.ink.to(self.device, memory_format=torch.channels_last)
        cells = batch.dense.to(self.device).flatten()
        chosen = self._chosen_cells(cells)
        with torch.autocast(self.device.type, torch.bfloat16):
            logits, attention, boxes, kinds, trace = self.model(ink, batch.inputs.to(self.device), chosen)
        targets, wanted = batch.targets.to(self.device), batch.boxes.to(self.device)
        token = functional.cross_entropy(
            logits.float().flatten(0, 1), targets.flatten(), ignore_index=0, label_smoothing=0.05
        )
        glyph = functional.cross_entropy(kinds.float(), cells[chosen])
        known = wanted[..., 2] > wanted[..., 0]
        inside = cell_mass(wanted, ink.shape[2], ink.shape[3])
        look = _look_loss(attention, inside, known)
        last, begun = last_known(known)
        trace_loss = _look_loss(trace, inside.gather(1, last[..., None].expand_as(inside)), begun)
        box = self._box_loss(boxes.float(), attention.detach().float(), wanted, known, ink.shape)
        return {"token": token, "glyph": glyph, "look": look, "trace": trace_loss, "box": box}

    def _chosen_cells(self, cells: torch.Tensor) -> torch.Tensor:
        """A fixed number of cells (so that shapes repeat): five with ink of a known glyph for each of paper."""
        inked, paper = (cells > 0).nonzero()[:, 0], (cells == 0).nonzero()[:, 0]
        pick = [part[torch.randint(len(part), (count,), device=cells.device)]
                for part, count in ((inked, 1250), (paper, 250)) if len(part)]  # fmt: skip
        return torch.cat(pick)

    @staticmethod
    def _box_loss(
        boxes: torch.Tensor, attention: torch.Tensor, wanted: torch.Tensor, known: torch.Tensor, shape: torch.Size
    ) -> torch.Tensor:
        rows, columns = shape[2] // STRIDE, shape[3] // STRIDE
        place = torch.arange(rows * columns, device=boxes.device)
        x = (attention @ ((place % columns) + 0.5).float())[..., None]
        y = (attention @ ((place // columns) + 0.5).float())[..., None]
        found = boxes + torch.cat([x, y, x, y], -1)
        return functional.smooth_l1_loss(found[known], wanted[known] / STRIDE)

    def step(self, batch: Batch, elapsed: float) -> dict[str, float]:
        """One update; returns the losses as numbers."""
        rate = self.args.rate * self.rate(elapsed)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        parts = self.losses(batch)
        loss = parts["token"] + self.args.dense * parts["glyph"] + 0.3 * parts["look"] + 0.1 * parts["box"]
        loss = loss + self.args.trace * parts["trace"]
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.state["steps"] += 1
        self.state["samples"] += len(batch.ink)
        self._follow(min(0.998, 1 - 1 / (1 + self.state["steps"] / 8)))
        return {name: float(part.detach()) for name, part in parts.items()}

    @torch.no_grad()
    def _follow(self, keep: float) -> None:
        """Exponential average of the weights."""
        for mine, other in zip(self.average.state_dict().values(), self.model.state_dict().values(), strict=True):
            if mine.dtype.is_floating_point:
                mine.lerp_(other, 1 - keep)
            else:
                mine.copy_(other)

    def run(self) -> None:
        """Train until the minutes are over, saving on the way."""
        args = self.args
        paths = sorted((args.data / "packs").glob(args.packs))
        batches = Batches(paths, STAGES[args.stage], CLASSES, seed=args.seed + self.state["steps"])
        started = saved = reported = time.monotonic()
        sums: dict[str, float] = {}
        count = samples = 0
        for batch in loader(batches, args.workers):
            now = time.monotonic()
            parts = self.step(batch, now - started)
            sums = {name: sums.get(name, 0.0) + value for name, value in parts.items()}
            count, samples = count + 1, samples + len(batch.ink)
            if now - reported > args.report:
                means = {name: round(value / count, 4) for name, value in sums.items()}
                self.state["hours"] += (now - reported) / 3600
                self.state["curve"].append({"samples": self.state["samples"], **means})
                print(json.dumps({"samples": self.state["samples"], "per_second": round(samples / (now - reported), 1),
                                  "rate": round(self.rate(now - started), 3), **means}), flush=True)  # fmt: skip
                sums, count, samples, reported = {}, 0, 0, now
            if now - saved > args.save * 60:
                self.save()
                saved = now
            if now - started > args.minutes * 60:
                break
        self.save()


def last_known(known: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """For each input (the token before the target at that place) the place of the last target before it with a known box,
    int64 (B, T), and whether there is one, bool (B, T). known: bool (B, T), of the targets."""
    places = torch.arange(known.shape[1], device=known.device)
    upto = torch.where(known, places, -1).cummax(1).values
    last = functional.pad(upto[:, :-1], (1, 0), value=-1)
    return last.clamp(min=0), last >= 0


def _look_loss(attention: torch.Tensor, inside: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """How little of the attention lies where it should: mean of -log."""
    seen = (attention.float() * inside).sum(-1)[known].clamp(min=1e-4)
    return -seen.log().mean()


def _blocks(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="packed weights to start from (checkpoint.py), when --out is empty")
    parser.add_argument("--packs", default="*.npz")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--stage", choices=STAGES, default="medium")
    parser.add_argument(
        "--blocks", type=_blocks, help="dilations of the encoder's blocks; more than --start has are added"
    )
    parser.add_argument("--rate", type=float, default=8e-4)
    parser.add_argument("--dense", type=float, default=1.0)
    parser.add_argument("--trace", type=float, default=0.1, help="weight of that loss; 0 for none")
    parser.add_argument("--cooldown", type=float, default=0.0, help="share of the minutes in which the rate falls")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--save", type=float, default=4, help="minutes between checkpoints")
    parser.add_argument("--report", type=float, default=30, help="seconds between lines")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    Trainer(args).run()


if __name__ == "__main__":
    main()
