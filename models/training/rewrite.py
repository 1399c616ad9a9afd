"""Rewrites of an exported decoder graph that change no result but its last bits: fewer and larger nodes, rows kept apart.

onnxruntime multiplies a single row (M = 1) with another kernel than several, so a product over all new tokens at once gives
other last bits than the tokens one by one. `keep_rows_apart` changes attention so that T tokens in one call give what T calls
give. The fusions are onnxruntime's own operators (domain com.microsoft), which its
optimizer does not find in these graphs.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

CONTRIB = "com.microsoft"
HEADS_FIRST = [0, 2, 1, 3]  # (B, T, H, n) -> (B, H, T, n), and back


class Editor:
    """A graph under change: who makes and who takes each value."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self.graph = model.graph
        self._constants = {item.name: item for item in self.graph.initializer}
        values = (name for node in self.graph.node for name in (node.name, *node.output))
        self._taken = {*values, *self._constants, *(item.name for item in self.graph.input)}

    @property
    def nodes(self) -> list[onnx.NodeProto]:
        """A copy of the list, so that nodes can be added and removed while going over it."""
        return list(self.graph.node)

    def maker(self, name: str) -> onnx.NodeProto | None:
        """The node that makes a value; None for inputs and constants."""
        return next((node for node in self.graph.node if name in node.output), None)

    def takers(self, name: str) -> list[onnx.NodeProto]:
        """The nodes that take a value."""
        return [node for node in self.graph.node if name in node.input]

    def constant(self, name: str) -> np.ndarray | None:
        """The value of an initializer; None for anything else."""
        return numpy_helper.to_array(self._constants[name]) if name in self._constants else None

    def add_constant(self, array: np.ndarray, hint: str) -> str:
        """A new initializer; returns its name."""
        item = numpy_helper.from_array(np.ascontiguousarray(array), self.fresh(hint))
        self.graph.initializer.append(item)
        self._constants[item.name] = item
        return item.name

    def fresh(self, hint: str) -> str:
        """A name that no value has."""
        name = next(name for number in count(1) if (name := f"{hint}.{number}") not in self._taken)
        self._taken.add(name)
        return name

    def add(self, op: str, inputs: Sequence[str], outputs: Sequence[str] = (), domain: str = "", **facts: Any) -> str:
        """A new node; returns the name of its first output. outputs: their names, one fresh one by default."""
        outputs = list(outputs) or [self.fresh(op.lower())]
        self.graph.node.append(onnx.helper.make_node(op, list(inputs), outputs, self.fresh(op), domain=domain, **facts))
        return outputs[0]

    def remove(self, *nodes: onnx.NodeProto) -> None:
        for node in nodes:
            self.graph.node.remove(node)

    def finish(self) -> onnx.ModelProto:
        """Drop what nothing needs, put the nodes in order, name the domains; returns the model."""
        wanted = {item.name for item in self.graph.output}
        kept = self._needed(wanted)
        used = {name for node in kept for name in node.input} | wanted
        constants = [item for item in self.graph.initializer if item.name in used]
        del self.graph.node[:], self.graph.initializer[:], self.graph.value_info[:]
        self.graph.node.extend(kept)
        self.graph.initializer.extend(constants)
        if any(node.domain == CONTRIB for node in kept) and all(o.domain != CONTRIB for o in self.model.opset_import):
            self.model.opset_import.append(onnx.helper.make_opsetid(CONTRIB, 1))
        return self.model

    def _needed(self, wanted: set[str]) -> list[onnx.NodeProto]:
        """The nodes that lead to the wanted values, each after those that it needs."""
        makers = {name: node for node in self.graph.node for name in node.output if name}
        ordered: list[onnx.NodeProto] = []
        seen: set[str] = set()
        stack = [(makers[name], False) for name in wanted if name in makers]
        while stack:
            node, ready = stack.pop()
            if ready:
                ordered.append(node)
            elif node.output[0] not in seen:
                seen.add(node.output[0])
                stack.append((node, True))
                stack += [(makers[name], False) for name in node.input if name in makers]
        return ordered


def is_turn(node: onnx.NodeProto | None, order: Sequence[int]) -> bool:
    """Whether a node is a Transpose into that order."""
    return node is not None and node.op_type == "Transpose" and list(node.attribute[0].ints) == list(order)


def only_taker(editor: Editor, name: str, op: str) -> onnx.NodeProto | None:
    """The node that takes a value, when there is one only, and of that kind."""
    takers = editor.takers(name)
    return takers[0] if len(takers) == 1 and takers[0].op_type == op else None


def fuse_gelu(editor: Editor) -> None:
    """x * 0.5 * (1 + erf(x / sqrt 2)) -> Gelu."""
    for erf in [node for node in editor.nodes if node.op_type == "Erf"]:
        divide = editor.maker(erf.input[0])
        if divide is None or divide.op_type != "Div":
            continue
        source = divide.input[0]
        name = erf.output[0]
        while (last := editor.maker(name)) and not (last.op_type == "Mul" and source in last.input):
            takers = editor.takers(name)
            name = takers[0].output[0] if len(takers) == 1 and takers[0].op_type in ("Add", "Mul") else ""
        if last is not None:
            editor.remove(last)
            editor.add("Gelu", [source], [name], CONTRIB)


