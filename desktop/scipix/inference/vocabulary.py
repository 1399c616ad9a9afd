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
    tokens that must be fed at least so that each gives the same however many there are: 1 for graphs that keep their rows
    apart, 2 where a single one is multiplied by another routine, 0 where rows depend on one another (dynamic int8)."""

    tokens: tuple[str, ...]
    max_tokens: int
    layers: int
    temperature: float
    rowwise: int = 0


def decoder_facts(model_id: str, path: Path | str, metadata: Mapping[str, str]) -> DecoderFacts:
    """Read the metadata of a decoder; raises ModelCorrupt when something is missing or makes no sense."""
    try:
        tokens = json.loads(metadata["scipix.vocab"])
        facts = DecoderFacts(
            tuple(tokens),
            int(metadata["scipix.max_tokens"]),
            int(metadata["scipix.layers"]),
            float(metadata.get("scipix.temperature", "1")),
            int(metadata.get("scipix.rowwise", "0")),
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
