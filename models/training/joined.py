"""Makes of a decoder graph one for rows of unequal lengths, with masks, that borrows the decoder's weights.

    python -m models.training.joined --decoder ../weights/math-v1/decoder.onnx

Writes joined.onnx beside the decoder and checks that every row gets the bits that the decoder gives it alone; where it does
not, nothing is written. It has the decoder's inputs, padded at their ends, and two more: `past_length` and `cross_length`,
int64 (B,), how much of each row is real. New keys and values are put right behind the real past instead of behind all of
it, so that each row's own are in one piece from the beginning on; what is behind them is masked. Then the kernels add the
same numbers in the same order as for the row alone, and zeros after them.

The file names the bytes of decoder.onnx in which each weight lies, so it is of a few pages only and belongs to that very
file; its metadata say which (`scipix.decoder`, SHA-256).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx

from models.training.checks import check_joined
from models.training.rewrite import Editor
from scipix.inference.manifest import sha256_of

HIDDEN = -30000.0  # the score of what is padding; that of real cells is some tens
BORROWED = 1024  # bytes; smaller constants are copied, some of them are shapes that must be known early


def let_lengths_differ(editor: Editor) -> None:
    """Give a decoder (rewritten as `export.convert` does) the two inputs, and use them.

    Raises ValueError for a graph that is laid out in another way.
    """
    heads = _heads(editor)
    for name in ("past_length", "cross_length"):
        editor.graph.input.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.INT64, ["rows"]))
    lengths = editor.add("Unsqueeze", ["past_length", _numbers(editor, 1)])
    places = editor.add("Add", [lengths, _count(editor, "tokens", 1)])  # (B, T): of the new tokens
    lookups = [node for node in editor.nodes if node.op_type == "Gather" and _is_range(editor, node.input[1])]
    masks = [node for node in editor.nodes if node.op_type == "Where"]
    joints = [node for node in editor.nodes if node.op_type == "Concat" and node.input[0].startswith("past_")]
    looks = [node for node in editor.nodes if node.op_type == "Softmax" and _is(editor, node.input[0], "MatMul")]
    if len(lookups) != 1 or not len(masks) == len(looks) == len(joints) / 2 > 0:
        raise ValueError("not a decoder as export.py writes it")
    lookups[0].input[1] = places
    _mask_past(editor, masks, places)
    _put_behind(editor, joints, places, heads)
    _mask_cells(editor, looks)


def _mask_past(editor: Editor, masks: list[onnx.NodeProto], places: str) -> None:
    """Each token sees the positions up to its own; the row that keeps kernels the same (rewrite.py) sees all."""
    columns = _count(editor, "past_k_0", 2)
    later = editor.add("Greater", [columns, editor.add("Unsqueeze", [places, _numbers(editor, 1, 3)])])
    later = editor.add("Pad", [later, _numbers(editor, 0, 0, 0, 0, 0, 0, 1, 0)])
    for mask in masks:
        mask.input[0] = later


def _put_behind(editor: Editor, joints: list[onnx.NodeProto], places: str, heads: int) -> None:
    """past (B, H, L, n), new (B, H, T, n) -> the same past with the new ones at their places."""
    rows = editor.add("Unsqueeze", [_count(editor, "tokens", 0), _numbers(editor, 1, 2, 3)])
    every = editor.add_constant(np.arange(heads).reshape(1, heads, 1, 1), "heads")
    columns = editor.add("Unsqueeze", [places, _numbers(editor, 1, 3)])
    batch, tokens = (editor.add("Shape", ["tokens"], start=axis, end=axis + 1) for axis in (0, 1))
    shape = editor.add("Concat", [batch, _numbers(editor, heads), tokens, _numbers(editor, 1)], axis=0)
    parts = [editor.add("Expand", [part, shape]) for part in (rows, every, columns)]
    where = editor.add("Concat", parts, axis=3)
    for joint in joints:
        past, new = joint.input
        editor.remove(joint)
        editor.add("ScatterND", [past, where, new], joint.output)


def _mask_cells(editor: Editor, looks: list[onnx.NodeProto]) -> None:
    """Add a number to all scores of a picture's cells: 0, which changes none, or HIDDEN."""
    lengths = editor.add("Unsqueeze", ["cross_length", _numbers(editor, 1, 2, 3, 4)])
    real = editor.add("Less", [_count(editor, "cross_k_0", 2), lengths])
    numbers = [editor.add_constant(np.array(number, np.float32), "score") for number in (0.0, HIDDEN)]
    extra = editor.add("Where", [real, *numbers])
    for look in looks:
        look.input[0] = editor.add("Add", [look.input[0], extra])


def _count(editor: Editor, name: str, axis: int) -> str:
    """0, 1, 2 ... for each place along an axis of an input."""
    size = editor.add("Squeeze", [editor.add("Shape", [name], start=axis, end=axis + 1)])
    return editor.add(
        "Range", [editor.add_constant(np.array(0), "none"), size, editor.add_constant(np.array(1), "one")]
    )


def _numbers(editor: Editor, *numbers: int) -> str:
    return editor.add_constant(np.array(numbers), "numbers")


def _heads(editor: Editor) -> int:
    past = next((item for item in editor.graph.input if item.name == "past_k_0"), None)
    sides = [] if past is None else [side.dim_value for side in past.type.tensor_type.shape.dim]
    if len(sides) != 4 or not sides[1]:
        raise ValueError("not a decoder with a cache of keys and values")
    return sides[1]


def _is(editor: Editor, name: str, op: str) -> bool:
    maker = editor.maker(name)
    return maker is not None and maker.op_type == op


def _is_range(editor: Editor, name: str) -> bool:
    return _is(editor, name, "Range")


def borrow(model: onnx.ModelProto, lender: Path) -> None:
    """Have a graph's larger constants point into the file of the graph that it was made of.

    Raises ValueError when the file does not hold one of them.
    """
    data = lender.read_bytes()
    for item in model.graph.initializer:
        size = len(item.raw_data)
        if size < BORROWED:
            continue
        place = data.find(item.raw_data)
        if place < 0:
            raise ValueError(f"{lender} does not hold {item.name}")
        item.ClearField("raw_data")
        item.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", lender.name), ("offset", place), ("length", size)):
            item.external_data.add(key=key, value=str(value))


def make_joined(decoder: Path, target: Path) -> bool:
    """Write the graph, which must lie beside the decoder, when it gives equal bits; whether it does.

    Raises ValueError for a decoder that is laid out in another way.
    """
    editor = Editor(onnx.load(decoder))
    let_lengths_differ(editor)
    model = editor.finish()
    del model.metadata_props[:]
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    onnx.helper.set_model_props(model, {"scipix.decoder": sha256_of(decoder)})
    borrow(model, decoder)
    target.write_bytes(model.SerializeToString())
    exact = check_joined(decoder, target)
    if not exact:
        target.unlink()
    return exact


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decoder", type=Path, required=True)
    args = parser.parse_args()
    target = args.decoder.with_name("joined.onnx")
    if not make_joined(args.decoder, target):
        raise SystemExit("rows of unequal lengths do not get the bits that they get alone; nothing was written")
    print(target, f"{target.stat().st_size / 1e3:.0f} KB")


if __name__ == "__main__":
    main()
