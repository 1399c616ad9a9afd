"""Random models of transformers, exported to the two graphs that the engine runs. Imported where PyTorch is installed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn
from transformers import (
    DeiTConfig,
    DeiTModel,
    DonutSwinConfig,
    DonutSwinModel,
    DynamicCache,
    EncoderDecoderCache,
    MBartConfig,
    MBartForCausalLM,
    TrOCRConfig,
    TrOCRForCausalLM,
    VisionEncoderDecoderModel,
    ViTConfig,
    ViTModel,
)

from scipix.inference.manifest import update

SIDE, LONGEST, LAYERS, HEADS, WIDTH = 64, 48, 2, 4, 32
VOCABULARY = ["<pad>", "<s>", "</s>", *(f"t{i}" for i in range(61))]
MANIFEST = """schema = 1
[[model]]
id = "NAME"
feature = "math"
precision = "fp32"
license = "Apache-2.0"
card = "cards/NAME.md"
min_app = "0.1.0"
[[model.file]]
role = "encoder"
path = "weights/NAME/encoder.onnx"
[[model.file]]
role = "decoder"
path = "weights/NAME/decoder.onnx"
"""


def make_model(name: str) -> VisionEncoderDecoderModel:
    """trocr, donut or deit, with weights large enough that the answers differ between pictures and steps."""
    torch.manual_seed(11)
    sizes = {"image_size": SIDE, "patch_size": 16, "hidden_size": WIDTH, "num_hidden_layers": 2}
    layers = {"num_attention_heads": HEADS, "intermediate_size": 64}
    if name == "donut":
        swin = DonutSwinConfig(
            image_size=[SIDE, SIDE], patch_size=4, embed_dim=16, depths=[1, 1], num_heads=[2, 2], window_size=4
        )
        encoder = DonutSwinModel(swin)
    else:
        encoder = DeiTModel(DeiTConfig(**sizes, **layers)) if name == "deit" else ViTModel(ViTConfig(**sizes, **layers))
    shared = {
        "vocab_size": len(VOCABULARY), "d_model": WIDTH, "decoder_layers": LAYERS, "decoder_attention_heads": HEADS,
        "decoder_ffn_dim": 64, "max_position_embeddings": LONGEST, "is_decoder": True, "add_cross_attention": True,
        "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1,
    }  # fmt: skip
    decoder = MBartForCausalLM(MBartConfig(**shared)) if name == "donut" else TrOCRForCausalLM(TrOCRConfig(**shared))
    model = VisionEncoderDecoderModel(encoder=encoder, decoder=decoder).eval()
    with torch.no_grad():
        for key, value in model.named_parameters():
            if value.ndim > 1:
                value.normal_(0.0, 1.0 if "embed" in key else 0.35)
    config = model.generation_config
    config.decoder_start_token_id, config.pad_token_id, config.eos_token_id = 1, 0, 2
    config.forced_eos_token_id = None  # MBart would put the end where no room is left; here what is cut off stays so
    return model


class Encoder(nn.Module):
    """ink -> keys and values of every decoder layer."""

    def __init__(self, model: VisionEncoderDecoderModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, ink: Tensor) -> tuple[Tensor, ...]:
        states = self.model.encoder(pixel_values=ink.expand(-1, 3, -1, -1)).last_hidden_state
        found = []
        for layer in self.model.decoder.model.decoder.layers:
            for project in (layer.encoder_attn.k_proj, layer.encoder_attn.v_proj):
                found.append(project(states).unflatten(-1, (HEADS, WIDTH // HEADS)).transpose(1, 2))
        return tuple(found)


class Decoder(nn.Module):
    """Flat inputs and outputs around the decoder and its caches."""

    def __init__(self, model: VisionEncoderDecoderModel) -> None:
        super().__init__()
        self.decoder = model.decoder

    def forward(self, tokens: Tensor, past: list[Tensor], cross: list[Tensor]) -> tuple[Tensor, ...]:
        cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
        for layer in range(LAYERS):
            cache.self_attention_cache.update(past[2 * layer], past[2 * layer + 1], layer)
            cache.cross_attention_cache.update(cross[2 * layer], cross[2 * layer + 1], layer)
            cache.is_updated[layer] = True
        unused = cross[0].new_zeros(cross[0].shape[0], cross[0].shape[2], WIDTH)
        out = self.decoder(input_ids=tokens, encoder_hidden_states=unused, past_key_values=cache, use_cache=True)
        kept = out.past_key_values.self_attention_cache.layers
        return (out.logits, *(part for layer in kept for part in (layer.keys, layer.values)))


def export(model: VisionEncoderDecoderModel, name: str, folder: Path) -> Path:
    """A models folder with that model, registered."""
    weights = folder / "weights" / name
    weights.mkdir(parents=True)
    names, auto = [f"{kind}_{i}" for i in range(LAYERS) for kind in "kv"], torch.export.Dim.AUTO
    encoder, ink = Encoder(model), torch.rand(1, 1, SIDE, SIDE)
    with torch.no_grad():
        cells = encoder(ink)[0].shape[2]
    torch.onnx.export(
        encoder, (ink,), str(weights / "encoder.onnx"), dynamo=True, verbose=False, external_data=False,
        input_names=["ink"], output_names=[f"cross_{name}" for name in names],
    )  # fmt: skip
    past = [torch.rand(2, HEADS, 5, WIDTH // HEADS) for _ in names]
    cross = [torch.rand(2, HEADS, cells, WIDTH // HEADS) for _ in names]
    torch.onnx.export(
        Decoder(model), (torch.ones(2, 3, dtype=torch.int64), past, cross), str(weights / "decoder.onnx"),
        dynamo=True, verbose=False, external_data=False,
        input_names=["tokens", *(f"past_{name}" for name in names), *(f"cross_{name}" for name in names)],
        output_names=["logits", *(f"present_{name}" for name in names)],
        dynamic_shapes=({0: auto, 1: auto}, [{0: auto, 2: auto}] * len(names), [{0: auto}] * len(names)),
    )  # fmt: skip
    annotate(weights / "encoder.onnx", {"scipix.stride": "8"})
    facts = {"scipix.vocab": json.dumps(VOCABULARY), "scipix.max_tokens": str(LONGEST), "scipix.layers": str(LAYERS)}
    annotate(weights / "decoder.onnx", {**facts, "scipix.rowwise": "2"})
    (folder / "manifest.toml").write_text(MANIFEST.replace("NAME", name), encoding="utf-8")
    update(folder / "manifest.toml", name)
    return folder


def annotate(path: Path, facts: dict[str, str]) -> None:
    graph = onnx.load(path)
    onnx.helper.set_model_props(graph, facts)
    onnx.save(graph, path)


def make_ink(case: int) -> np.ndarray:
    """float32 (SIDE, SIDE)."""
    return np.random.default_rng(case).random((SIDE, SIDE), dtype=np.float32)


@torch.no_grad()
def generate(model: VisionEncoderDecoderModel, ink: np.ndarray, beams: int, penalty: float, limit: int):
    """(tokens without <s> and what follows the end, the smallest lead of a greedy choice or the beam's score)."""
    pixels = torch.from_numpy(ink)[None, None].expand(-1, 3, -1, -1)
    out = model.generate(
        pixel_values=pixels, max_new_tokens=limit, num_beams=beams, do_sample=False, length_penalty=penalty,
        suppress_tokens=[0, 1], output_scores=True, return_dict_in_generate=True,
    )  # fmt: skip
    tokens = out.sequences[0].tolist()[1:]
    tokens = tokens[: tokens.index(2)] if 2 in tokens else tokens
    if beams > 1:
        return tuple(tokens), float(out.sequences_scores[0])
    best = torch.stack(out.scores)[:, 0].topk(2).values
    return tuple(tokens), float((best[:, 0] - best[:, 1]).min())
