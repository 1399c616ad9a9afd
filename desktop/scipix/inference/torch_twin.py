"""A model in the shape of TrOCR (Li et al. 2021, arXiv:2109.10282) with random weights: once as transformers runs it, and
once, the very same weights, as graphs of our contract.

Needs torch, transformers, onnx and onnxscript, which Scipix itself does not. Only peer.py imports this module, by its
name, so that the frozen app goes without.
"""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any

import torch  # pyright: ignore[reportMissingImports]
import transformers  # pyright: ignore[reportMissingImports]
from torch import Tensor, nn  # pyright: ignore[reportMissingImports]
from torch.nn import functional  # pyright: ignore[reportMissingImports]

from scipix.inference.vocabulary import END, PAD, START, DecoderFacts

_LAYERS, _HEADS, _WIDTH, _HIDDEN = 6, 8, 256, 1024
_SEES, _SIDE, _PATCH = 384, 384, 16  # DeiT-S; px
_VOCABULARY, _LONGEST = 1200, 512
_OPSET = 18
# Random weights of the usual size say what the last word alone decides. These hang on all words and on the picture, and
# rounding stays a hundred times below the smallest lead of a word (larger ones make it chaotic: then transformers itself
# says something else with its cache than without).
_LIVELIER = {"q_proj": 4.0, "k_proj": 4.0, "v_proj": 2.0, "out_proj": 2.0, "fc1": 2.0, "fc2": 2.0}
_NAMES = [f"{kind}_{layer}" for layer in range(_LAYERS) for kind in ("k", "v")]

FACTS = DecoderFacts(
    ("<pad>", "<s>", "</s>", *(f"w{number}" for number in range(3, _VOCABULARY))), _LONGEST, _LAYERS, 1.0
)


