"""Mixes the averaged weights of a run with those that it started from (WiSE-FT: Wortsman et al. 2022, arXiv:2109.01903).

    python -m models.training.blend --run W/run --data W --start models/training/checkpoints/math-v1.pt --share 0.4 --out W/mix

A short run on new kinds of formulas forgets a part of what was known; between both sets of weights lies what reads better
than either. Rows of tokens that only the run has stay the run's.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from models.training.checkpoint import TOKEN_ROWS, load_classes, start_from
from models.training.data import load_vocabulary
from models.training.model import Config, Recognizer

Weights = dict[str, torch.Tensor]


def mixed(new: Weights, old: Weights, share: float, fresh: list[int]) -> Weights:
    """share of `new` and the rest of `old`; counters, and the rows `fresh` of tokens, as they are in `new`."""
    made = {}
    for name, value in new.items():
        blend = value.lerp(old[name], 1 - share) if value.dtype.is_floating_point else value
        if name in TOKEN_ROWS and fresh:
            blend[fresh] = value[fresh]
        made[name] = blend
    return made


def blend(run: Path, data: Path, start: Path, share: float) -> dict[str, object]:
    """The run's checkpoint, its averaged weights mixed with those of the packed file `start`."""
    saved = torch.load(run / "last.pt", map_location="cpu", weights_only=False)
    vocabulary = load_vocabulary(data / "vocabulary.json")
    model = Recognizer(Config(**saved["config"]))
    model.load_state_dict(saved["average"])
    start_from(model, start, vocabulary, load_classes(data))
    known = set(torch.load(start, map_location="cpu", weights_only=False)["vocabulary"])
    fresh = [index for index, token in enumerate(vocabulary) if token not in known]
    return saved | {"average": mixed(saved["average"], model.state_dict(), share, fresh)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True, help="packed weights (checkpoint.py)")
    parser.add_argument("--share", type=float, default=0.5, help="of the run's weights")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.save(blend(args.run, args.data, args.start, args.share), args.out / "last.pt")


if __name__ == "__main__":
    main()
