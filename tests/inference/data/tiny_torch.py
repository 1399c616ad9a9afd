"""A tiny encoder-decoder in PyTorch that follows the contract of the math models, with random weights.

The golden file beside it and the ONNX files come from here (make_tiny.py); where PyTorch is installed,
test_decoding_torch.py runs it again. Nothing here is trained: it answers with varied nonsense.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

WIDTH, HEADS, LAYERS, MAX_TOKENS = 32, 4, 2, 40
VOCABULARY = [
    "<pad>", "<s>", "</s>", "{", "}", "^", "_", "&", "\\\\", "\\frac", "\\sqrt", "\\mathrm", "\\left", "\\right", "(",
    ")", "[", "]", ".", "|", "\\begin{matrix}", "\\end{matrix}", "\\begin{cases}", "\\end{cases}", "'", "+", "-", "=",
    "\\alpha", "\\sum", "\\limits", *"abcdefgxyz0123456789",
]  # fmt: skip


def split(x: Tensor) -> Tensor:
    """(B, N, width) -> (B, heads, N, head width)."""
    return x.unflatten(-1, (HEADS, WIDTH // HEADS)).transpose(1, 2)


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.look = nn.Conv2d(1, WIDTH, 8, 8)
        self.mix = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)
        self.keys = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(LAYERS))
        self.values = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(LAYERS))

    def forward(self, ink: Tensor) -> tuple[Tensor, ...]:
        seen = torch.tanh(self.mix(torch.tanh(self.look(ink))))
        rows, columns = seen.shape[2], seen.shape[3]
        cells = seen.flatten(2).transpose(1, 2)
        out = []
        for key, value in zip(self.keys, self.values, strict=True):
            out += [split(key(cells)), split(value(cells))]
        top = torch.arange(rows)[:, None].expand(rows, columns).flatten() * 8.0
        left = torch.arange(columns)[None].expand(rows, columns).flatten() * 8.0
        boxes = torch.stack([left, top, left + 8, top + 8], -1)[None] + 0 * cells[..., :4]
        return (*out, boxes)


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.query = nn.Linear(WIDTH, WIDTH)
        self.grow = nn.Linear(WIDTH, 2 * WIDTH)
        self.shrink = nn.Linear(2 * WIDTH, WIDTH)
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(3))

    def forward(self, x: Tensor, past: tuple[Tensor, Tensor], cross: tuple[Tensor, Tensor], mask: Tensor):
        q, k, v = (split(part) for part in self.qkv(self.norms[0](x)).chunk(3, -1))
        k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        weights = (q @ k.transpose(-1, -2) / (WIDTH // HEADS) ** 0.5 + mask).softmax(-1)
        x = x + (weights @ v).transpose(1, 2).flatten(2)
        q = split(self.query(self.norms[1](x)))
        looks = (q @ cross[0].transpose(-1, -2) / (WIDTH // HEADS) ** 0.5).softmax(-1)
        x = x + (looks @ cross[1]).transpose(1, 2).flatten(2)
        return x + self.shrink(torch.tanh(self.grow(self.norms[2](x)))), (k, v), looks.mean(1)


class Decoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(len(VOCABULARY), WIDTH)
        self.places = nn.Embedding(MAX_TOKENS, WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)
        self.out = nn.Linear(WIDTH, len(VOCABULARY))

    def forward(self, tokens: Tensor, past: list[Tensor], cross: list[Tensor]) -> tuple[Tensor, ...]:
        before, count = past[0].shape[2], tokens.shape[1]
        place = torch.arange(count) + before
        x = self.embed(tokens) + self.places(place)
        mask = (torch.arange(before + count)[None] > place[:, None]) * -1e9
        present, looks = [], x
        for i, layer in enumerate(self.layers):
            x, pair, looks = layer(x, (past[2 * i], past[2 * i + 1]), (cross[2 * i], cross[2 * i + 1]), mask)
            present += pair
        return (self.out(self.norm(x)), *present, looks)


def make_models(seed: int = 5) -> tuple[Encoder, Decoder]:
    """Random models; weights larger than usual, so that the answers differ between pictures and steps."""
    torch.manual_seed(seed)
    encoder, decoder = Encoder().eval(), Decoder().eval()
    with torch.no_grad():
        for name, value in [*encoder.named_parameters(), *decoder.named_parameters()]:
            if value.ndim > 1:
                value.mul_(8.0 if "look" in name or "query" in name else 1.0 if "embed" in name else 4.0)
    return encoder, decoder


def make_ink(case: int) -> np.ndarray:
    """A picture of exact fractions, the same on every machine: float32 (32 or 64, 64 to 160)."""
    y, x = np.mgrid[: 32 * (1 + case % 2), : 64 + 32 * (case % 4)]
    return (((y * (3 + case) + x * (7 + 2 * case) + x * y * (1 + case % 5)) % 257) / 256).astype(np.float32)


@torch.no_grad()
def greedy(encoder: Encoder, decoder: Decoder, ink: np.ndarray) -> tuple[list[int], list[float], float]:
    """Tokens, their log-probabilities, and the smallest lead of a best token. No cache: the prefix is fed each time."""
    *cross, _ = encoder(torch.from_numpy(ink)[None, None])
    past = [torch.zeros(1, HEADS, 0, WIDTH // HEADS) for _ in range(2 * LAYERS)]
    tokens, scores, lead = [1], [], np.inf
    while len(tokens) <= MAX_TOKENS:
        logits = decoder(torch.tensor([tokens]), past, cross)[0][0, -1]
        best = logits.clone()
        best[:2] = -torch.inf
        top = best.topk(2)
        lead = min(lead, float(top.values[0] - top.values[1]))
        token = int(top.indices[0])
        if token == 2:
            break
        scores.append(float(logits.log_softmax(-1)[token]))
        tokens.append(token)
    return tokens[1:], scores, lead
