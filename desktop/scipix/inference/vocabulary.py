"""What the exporter wrote into a decoder's metadata: its tokens, limits and calibration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scipix.errors import ModelCorrupt

PAD, START, END = 0, 1, 2
_SPECIAL = ("<pad>", "<s>", "</s>")


@dataclass(frozen=True, slots=True)
class DecoderFacts:
    """tokens: index = id; 0 `<pad>`, 1 `<s>`, 2 `</s>`. max_tokens: positions that the decoder has. layers: how many
    keys and values it carries. temperature: divides the logits before they become probabilities (calibration). rowwise:
    whether several tokens fed at once give what they give one by one; graphs that quantize a whole tensor do not."""

    tokens: tuple[str, ...]
    max_tokens: int
    layers: int
    temperature: float
    rowwise: bool = False


def decoder_facts(model_id: str, path: Path | str, metadata: Mapping[str, str]) -> DecoderFacts:
    """Read the metadata of a decoder; raises ModelCorrupt when something is missing or makes no sense."""
    try:
        tokens = json.loads(metadata["scipix.vocab"])
        facts = DecoderFacts(
            tuple(tokens),
            int(metadata["scipix.max_tokens"]),
            int(metadata["scipix.layers"]),
            float(metadata.get("scipix.temperature", "1")),
            metadata.get("scipix.rowwise") == "1",
        )
    except KeyError as exc:
        raise ModelCorrupt(model_id, path, f"its metadata lack {exc.args[0]}") from exc
    except (TypeError, ValueError) as exc:
        raise ModelCorrupt(model_id, path, f"its metadata cannot be read: {exc}") from exc
    if not all(isinstance(token, str) for token in facts.tokens) or facts.tokens[:3] != _SPECIAL:
        raise ModelCorrupt(model_id, path, f"its vocabulary does not begin with {', '.join(_SPECIAL)}")
    if facts.max_tokens < 1 or facts.layers < 1 or not facts.temperature > 0:
        raise ModelCorrupt(model_id, path, "its limits or its temperature make no sense")
    return facts
