"""The network: a residual encoder that sees glyphs, and a small transformer decoder that writes LaTeX.

Beside the next token it learns, from the dvi files, the class of the glyph in each 4 x 4 cell (dense), where each token
stands (one head's attention) and its box: supervision that makes reading come in a fraction of the steps.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDE = 8


@dataclass(frozen=True, slots=True)
class Config:
    """Sizes; `classes` counts the glyph classes of the dense head, background included."""

    vocabulary: int
    classes: int
    width: int = 256
    heads: int = 8
    layers: int = 3
    hidden: int = 768
    channels: tuple[int, int, int] = (32, 64, 192)
    blocks: tuple[int, ...] = (1, 1, 2, 4)
    longest: int = 256
    looking_layer: int = 1
    looking_heads: int = 2

    def to_json(self) -> dict[str, object]:
        return asdict(self)


class Residual(nn.Module):
    """Two 3x3 convolutions around a shortcut (He et al., 2015)."""

    def __init__(self, channels: int, dilation: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=dilation, dilation=dilation, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.norm1(self.conv1(x)))
        return functional.relu(x + self.norm2(self.conv2(y)))


def _down(inside: int, outside: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inside, outside, 3, 2, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU())


def positions_2d(height: int, width: int, channels: int, like: Tensor) -> Tensor:
    """(height * width, channels) sinusoids: half of the channels for y, half for x."""
    quarter = channels // 4
    rates = torch.exp(torch.arange(quarter, device=like.device) * (-math.log(1000.0) / quarter))
    y = torch.arange(height, device=like.device)[:, None] * rates
    x = torch.arange(width, device=like.device)[:, None] * rates
    rows = torch.cat([y.sin(), y.cos()], 1)[:, None].expand(height, width, 2 * quarter)
    columns = torch.cat([x.sin(), x.cos()], 1)[None].expand(height, width, 2 * quarter)
    return torch.cat([rows, columns], 2).reshape(height * width, channels)


class Encoder(nn.Module):
    """(B, 1, H, W) ink -> features (B, H/8, W/8, channels)."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        a, b, c = config.channels
        self.stem = nn.Sequential(_down(1, a), _down(a, b), Residual(b), _down(b, c))
        self.body = nn.Sequential(*[Residual(c, dilation) for dilation in config.blocks])
        self.project = nn.Linear(c, config.width)
        self.norm = nn.LayerNorm(config.width)

    def forward(self, ink: Tensor) -> tuple[Tensor, Tensor]:
        """Raw features (B, C, h, w) for the dense head, and memory (B, h * w, width)."""
        features = self.body(self.stem(ink))
        _, _, height, width = features.shape
        memory = self.project(features.flatten(2).transpose(1, 2))
        memory = memory + positions_2d(height, width, memory.shape[-1], memory).to(memory.dtype)
        return features, self.norm(memory)


class Layer(nn.Module):
    """Pre-norm decoder layer with a key-value cache."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        d = config.width
        self.heads = config.heads
        self.norm1, self.norm2, self.norm3 = nn.LayerNorm(d), nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv = nn.Linear(d, 3 * d)
        self.out1 = nn.Linear(d, d)
        self.query = nn.Linear(d, d)
        self.cross = nn.Linear(d, 2 * d)
        self.out2 = nn.Linear(d, d)
        self.up, self.down = nn.Linear(d, config.hidden), nn.Linear(config.hidden, d)

    def split(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        return x.view(batch, length, self.heads, width // self.heads).transpose(1, 2)

    def memory(self, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Cross keys and values, each (B, heads, S, head width)."""
        key, value = self.cross(memory).chunk(2, -1)
        return self.split(key), self.split(value)

    def forward(
        self, x: Tensor, past: tuple[Tensor, Tensor] | None, cross: tuple[Tensor, Tensor], mask: Tensor
    ) -> tuple[Tensor, tuple[Tensor, Tensor], Tensor]:
        """States, keys and values for later, and what each head looks at (B, heads, T, S)."""
        query, key, value = (self.split(part) for part in self.qkv(self.norm1(x)).chunk(3, -1))
        if past is not None:
            key, value = torch.cat([past[0], key], 2), torch.cat([past[1], value], 2)
        seen, _ = self._attend(query, key, value, mask)
        x = x + self.out1(self._joined(seen))
        query = self.split(self.query(self.norm2(x)))
        seen, weights = self._attend(query, *cross, None)
        x = x + self.out2(self._joined(seen))
        return x + self.down(functional.gelu(self.up(self.norm3(x)))), (key, value), weights

    @staticmethod
    def _attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """Plain attention: on CPUs its backward pass is several times faster than the fused kernel's in bfloat16."""
        scores = (query * (query.shape[-1] ** -0.5)) @ key.transpose(2, 3)
        if mask is not None:
            scores = scores.masked_fill(~mask, -30000.0)
        weights = scores.softmax(-1, dtype=torch.float32).to(value.dtype)
        return weights @ value, weights

    @staticmethod
    def _joined(x: Tensor) -> Tensor:
        return x.transpose(1, 2).flatten(2)