def fuse_skips(editor: Editor) -> None:
    """A sum that is normalized -> SkipLayerNormalization, which gives both."""
    for norm in [node for node in editor.nodes if node.op_type == "LayerNormalization"]:
        add = editor.maker(norm.input[0])
        if add is None or add.op_type != "Add" or any(editor.constant(name) is not None for name in add.input):
            continue
        epsilon = next(fact.f for fact in norm.attribute if fact.name == "epsilon")
        inputs, total, normed = [*add.input, *norm.input[1:]], add.output[0], norm.output[0]
        editor.remove(add, norm)
        editor.add("SkipLayerNormalization", inputs, [normed, "", "", total], CONTRIB, epsilon=epsilon)


def keep_rows_apart(editor: Editor) -> None:
    """Make each token's attention the same bits in a call of one token and of several.

    Where the keys are the picture's, each token's product becomes one of a batch: (B, H, T, 1, n) x (B, H, 1, n, S).
    Where they are the past's (masked), a call of several tokens has more keys than one of its tokens alone, and only the
    kernel for many rows gives the same sums with zeros after them: there a row of zeros is added, so that M is never 1.
    """
    masks: dict[str, str] = {}
    for softmax in [node for node in editor.nodes if node.op_type == "Softmax"]:
        before = editor.maker(softmax.input[0])
        last = next((node for node in editor.takers(softmax.output[0]) if node.op_type == "MatMul"), None)
        if before is None or last is None:
            continue
        if before.op_type == "Where":
            _add_row(editor, before, last, masks)
        elif before.op_type == "MatMul":
            _batch_rows(editor, before, softmax, last)


def _add_row(editor: Editor, where: onnx.NodeProto, last: onnx.NodeProto, masks: dict[str, str]) -> None:
    """where: (hidden (T, P), -30000, scores (B, H, T, P)) -> weights."""
    scores = editor.maker(where.input[2])
    if scores is None or scores.op_type != "MatMul":
        return
    scores.input[0] = editor.add(
        "Pad", [scores.input[0], editor.add_constant(np.array([0, 0, 0, 0, 0, 0, 1, 0]), "row")]
    )
    hidden = where.input[0]
    if hidden not in masks:
        masks[hidden] = editor.add("Pad", [hidden, editor.add_constant(np.array([0, 0, 1, 0]), "row")])
    where.input[0] = masks[hidden]
    bounds = [editor.add_constant(np.array([value]), "bound") for value in (0, -1, 2)]
    output, last.output[0] = last.output[0], editor.fresh("padded")
    editor.add("Slice", [last.output[0], *bounds], [output])


def _batch_rows(editor: Editor, scores: onnx.NodeProto, softmax: onnx.NodeProto, last: onnx.NodeProto) -> None:
    turn = editor.maker(scores.input[1])
    if turn is None or not is_turn(turn, [0, 1, 3, 2]):
        return
    two, three = (editor.add_constant(np.array([axis]), "axis") for axis in (2, 3))
    keys = editor.add("Transpose", [editor.add("Unsqueeze", [turn.input[0], two])], perm=[0, 1, 2, 4, 3])
    scores.input[:] = [_apart(editor, scores.input[0], three), keys]
    weights = softmax.output[0]
    if any(node is not last for node in editor.takers(weights)) or weights in {o.name for o in editor.graph.output}:
        softmax.output[0] = editor.fresh("weights")
        editor.add("Squeeze", [softmax.output[0], three], [weights])
    last.input[:] = [softmax.output[0], editor.add("Unsqueeze", [last.input[1], two])]
    output, last.output[0] = last.output[0], editor.fresh("apart")
    turn = only_taker(editor, output, "Transpose")
    if turn is not None and is_turn(turn, HEADS_FIRST) and only_taker(editor, turn.output[0], "Reshape"):
        editor.remove(turn)
        editor.add("Transpose", [last.output[0]], turn.output, perm=[*HEADS_FIRST, 4])
    else:
        editor.add("Squeeze", [last.output[0], three], [output])


def _apart(editor: Editor, rows: str, three: str) -> str:
    """(B, H, T, n) -> (B, H, T, 1, n), within the Reshape before it where its shape is known."""
    turn = editor.maker(rows)
    view = editor.maker(turn.input[0]) if turn is not None and is_turn(turn, HEADS_FIRST) else None
    shape = editor.constant(view.input[1]) if view is not None and view.op_type == "Reshape" else None
    if view is None or shape is None or len(shape) != 4:
        return editor.add("Unsqueeze", [rows, three])
    view = editor.add("Reshape", [view.input[0], editor.add_constant(np.insert(shape, 3, 1), "shape")])
    return editor.add("Transpose", [view], perm=[*HEADS_FIRST, 4])
