"""Evens out what normalizations give, channel by channel, so that one scale of 8 bits fits all channels better."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx

from models.training.rewrite import Editor

Arrays = dict[str, np.ndarray]
# Where the gain and the offset of a normalization stand among its inputs.
_GAINS = {"LayerNormalization": (1, 2), "SkipLayerNormalization": (2, 3)}


def smooth_products(editor: Editor, products: Sequence[onnx.NodeProto], seen: Arrays) -> Arrays:
    """Divide each channel of a normalization by the root of its largest value, and multiply the weights that take it.

    The graph computes the same (SmoothQuant, alpha 0.5: Xiao et al., 2022, arXiv:2211.10438). products: the MatMuls that
    will be quantized; normalizations that feed anything else stay as they are. seen: float32 (n, width) rows of the inputs;
    returned as they are afterwards.
    """
    changed = dict(seen)
    for name, rows in seen.items():
        maker = editor.maker(name)
        takers = editor.takers(name)
        if maker is None or maker.op_type not in _GAINS or name in {o.name for o in editor.graph.output}:
            continue
        if any(all(taker is not product for product in products) for taker in takers):
            continue
        shares = _shares(rows)
        for place in _GAINS[maker.op_type]:
            _rescale(editor, maker, place, 1 / shares)
        for taker in takers:
            _rescale(editor, taker, 1, shares[:, None])
        changed[name] = rows / shares
    return changed


def _shares(rows: np.ndarray) -> np.ndarray:
    """float32 (width,): by what each channel is divided, 1 in the middle."""
    largest = np.maximum(np.abs(rows).max(0), 1e-3)
    return np.sqrt(largest / np.median(largest)).astype(np.float32)


def _rescale(editor: Editor, node: onnx.NodeProto, place: int, factors: np.ndarray) -> None:
    value = editor.constant(node.input[place])
    if value is None:
        raise ValueError(f"{node.op_type} has no constant at {place}")
    node.input[place] = editor.add_constant((value * factors).astype(np.float32), "smooth")
