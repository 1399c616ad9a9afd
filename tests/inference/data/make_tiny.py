"""Writes encoder.onnx, decoder.onnx, both in int8, golden.json (what PyTorch decodes, without a cache) and endless.onnx; and
in exact/ a small network of models/training in int8 with static scales, as the app's own models are, with joined.onnx.

Run it with PyTorch, onnx and onnxscript installed: PYTHONPATH=.:desktop python tests/inference/data/make_tiny.py [exact]
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from tiny_torch import HEADS, LAYERS, MAX_TOKENS, VOCABULARY, WIDTH, greedy, make_ink, make_models

HERE = Path(__file__).parent
CASES = 40
KV = [f"{kind}_{layer}" for layer in range(LAYERS) for kind in "kv"]
AUTO = torch.export.Dim.AUTO


def export(
    model: torch.nn.Module, arguments: tuple, names: tuple[list[str], list[str]], shapes: tuple, path: Path
) -> None:
    program = torch.onnx.export(
        model, arguments, dynamo=True, input_names=names[0], output_names=names[1], dynamic_shapes=shapes, verbose=False
    )
    assert program is not None
    program.save(str(path))


def annotate(path: Path, metadata: dict[str, object]) -> None:
    """Add metadata and drop the exporter's notes, which name files of the machine it ran on."""
    model = onnx.load(path)
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in [*model.graph.input, *model.graph.output, *model.graph.value_info, *model.graph.initializer]:
        del value.metadata_props[:]
    del model.graph.value_info[:], model.graph.metadata_props[:], model.metadata_props[:]
    helper.set_model_props(model, {key: str(value) for key, value in metadata.items()})
    onnx.save(model, path)


def endless(path: Path) -> None:
    """A decoder that multiplies matrices for many seconds before it answers, for the tests of Cancel."""
    body = helper.make_graph(
        [
            helper.make_node("MatMul", ["state", "state"], ["next"]),
            helper.make_node("Identity", ["going"], ["still"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("state", TensorProto.FLOAT, [16, 16]),
        ],
        [
            helper.make_tensor_value_info("still", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", TensorProto.FLOAT, [16, 16]),
        ],
    )
    nodes = [
        helper.make_node("Constant", [], ["turns"], value=helper.make_tensor("t", TensorProto.INT64, [], [2 * 10**6])),
        helper.make_node("Constant", [], ["go"], value=helper.make_tensor("g", TensorProto.BOOL, [], [True])),
        helper.make_node("Loop", ["turns", "go", "matrix"], ["result"], body=body),
    ]
    graph = helper.make_graph(
        nodes,
        "endless",
        [helper.make_tensor_value_info("matrix", TensorProto.FLOAT, [16, 16])],
        [helper.make_tensor_value_info("result", TensorProto.FLOAT, [16, 16])],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)


def exact(folder: Path) -> None:
    """What models/training/export.py makes, of random weights; those of attention are larger, so that answers differ."""
    from models.training.examples import Example
    from models.training.export import add_metadata, check, convert, export_graphs
    from models.training.joined import make_joined
    from models.training.model import Config, Recognizer

    torch.manual_seed(5)
    config = Config(
        len(VOCABULARY), 4, width=WIDTH, heads=HEADS, layers=LAYERS, hidden=64, channels=(4, 8, 16), blocks=(1,),
        longest=MAX_TOKENS,
    )  # fmt: skip
    model = Recognizer(config).eval()
    with torch.no_grad():
        for name, value in model.named_parameters():
            if value.ndim == 2:
                value.mul_(6.0 if "query" in name or "qkv" in name else 2.0)
    tokens = np.arange(3, 3 + 24, dtype=np.int64)[None]
    examples = [Example(make_ink(case)[None, None], (tokens + case) % len(VOCABULARY)) for case in range(12)]
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as plain:
        export_graphs(model, Path(plain))
        convert(Path(plain), folder, "int8", examples)
        facts = check(Path(plain), folder, examples)
    shared = {"vocab": json.dumps(VOCABULARY), "max_tokens": MAX_TOKENS, "layers": LAYERS, "temperature": 1.0}
    others = {"stride": 8, "threshold": 0.5}, shared
    for role, found, more in zip(("encoder", "decoder"), facts, others, strict=True):
        annotate(folder / f"{role}.onnx", {})
        add_metadata(folder / f"{role}.onnx", {**{f"scipix.{k}": str(v) for k, v in more.items()}, **found})
    assert make_joined(folder / "decoder.onnx", folder / "joined.onnx")


def main() -> None:
    exact(HERE / "exact")
    if "exact" in sys.argv[1:]:
        return
    encoder, decoder = make_models()
    ink = torch.from_numpy(make_ink(0))[None, None].repeat(2, 1, 1, 1)  # two: a batch of one would be taken as fixed
    cross = list(encoder(ink)[:-1])
    export(
        encoder,
        (ink,),
        (["ink"], [f"cross_{name}" for name in KV] + ["boxes"]),
        ({0: AUTO, 2: AUTO, 3: AUTO},),
        HERE / "encoder.onnx",
    )
    past = [torch.randn(2, HEADS, 3, WIDTH // HEADS) for _ in KV]
    export(
        decoder,
        (torch.tensor([[1, 5, 6, 7]] * 2), past, cross),
        (
            ["tokens", *(f"past_{name}" for name in KV), *(f"cross_{name}" for name in KV)],
            ["logits", *(f"present_{name}" for name in KV), "attention"],
        ),
        ({0: AUTO, 1: AUTO}, [{0: AUTO, 2: AUTO} for _ in KV], [{0: AUTO, 2: AUTO} for _ in KV]),
        HERE / "decoder.onnx",
    )
    annotate(HERE / "encoder.onnx", {"scipix.stride": 8, "scipix.threshold": 0.5})
    facts = {"vocab": json.dumps(VOCABULARY), "max_tokens": MAX_TOKENS, "layers": LAYERS, "temperature": 1.0}
    annotate(HERE / "decoder.onnx", {f"scipix.{key}": value for key, value in facts.items()})
    for role in ("encoder", "decoder"):
        source, target = HERE / f"{role}.onnx", HERE / f"{role}_int8.onnx"
        quantize_dynamic(source, target, op_types_to_quantize=["MatMul", "Gemm"], weight_type=QuantType.QInt8)
    cases = []
    for case in range(CASES):
        tokens, scores, lead = greedy(encoder, decoder, make_ink(case))
        if lead > 1e-3:  # a tie may fall either way with the order of additions
            cases.append({"case": case, "tokens": tokens, "scores": [round(score, 4) for score in scores]})
    lines = ",\n".join(json.dumps(case) for case in cases)
    (HERE / "golden.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    endless(HERE / "endless.onnx")
    distinct = len({tuple(case["tokens"]) for case in cases})
    print(
        f"{len(cases)} cases, {distinct} distinct, lengths {sorted({len(c['tokens']) for c in cases})}", file=sys.stderr
    )


if __name__ == "__main__":
    main()