class Twin:
    """transformers' side of the model. seed: of its weights."""

    def __init__(self, seed: int = 1) -> None:
        torch.manual_seed(seed)
        encoder = transformers.ViTConfig(
            hidden_size=_SEES, num_hidden_layers=12, num_attention_heads=6, intermediate_size=4 * _SEES,
            image_size=_SIDE, patch_size=_PATCH,
        )  # fmt: skip
        decoder = transformers.TrOCRConfig(
            vocab_size=_VOCABULARY, d_model=_WIDTH, decoder_layers=_LAYERS, decoder_attention_heads=_HEADS,
            decoder_ffn_dim=_HIDDEN, max_position_embeddings=_LONGEST, cross_attention_hidden_size=_SEES, pad_token_id=PAD,
            bos_token_id=START, decoder_start_token_id=START, eos_token_id=END, tie_word_embeddings=False,
        )  # fmt: skip
        config = transformers.VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
        self._model: Any = transformers.VisionEncoderDecoderModel(config).eval()
        with torch.no_grad():
            for name, value in self._model.decoder.named_parameters():
                if name.endswith(".weight"):
                    value.mul_(_LIVELIER.get(name.split(".")[-2], 1.0))

    @torch.no_grad()
    def look(self, picture: int) -> Tensor:
        """What the encoder makes of a picture of noise: float32 (1, S, 384)."""
        pixels = torch.rand(1, 3, _SIDE, _SIDE, generator=torch.Generator().manual_seed(picture)) * 2 - 1
        return self._model.encoder(pixels).last_hidden_state

    @torch.no_grad()
    def generate(self, seen: Tensor, tokens: int) -> list[int]:
        """Greedy, `tokens` at most, without `<s>`."""
        limits = transformers.GenerationConfig(
            max_new_tokens=tokens, do_sample=False, num_beams=1, decoder_start_token_id=START, bos_token_id=START,
            eos_token_id=END, pad_token_id=PAD,
        )  # fmt: skip
        outputs = transformers.modeling_outputs.BaseModelOutput(last_hidden_state=seen)
        return self._model.generate(encoder_outputs=outputs, generation_config=limits)[0, 1:].tolist()

    def export(self, folder: Path) -> tuple[Path, Path]:
        """Write what comes after the encoder as two graphs: its states (input `states`) -> keys and values of every
        decoder layer, and the decoder of our contract."""
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it misses torchvision, which nothing here needs
        with warnings.catch_warnings(action="ignore", category=FutureWarning):
            return self._export(folder)

    def _export(self, folder: Path) -> tuple[Path, Path]:
        memory, decoder = folder / "memory.onnx", folder / "decoder.onnx"
        head, auto = self._model.decoder, torch.export.Dim.AUTO
        torch.onnx.export(
            _MemoryGraph(head).eval(), (torch.rand(2, 9, _SEES),), str(memory), input_names=["states"],
            output_names=[f"cross_{name}" for name in _NAMES], dynamic_shapes=({0: auto, 1: auto},),
            opset_version=_OPSET, dynamo=True, external_data=False, verbose=False,
        )  # fmt: skip
        past, cross = ([torch.rand(2, _HEADS, length, _WIDTH // _HEADS) for _ in _NAMES] for length in (5, 9))
        free = [{0: auto, 2: auto}] * len(_NAMES)
        torch.onnx.export(
            _DecoderGraph(head).eval(), (torch.ones(2, 3, dtype=torch.int64), past, cross), str(decoder),
            input_names=["tokens", *(f"past_{name}" for name in _NAMES), *(f"cross_{name}" for name in _NAMES)],
            output_names=["logits", "attention", *(f"present_{name}" for name in _NAMES)],
            dynamic_shapes=({0: auto, 1: auto}, free, free),
            opset_version=_OPSET, dynamo=True, external_data=False, verbose=False,
        )  # fmt: skip
        return memory, decoder


def _split(x: Tensor) -> Tensor:
    """(B, N, width) -> (B, heads, N, head width)."""
    return x.unflatten(-1, (_HEADS, _WIDTH // _HEADS)).transpose(1, 2)


def _attend(part: Any, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
    """What the attention `part` adds, and where it looks (B, heads, T, S)."""
    scores = (query * part.scaling) @ key.transpose(2, 3)
    weights = (scores if mask is None else scores.masked_fill(~mask, -1e9)).softmax(-1)
    return part.out_proj((weights @ value).transpose(1, 2).flatten(2)), weights


class _MemoryGraph(nn.Module):
    def __init__(self, head: Any) -> None:
        super().__init__()
        self.layers = head.model.decoder.layers

    def forward(self, states: Tensor) -> tuple[Tensor, ...]:
        parts = [layer.encoder_attn for layer in self.layers]
        return tuple(_split(project(states)) for part in parts for project in (part.k_proj, part.v_proj))


class _DecoderGraph(nn.Module):
    """transformers' modules, called one after another as TrOCRDecoder.forward does, with the past as plain tensors."""

    def __init__(self, head: Any) -> None:
        super().__init__()
        self.body, self.words = head.model.decoder, head.output_projection

    def forward(self, tokens: Tensor, past: list[Tensor], cross: list[Tensor]) -> tuple[Tensor, ...]:
        before, body = past[0].shape[2], self.body
        places = torch.arange(before, before + tokens.shape[1])
        where = functional.embedding(places + body.embed_positions.offset, body.embed_positions.weight)
        x = body.layernorm_embedding(body.embed_tokens(tokens) + where)
        mask = torch.arange(before + tokens.shape[1])[None] <= places[:, None]
        present, looks = [], x
        for index, layer in enumerate(body.layers):
            part = layer.self_attn
            key = torch.cat([past[2 * index], _split(part.k_proj(x))], 2)
            value = torch.cat([past[2 * index + 1], _split(part.v_proj(x))], 2)
            present += [key, value]
            x = layer.self_attn_layer_norm(x + _attend(part, _split(part.q_proj(x)), key, value, mask)[0])
            part = layer.encoder_attn
            seen, looks = _attend(part, _split(part.q_proj(x)), cross[2 * index], cross[2 * index + 1], None)
            x = layer.encoder_attn_layer_norm(x + seen)
            x = layer.final_layer_norm(x + layer.fc2(layer.activation_fn(layer.fc1(x))))
        return self.words(x), looks.mean(1), *present
