"""Packs a run into a small file to go on from elsewhere, and starts a network from such a file.

    python -m models.training.checkpoint --run W/run --data W --out models/training/checkpoints/math-v1.pt

The averaged weights as float16, with the vocabulary and the glyph classes that they were trained on. A run started from it
(`train.py --start FILE`) may have other tokens and classes: rows are matched by name, new ones start at random. It may be
deeper, too (`--blocks`): blocks of the encoder that the file lacks follow its own, and change nothing at first.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch

from models.training.data import load_vocabulary
from models.training.model import Config, Recognizer

TOKEN_ROWS = ("decoder.embed.weight", "decoder.logits.weight", "decoder.logits.bias")
CLASS_ROWS = ("kinds.weight", "kinds.bias")


def load_classes(data: Path) -> list[str]:
    """Names of the glyph classes by id."""
    classes = json.loads((data / "packs" / "classes.json").read_text())
    return sorted(classes, key=classes.__getitem__)


def pack(run: Path, data: Path, out: Path) -> None:
    """Write the small file."""
    saved = torch.load(run / "last.pt", map_location="cpu", weights_only=False)
    half = {name: value.half() if value.dtype.is_floating_point else value for name, value in saved["average"].items()}
    facts = {"vocabulary": load_vocabulary(data / "vocabulary.json"), "classes": load_classes(data)}
    out.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"weights": half, "config": saved["config"], "state": saved["state"], **facts}, out)
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB, {saved['state']['samples']} pictures seen")


def blocks_of(*files: Path | None) -> tuple[int, ...]:
    """The encoder's blocks in the first of these files that exists, a run's or a packed one; the usual ones without any."""
    for file in files:
        if file is not None and file.exists():
            return tuple(torch.load(file, map_location="cpu", weights_only=False)["config"]["blocks"])
    return Config(0, 0).blocks


def start_from(model: Recognizer, file: Path, vocabulary: list[str], classes: list[str]) -> dict[str, Any]:
    """Load the weights into a network of the same sizes, or a deeper one; returns the state of the run that they come from."""
    saved = torch.load(file, map_location="cpu", weights_only=False)
    weights = {
        name: value.float() if value.dtype.is_floating_point else value for name, value in saved["weights"].items()
    }
    own = model.state_dict()
    for names, rows, old in ((vocabulary, TOKEN_ROWS, saved["vocabulary"]), (classes, CLASS_ROWS, saved["classes"])):
        place = {name: index for index, name in enumerate(old)}
        pairs = [(new, place[name]) for new, name in enumerate(names) if name in place]
        for row in rows:
            # Classes without a name have learnt to stay low; fresh rows would drown the others in large logits.
            kept = row in CLASS_ROWS and len(weights[row]) == len(own[row])
            merged = (weights if kept else own)[row].clone().to(own[row])
            merged[[new for new, _ in pairs]] = weights[row][[past for _, past in pairs]].to(merged.device)
            weights[row] = merged
    model.load_state_dict(added_blocks(own, weights) | weights)
    return saved["state"]


def added_blocks(own: dict[str, torch.Tensor], weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The encoder's blocks that only the new network `own` has, with what they add to their shortcut scaled to nothing
    (Goyal et al., 2017, arXiv:1706.02677, 5.1)."""
    new = {
        name: value.clone() for name, value in own.items() if name.startswith("encoder.body.") and name not in weights
    }
    for name, value in new.items():
        if name.endswith("norm2.weight"):
            value.zero_()
    return new


def grow(saved: dict[str, Any], model: Recognizer) -> None:
    """Give a saved run the rows of tokens that were appended to the vocabulary since: as new in `model`, without moments."""
    own = model.state_dict()
    for weights in (saved["model"], saved["average"]):
        for row in TOKEN_ROWS:
            weights[row] = torch.cat([weights[row], own[row][len(weights[row]) :].to(weights[row])])
    parameters = list(model.named_parameters())
    ordered = [p for p in parameters if p[1].ndim > 1] + [
        p for p in parameters if p[1].ndim <= 1
    ]  # as train.py groups them
    for index, (name, parameter) in enumerate(ordered):
        moments = saved["optimizer"]["state"].get(index, {})
        if name in TOKEN_ROWS:
            for key in ("exp_avg", "exp_avg_sq"):
                more = torch.zeros_like(parameter[len(moments[key]) :]).to(moments[key])
                moments[key] = torch.cat([moments[key], more])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    pack(args.run, args.data, args.out)


if __name__ == "__main__":
    main()
