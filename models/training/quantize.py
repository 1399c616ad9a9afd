"""Makes the exported graphs int8, with scales that are fixed beforehand on drawings of the packs, or fp16.

With fixed scales the products are exact integer sums: a picture gives the same bits alone and in any batch, and the
convolutions are int8 too (dynamic scales, one for all of a tensor, made each row depend on the others). Weights take 7 bits
(-63 .. 63), one scale for each output channel: pairs of products of 8-bit weights overflow the 16-bit sums of x86 processors
without VNNI, which would then read differently. Scheme: Jacob et al., 2018, arXiv:1712.05877. In the decoder, channels are
evened out (smooth.py) and weights make up for each other's rounding (compensate.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from models.training.compensate import round_weights
from models.training.examples import Example
from models.training.rewrite import CONTRIB, Editor
from models.training.smooth import smooth_products

FLOAT, FLOAT16 = onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16
SHRINKS = np.linspace(1.0, 0.5, 11)  # shares of the range of values that are tried as the range of the scale
KEPT = 48  # rows of each tensor kept from each drawing

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Scale:
    """real = step * (stored - zero), stored in 0 .. 255."""

    step: np.float32
    zero: np.uint8


class _Inks(CalibrationDataReader):
    """What onnxruntime's calibration reads."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._feeds: Iterator[Arrays] = iter([{"ink": example.ink} for example in examples])

    def get_next(self) -> Arrays:
        return next(self._feeds, None)  # type: ignore[return-value]


def quantize_encoder(source: Path, target: Path, examples: Sequence[Example]) -> None:
    """fp32 encoder -> int8 convolutions, sums of shortcuts and products, as standard QuantizeLinear/DequantizeLinear."""
    editor = Editor(onnx.load(source))
    sums = [node for node in editor.nodes if node.op_type == "Add"]
    plain = [node.name for node in sums if all(t.op_type != "Relu" for t in editor.takers(node.output[0]))]
    quantize_static(
        source, target, _Inks(examples), quant_format=QuantFormat.QDQ, per_channel=True, reduce_range=True,
        op_types_to_quantize=["Conv", "Relu", "Add", "MatMul"], nodes_to_exclude=plain,
        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
        extra_options={
            "OpTypesToExcludeOutputQuantization": ["MatMul"],  # keys and values stay as they come
            # The mean of the pictures' extremes: the range of the strongest picture would be too coarse for the others.
            "CalibMovingAverage": True, "CalibMovingAverageConstant": 0.1,
        },
    )  # fmt: skip


def quantize_decoder(source: Path, target: Path, examples: Sequence[Example], encoder: Path) -> None:
    """fp32 decoder -> int8 products with weights, in onnxruntime's own operators. encoder: the fp32 one."""
    editor = Editor(onnx.load(source))
    products = [
        node for node in editor.nodes if node.op_type == "MatMul" and editor.constant(node.input[1]) is not None
    ]
    names = list(dict.fromkeys(node.input[0] for node in products))
    seen = smooth_products(editor, products, observe(editor.model, names, examples, encoder))
    quantize_products(editor, products, seen)
    onnx.save(editor.finish(), target)


def halve(source: Path, target: Path) -> None:
    """fp32 -> fp16 with fp32 inputs and outputs; the angles of the positions stay fp32, 240 has steps of 1/8 in fp16."""
    from onnxruntime.transformers.float16 import convert_float_to_float16  # it is slow to import

    editor = Editor(onnx.load(source))
    kept = [node for node in editor.nodes if node.op_type in ("Sin", "Cos")]
    for node in kept:  # grows on the way
        makers = [editor.maker(name) for name in node.input]
        kept += [maker for maker in makers if maker is not None and maker.op_type != "Shape" and maker not in kept]
    names = [node.name for node in kept]
    made = Editor(convert_float_to_float16(editor.model, keep_io_types=True, node_block_list=names))
    casts = {node.output[0]: node for node in made.nodes if node.op_type == "Cast"}
    floats, halves = ([n for n, c in casts.items() if c.attribute[0].i == kind] for kind in (FLOAT, FLOAT16))
    for name in floats:
        before = casts[name].input[0]
        if before in halves:  # fp32 to fp16 to fp32, between two nodes that stay fp32
            for taker in made.takers(name):
                taker.input[:] = [casts[before].input[0] if value == name else value for value in taker.input]
    onnx.save(made.finish(), target)