class Decoder(nn.Module):
    """Tokens, their past and the picture's keys and values -> logits of the next token, where it looks, its box."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocabulary, config.width)
        self.place = nn.Embedding(config.longest, config.width)
        self.layers = nn.ModuleList([Layer(config) for _ in range(config.layers)])
        self.norm = nn.LayerNorm(config.width)
        self.logits = nn.Linear(config.width, config.vocabulary)
        self.box = nn.Linear(config.width, 4)

    def forward(
        self, tokens: Tensor, pasts: list[tuple[Tensor, Tensor]] | None, crosses: list[tuple[Tensor, Tensor]]
    ) -> tuple[Tensor, list[tuple[Tensor, Tensor]], Tensor, Tensor]:
        """logits (B, T, V), presents, attention (B, T, S), boxes (B, T, 4) in cells relative to the attention's centre."""
        x, presents, looks = self.run(tokens, pasts, crosses)
        return self.logits(x), presents, looks[self.config.looking_layer], self.box(x)

    def run(
        self, tokens: Tensor, pasts: list[tuple[Tensor, Tensor]] | None, crosses: list[tuple[Tensor, Tensor]]
    ) -> tuple[Tensor, list[tuple[Tensor, Tensor]], list[Tensor]]:
        """Normalized states (B, T, width), presents, and where the looking heads of each layer look (B, T, S)."""
        before = pasts[0][0].shape[2] if pasts is not None else 0
        length = tokens.shape[1]
        places = torch.arange(before, before + length, device=tokens.device)
        x = self.embed(tokens) + self.place(places)
        mask = torch.arange(before + length, device=tokens.device)[None] <= places[:, None]
        presents: list[tuple[Tensor, Tensor]] = []
        looks: list[Tensor] = []
        for index, layer in enumerate(self.layers):
            x, present, weights = layer(x, pasts[index] if pasts is not None else None, crosses[index], mask)
            presents.append(present)
            looks.append(weights[:, : self.config.looking_heads].mean(1))
        return self.norm(x), presents, looks


class Recognizer(nn.Module):
    """Encoder, decoder and the heads that are used in training only."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.cells = nn.Sequential(nn.Conv2d(config.channels[2], 4 * 64, 1), nn.PixelShuffle(2), nn.ReLU())
        self.kinds = nn.Linear(64, config.classes)

    def forward(self, ink: Tensor, tokens: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """logits, attention, boxes (see Decoder), class scores (n, classes) of the chosen cells, and the trace (B, T, S):
        where the layer before the looking one looks, which is to be where the token that was just written stands.

        chosen: int64 (n,), indices into the flattened (B, H/4, W/4) cells; all cells at once would cost more than the rest.
        """
        features, memory = self.encoder(ink)
        crosses = [layer.memory(memory) for layer in self.decoder.layers]  # type: ignore[operator]
        states, _, looks = self.decoder.run(tokens, None, crosses)
        layer = self.config.looking_layer
        cells = self.cells(features).permute(0, 2, 3, 1).reshape(-1, 64)
        return (
            self.decoder.logits(states),
            looks[layer],
            self.decoder.box(states),
            self.kinds(cells[chosen]),
            looks[layer - 1],
        )
