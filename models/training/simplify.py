"""Rewrites of an exported decoder graph into fewer nodes: a step of one token costs about a microsecond for each.

Reshapes get shapes that are known beforehand, queries, keys and values are turned together, and the scale of attention goes
into the weights. No result changes but its last bits.
"""

from __future__ import annotations

import numpy as np
import onnx

from models.training.rewrite import HEADS_FIRST, Editor, is_turn, only_taker


def fix_shapes(editor: Editor) -> None:
    """Reshape to [batch, tokens, constants ...], joined at run time -> to [0, 0, constants ...], where 0 keeps a side."""
    for node in [node for node in editor.nodes if node.op_type == "Reshape"]:
        shape = editor.maker(node.input[1])
        if shape is None or shape.op_type != "Concat":
            continue
        sides = [editor.constant(name) for name in shape.input]
        known = [side for side in sides[2:] if side is not None]
        if len(sides) > 2 and sides[0] is None and sides[1] is None and len(known) == len(sides) - 2:
            fixed = np.concatenate([[0, 0], *known]).astype(np.int64)
            editor.remove(node)
            editor.add("Reshape", [node.input[0], editor.add_constant(fixed, "shape")], node.output)


def merge_heads(editor: Editor) -> None:
    """Split, then Reshape and Transpose each part to (B, H, T, n) -> Reshape, Transpose, then Split."""
    for split in [node for node in editor.nodes if node.op_type == "Split"]:
        views = [only_taker(editor, name, "Reshape") for name in split.output]
        turns = [only_taker(editor, view.output[0], "Transpose") for view in views if view is not None]
        shapes = [editor.constant(view.input[1]) for view in views if view is not None]
        if len(turns) < len(views) or not all(is_turn(turn, HEADS_FIRST) for turn in turns):
            continue
        if any(shape is None or list(shape[:2]) != [0, 0] or list(shape) != list(shapes[0]) for shape in shapes):  # type: ignore[arg-type]
            continue
        count = len(views)
        together = np.array([0, 0, count * shapes[0][2], shapes[0][3]])  # type: ignore[index]
        whole = editor.add("Reshape", [split.input[0], editor.add_constant(together, "shape")])
        whole = editor.add("Transpose", [whole], perm=HEADS_FIRST)
        outputs = [turn.output[0] for turn in turns if turn is not None]
        editor.remove(split, *(node for node in (*views, *turns) if node is not None))
        editor.add("Split", [whole], outputs, axis=1, num_outputs=count)


def fold_scales(editor: Editor) -> None:
    """A product with weights times a number -> the product with weights (and bias) times the number."""
    for scale in [node for node in editor.nodes if node.op_type == "Mul"]:
        number = editor.constant(scale.input[1])
        if number is None or number.size != 1 or not editor.takers(scale.output[0]):
            continue
        name, share = scale.input[0], (0, 1)
        node = editor.maker(name)
        while node is not None and node.op_type in ("Transpose", "Reshape", "Split") and len(editor.takers(name)) == 1:
            share = (list(node.output).index(name), len(node.output)) if node.op_type == "Split" else share
            name = node.input[0]
            node = editor.maker(name)
        if node is not None and node.op_type == "Add" and _scale_product(editor, node, float(number.item()), share):
            taker_inputs = [(taker, index) for taker in editor.takers(scale.output[0])
                            for index, value in enumerate(taker.input) if value == scale.output[0]]  # fmt: skip
            for taker, index in taker_inputs:
                taker.input[index] = scale.input[0]
            editor.remove(scale)


def _scale_product(editor: Editor, add: onnx.NodeProto, number: float, share: tuple[int, int]) -> bool:
    """Multiply the weights and the bias of some columns, part share[0] of share[1]; False when they are not constants."""
    constants = [index for index in (0, 1) if editor.constant(add.input[index]) is not None]
    product = editor.maker(add.input[1 - constants[0]]) if len(constants) == 1 else None
    if product is None or product.op_type != "MatMul" or only_taker(editor, product.output[0], "Add") is None:
        return False
    weights, bias = editor.constant(product.input[1]), editor.constant(add.input[constants[0]])
    if weights is None or bias is None or bias.ndim != 1:
        return False
    width = len(bias) // share[1]
    factors = np.ones_like(bias)
    factors[share[0] * width : (share[0] + 1) * width] = number
    product.input[1] = editor.add_constant(weights * factors, "weights")
    add.input[constants[0]] = editor.add_constant(bias * factors, "bias")
    return True