def observe(decoder: onnx.ModelProto, names: Sequence[str], examples: Sequence[Example], encoder: Path) -> Arrays:
    """What tensors of the decoder hold while it reads the examples: name -> float32 (n, width), some of the rows."""
    watched = onnx.ModelProto()
    watched.CopyFrom(decoder)
    watched.graph.output.extend(onnx.helper.make_tensor_value_info(name, FLOAT, None) for name in names)
    sees, reads = open_graph(encoder), open_graph(watched.SerializeToString())
    rng = np.random.default_rng(1)
    seen: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for example in examples:
        feeds = {"tokens": example.tokens, **encode(sees, example.ink)}
        feeds |= no_past(reads, 1)
        for name, value in zip(names, reads.run(list(names), feeds), strict=True):
            rows = value.reshape(-1, value.shape[-1])
            picked = rng.choice(len(rows), min(KEPT, len(rows)), replace=False)
            extremes = [rows.min(1).argmin(), rows.max(1).argmax()]
            seen[name].append(rows[np.concatenate([picked, extremes])])
    return {name: np.concatenate(parts).astype(np.float32) for name, parts in seen.items()}


def fit_scale(values: np.ndarray) -> Scale:
    """The scale with the least mean square error on the values, which may clip the largest of them."""
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 1e-6)
    highs = [_scale(low, shrink * high) for shrink in SHRINKS]
    best = int(np.argmin([_error(values, scale) for scale in highs]))
    scales = [_scale(shrink * low, SHRINKS[best] * high) for shrink in SHRINKS]
    return min(scales, key=lambda scale: _error(values, scale))


def _scale(low: float, high: float) -> Scale:
    step = np.float32((high - low) / 255)
    return Scale(step, np.uint8(np.clip(round(-low / float(step)), 0, 255)))


def _error(values: np.ndarray, scale: Scale) -> float:
    return float(np.mean((restored(values, scale) - values) ** 2))


def restored(values: np.ndarray, scale: Scale) -> np.ndarray:
    """What is left of the values after they were stored in 8 bits."""
    stored = np.clip(np.rint(values / scale.step) + np.float32(scale.zero), 0, 255)
    return (stored - np.float32(scale.zero)) * scale.step


def quantize_products(editor: Editor, products: Sequence[onnx.NodeProto], seen: Arrays) -> None:
    """MatMul with constant weights (and the Add of its bias) -> QuantizeLinear, MatMulIntegerToFloat.

    seen: float32 (n, width) rows of each input.
    """
    stored: dict[str, tuple[str, str, str]] = {}
    scales = {name: fit_scale(rows.ravel()) for name, rows in seen.items()}
    for node in products:
        name, weights = node.input[0], editor.constant(node.input[1])
        assert weights is not None
        if name not in stored:
            facts = (editor.add_constant(np.array(scales[name].step), "step"),
                     editor.add_constant(np.array(scales[name].zero), "zero"))  # fmt: skip
            stored[name] = (editor.add("QuantizeLinear", [name, *facts]), *facts)
        integers, step, zero = stored[name]
        matrix, steps = round_weights(weights, restored(seen[name], scales[name]))
        inputs = [integers, editor.add_constant(matrix, "weights"), step, editor.add_constant(steps, "steps"), zero, ""]
        output, bias = _bias(editor, node)
        editor.add("MatMulIntegerToFloat", [*inputs, bias] if bias else inputs[:-1], [output], CONTRIB)


def _bias(editor: Editor, product: onnx.NodeProto) -> tuple[str, str]:
    """Take a product out of the graph, and the Add of a constant row after it: the output's name, the bias's or ""."""
    takers = editor.takers(product.output[0])
    editor.remove(product)
    if len(takers) == 1 and takers[0].op_type == "Add":
        for name in takers[0].input:
            row = editor.constant(name)
            if row is not None and row.ndim == 1:
                editor.remove(takers[0])
                return takers[0].output[0], name
    return product.output[0], ""


def open_graph(graph: Path | bytes, threads: int = 1) -> onnxruntime.InferenceSession:
    """A session as the app makes them."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    source = graph if isinstance(graph, bytes) else str(graph)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def encode(session: onnxruntime.InferenceSession, ink: np.ndarray) -> Arrays:
    """Keys and values of a batch of pictures."""
    outputs = [item.name for item in session.get_outputs() if item.name.startswith("cross_")]
    return dict(zip(outputs, session.run(outputs, {"ink": ink}), strict=True))


def no_past(session: onnxruntime.InferenceSession, batch: int) -> Arrays:
    """Keys and values of nothing, as the decoder's inputs want them."""
    pasts = [item for item in session.get_inputs() if item.name.startswith("past_")]
    return {item.name: np.zeros((batch, item.shape[1], 0, item.shape[3]), np.float32) for item in pasts}
