"""Graphs made small and exact for the app, where the packages that export need are installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime.quantization.calibrate")  # it needs packages that the app does not

import onnx  # type: ignore[import-not-found]
from onnx import TensorProto, numpy_helper, parser  # type: ignore[import-not-found]

from models.training.checks import check_decoder, check_encoder, check_quality
from models.training.examples import Example
from models.training.quantize import (
    Scale,
    encode,
    fit_scale,
    halve,
    open_graph,
    quantize_decoder,
    quantize_encoder,
    quantize_products,
    restored,
)
from models.training.rewrite import Editor, fuse_gelu, fuse_skips, keep_rows_apart
from models.training.simplify import fix_shapes, fold_scales, merge_heads
from models.training.smooth import smooth_products
from tests.inference.tiny import DATA, make_ink

RNG = np.random.default_rng(3)

ATTENTION = """<ir_version: 9, opset_import: ["" : 18]>
g (float[B,2,T,8] query, float[B,2,P,8] keys, float[B,2,P,8] values, bool[T,P] hidden,
   float[B,2,S,8] seen_keys, float[B,2,S,8] seen_values) => (float[B,2,T,8] told, float[B,2,T,S] looks)
<float low = {-30000.0}> {
  turned = Transpose <perm = [0, 1, 3, 2]> (keys)
  scores = MatMul (query, turned)
  masked = Where (hidden, low, scores)
  weights = Softmax <axis = -1> (masked)
  remembered = MatMul (weights, values)
  seen_turned = Transpose <perm = [0, 1, 3, 2]> (seen_keys)
  seen_scores = MatMul (remembered, seen_turned)
  looks = Softmax <axis = -1> (seen_scores)
  told = MatMul (looks, seen_values)
}"""
BLOCK = """<ir_version: 9, opset_import: ["" : 18]>
g (float[B,T,16] x, float[B,T,16] shortcut) => (float[B,T,16] y, float[B,T,16] z)
<float root = {1.4142135}, float one = {1.0}, float half = {0.5}> {
  summed = Add (x, shortcut)
  normed = LayerNormalization <axis = -1, epsilon = 0.00001> (summed, gamma, beta)
  product = MatMul (normed, weights)
  wide = Add (product, bias)
  scaled = Div (wide, root)
  erf = Erf (scaled)
  above = Add (erf, one)
  share = Mul (half, above)
  bent = Mul (wide, share)
  y = MatMul (bent, narrow)
  z = Identity (summed)
}"""

HEADS = """<ir_version: 9, opset_import: ["" : 18]>
g (float[B,T,16] x) => (float[B,2,T,8] q, float[B,2,T,8] k, float[B,2,T,8] v)
<int64[1] two = {2}, int64[1] eight = {8}, float scale = {0.25}> {
  rows = Shape <start = 0, end = 1> (x)
  tokens = Shape <start = 1, end = 2> (x)
  shape = Concat <axis = 0> (rows, tokens, two, eight)
  product = MatMul (x, weights)
  wide = Add (product, bias)
  a, b, c = Split <axis = 2, num_outputs = 3> (wide)
  a4 = Reshape (a, shape)
  b4 = Reshape (b, shape)
  c4 = Reshape (c, shape)
  turned = Transpose <perm = [0, 2, 1, 3]> (a4)
  kept = Transpose <perm = [0, 2, 1, 3]> (b4)
  v0 = Transpose <perm = [0, 2, 1, 3]> (c4)
  scaled = Mul (turned, scale)
  q = Identity (scaled)
  k = Identity (kept)
  v = Identity (v0)
}"""
ANGLES = """<ir_version: 9, opset_import: ["" : 18]>
g (float[N] x) => (float[N] y) <float rate = {0.9}, float one = {1.0}> {
  angle = Mul (x, rate)
  sine = Sin (angle)
  y = Add (sine, one)
}"""


def floats(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


CONSTANTS = {"gamma": 1 + 0.1 * floats(16), "beta": floats(16), "weights": floats(16, 48) / 4, "bias": floats(48) / 4}
CONSTANTS["narrow"] = floats(48, 16) / 4


def block(text: str = BLOCK):
    """A graph above with its weights."""
    model = parser.parse_model(text)
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in CONSTANTS.items())
    return model


def run(model, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
    return open_graph(model.SerializeToString()).run(None, feeds)


def kinds(model) -> list[str]:
    return [node.op_type for node in model.graph.node]


def test_a_scale_gives_up_a_lone_outlier() -> None:
    values = np.append(floats(200_000), np.float32(12.0))
    scale = fit_scale(values)
    assert restored(values, scale).max() < 11.0
    whole = Scale(np.float32((12.0 - values.min()) / 255), np.uint8(round(-255 * values.min() / (12.0 - values.min()))))
    errors = [np.mean((restored(values, item) - values) ** 2) for item in (scale, whole)]
    assert errors[0] < 0.95 * errors[1]


def test_a_scale_holds_zero_exactly() -> None:
    for values in (floats(100) + 5, floats(100) - 5, floats(100), np.zeros(3, np.float32)):
        assert restored(np.zeros(1, np.float32), fit_scale(values)) == 0.0


def test_fusions_change_no_result() -> None:
    feeds = {"x": floats(2, 3, 16), "shortcut": floats(2, 3, 16)}
    expected = run(block(), feeds)
    editor = Editor(block())
    fuse_gelu(editor)
    fuse_skips(editor)
    model = editor.finish()
    assert sorted(kinds(model)) == ["Add", "Gelu", "Identity", "MatMul", "MatMul", "SkipLayerNormalization"]
    for found, wanted in zip(run(model, feeds), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)


def test_heads_are_turned_together_and_the_scale_goes_into_the_weights() -> None:
    x = floats(2, 5, 16)
    expected = run(block(HEADS), {"x": x})
    editor = Editor(block(HEADS))
    for rewrite in (fix_shapes, fold_scales, merge_heads):
        rewrite(editor)
    model = editor.finish()
    assert kinds(model)[:5] == ["MatMul", "Add", "Reshape", "Transpose", "Split"]
    assert set(kinds(model)[5:]) == {"Identity"}
    for found, wanted in zip(run(model, {"x": x}), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


def test_smoothing_changes_no_result_and_evens_out_channels() -> None:
    editor = Editor(block())
    gains = np.array([9.0, 0.2, *[1.0] * 14], np.float32)
    normed = next(node for node in editor.nodes if node.op_type == "LayerNormalization")
    normed.input[1] = editor.add_constant(gains, "gamma")
    feeds = {"x": floats(4, 3, 16), "shortcut": floats(4, 3, 16)}
    before = editor.finish()
    expected = run(before, feeds)
    rows = floats(200, 16) * gains
    editor = Editor(before)
    products = [node for node in editor.nodes if node.op_type == "MatMul"]
    seen = smooth_products(editor, products, {"normed": rows, "bent": floats(10, 16)})
    for found, wanted in zip(run(editor.finish(), feeds), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)
    spread = [np.ptp(np.log(np.abs(value).max(0))) for value in (rows, seen["normed"])]
    assert spread[1] < 0.6 * spread[0]
    assert editor.constant(products[0].input[1]) is not None


def test_smoothing_leaves_alone_what_is_also_used_as_it_is() -> None:
    editor = Editor(block())
    products = [node for node in editor.nodes if node.op_type == "MatMul"]
    rows = floats(50, 16) * np.linspace(0.1, 9, 16, dtype=np.float32)
    assert smooth_products(editor, products[1:], {"normed": rows})["normed"] is rows


def test_products_of_a_row_do_not_depend_on_the_other_rows() -> None:
    x = floats(8, 1, 16) * RNG.choice([0.1, 1, 10], (8, 1, 1)).astype(np.float32)
    expected = run(block(), {"x": x, "shortcut": x})[0]
    editor = Editor(block())
    products = [node for node in editor.nodes if node.op_type == "MatMul"]
    seen = {"normed": floats(300, 16), "bent": np.maximum(floats(300, 16) * 2, -0.17)}
    quantize_products(editor, products, seen)
    model = editor.finish()
    assert kinds(model).count("MatMulIntegerToFloat") == 2
    together = run(model, {"x": x, "shortcut": x})[0]
    assert np.corrcoef(together.ravel(), expected.ravel())[0, 1] > 0.99
    for i in range(len(x)):
        assert np.array_equal(run(model, {"x": x[i : i + 1], "shortcut": x[i : i + 1]})[0][0], together[i])


@pytest.mark.parametrize("before", range(0, 12))
def test_tokens_of_a_call_get_the_bits_they_get_one_by_one(before: int) -> None:
    count, cells = 5, 37
    query, keys, values = floats(1, 2, count, 8), floats(1, 2, before + count, 8), floats(1, 2, before + count, 8)
    seen = {"seen_keys": floats(1, 2, cells, 8), "seen_values": floats(1, 2, cells, 8)}
    hidden = np.arange(before + count)[None] > before + np.arange(count)[:, None]
    feeds = {"query": query, "keys": keys, "values": values, "hidden": hidden, **seen}
    plain = run(parser.parse_model(ATTENTION), feeds)
    editor = Editor(parser.parse_model(ATTENTION))
    keep_rows_apart(editor)
    session = open_graph(editor.finish().SerializeToString())
    together = session.run(None, feeds)
    for found, wanted in zip(together, plain, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)
    for i in range(count):
        known = before + i + 1
        one = {"query": query[:, :, i : i + 1], "keys": keys[:, :, :known], "values": values[:, :, :known]}
        alone = session.run(None, {**one, "hidden": hidden[i : i + 1, :known], **seen})
        assert all(np.array_equal(a[:, :, 0], b[:, :, i]) for a, b in zip(alone, together, strict=True))


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return [Example(make_ink(case)[None, None], np.arange(1, 24, dtype=np.int64)[None] + case) for case in range(4)]


def test_a_whole_model_in_int8_reads_batches_bit_for_bit(tmp_path: Path, examples: list[Example]) -> None:
    quantize_encoder(DATA / "encoder.onnx", tmp_path / "encoder.onnx", examples)
    quantize_decoder(DATA / "decoder.onnx", tmp_path / "decoder.onnx", examples, DATA / "encoder.onnx")
    for name in ("encoder.onnx", "decoder.onnx"):
        assert (tmp_path / name).stat().st_size < (DATA / name).stat().st_size
    before = check_quality(DATA / "encoder.onnx", DATA / "decoder.onnx", examples)
    after = check_quality(tmp_path / "encoder.onnx", tmp_path / "decoder.onnx", examples)
    assert after.loss == pytest.approx(before.loss, rel=0.2)
    inks = np.stack([make_ink(case)[None] for case in (0, 4, 8)])
    assert check_encoder(tmp_path / "encoder.onnx", inks)
    tokens = RNG.integers(3, 40, (3, 21))
    cross = encode(open_graph(tmp_path / "encoder.onnx"), inks)
    assert check_decoder(tmp_path / "decoder.onnx", cross, tokens)[0]


def test_one_strong_picture_does_not_set_the_range_of_all(tmp_path: Path, examples: list[Example]) -> None:
    faint = [Example(0.1 * example.ink, example.tokens) for example in examples]
    strong = Example(examples[0].ink / examples[0].ink.max(), examples[0].tokens)
    quantize_encoder(DATA / "encoder.onnx", tmp_path / "encoder.onnx", [*faint, *faint, strong])
    editor = Editor(onnx.load(tmp_path / "encoder.onnx"))
    first = next(node for node in editor.takers("ink") if node.op_type == "QuantizeLinear")
    step = editor.constant(first.input[1])
    assert step is not None
    assert float(step) < 0.5 / 255


def test_scales_of_the_moment_are_found_out(tmp_path: Path) -> None:
    from onnxruntime.quantization import quantize_dynamic

    quantize_dynamic(DATA / "decoder.onnx", tmp_path / "decoder.onnx", op_types_to_quantize=["MatMul"])
    cross = encode(open_graph(DATA / "encoder.onnx"), np.stack([make_ink(case)[None] for case in (0, 4, 8)]))
    assert check_decoder(tmp_path / "decoder.onnx", cross, RNG.integers(3, 40, (3, 21))) == (False, False)


def test_half_precision_keeps_inputs_and_angles(tmp_path: Path) -> None:
    model = parser.parse_model(ANGLES)
    for number, node in enumerate(model.graph.node):
        node.name = f"node{number}"
    onnx.save(model, tmp_path / "plain.onnx")
    halve(tmp_path / "plain.onnx", tmp_path / "half.onnx")
    made = onnx.load(tmp_path / "half.onnx")
    assert made.graph.input[0].type.tensor_type.elem_type == TensorProto.FLOAT
    x = np.arange(240, dtype=np.float32)
    np.testing.assert_allclose(run(made, {"x": x})[0], run(model, {"x": x})[0], atol=2e-3)
