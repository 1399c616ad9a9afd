"""Graphs for rows of unequal lengths, where the packages that export need are installed."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")

import onnx  # type: ignore[import-not-found]

from models.training import joined
from models.training.checks import check_joined
from models.training.joined import let_lengths_differ, make_joined
from models.training.rewrite import Editor
from scipix.inference.manifest import sha256_of
from tests.inference.tiny import DATA, EXACT


@pytest.fixture
def decoder(tmp_path: Path) -> Path:
    return Path(shutil.copy(EXACT / "decoder.onnx", tmp_path / "decoder.onnx"))


def test_padding_changes_no_bit(decoder: Path) -> None:
    target = decoder.with_name("joined.onnx")
    assert make_joined(decoder, target)
    made = onnx.load(target, load_external_data=False)
    names = [item.name for item in made.graph.input]
    assert names[-2:] == ["past_length", "cross_length"]
    assert names[:-2] == [item.name for item in onnx.load(decoder).graph.input]
    assert {fact.key: fact.value for fact in made.metadata_props} == {"scipix.decoder": sha256_of(decoder)}
    for seed in range(4):
        assert check_joined(decoder, target, seed)


def test_its_weights_are_those_of_the_decoder(decoder: Path) -> None:
    target = decoder.with_name("joined.onnx")
    make_joined(decoder, target)
    assert target.stat().st_size < 0.5 * decoder.stat().st_size
    bare = onnx.load(target, load_external_data=False)
    borrowed = [item for item in bare.graph.initializer if item.external_data]
    assert {fact.value for item in borrowed for fact in item.external_data if fact.key == "location"} == {decoder.name}
    lent = {item.name: item for item in onnx.load(decoder).graph.initializer}
    for item in onnx.load(target).graph.initializer:
        if item.name in {one.name for one in borrowed}:
            np.testing.assert_array_equal(onnx.numpy_helper.to_array(item), onnx.numpy_helper.to_array(lent[item.name]))


@pytest.mark.parametrize(("name", "value"), [("HIDDEN", -1.0), ("HIDDEN", 0.0)])
def test_padding_that_is_seen_is_found_out(
    decoder: Path, name: str, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joined, name, value)
    target = decoder.with_name("joined.onnx")
    assert not make_joined(decoder, target)
    assert not target.exists()


def test_tokens_at_wrong_places_are_found_out(decoder: Path, tmp_path: Path) -> None:
    """The check itself: new keys that stand one place further on."""
    editor = Editor(onnx.load(decoder))
    let_lengths_differ(editor)
    add = next(node for node in editor.nodes if node.op_type == "Add" and "unsqueeze" in node.input[0])
    shifted = editor.add("Add", [add.output[0], editor.add_constant(np.array(1), "shift")])
    for node in editor.nodes:
        if node.op_type == "Unsqueeze" and add.output[0] in node.input:
            node.input[0] = shifted
    onnx.save(editor.finish(), tmp_path / "joined.onnx")
    assert not check_joined(decoder, tmp_path / "joined.onnx")


def test_other_layouts_are_refused() -> None:
    """PyTorch's own export, without the rewrites that keep rows apart."""
    with pytest.raises(ValueError, match="not a decoder"):
        let_lengths_differ(Editor(onnx.load(DATA / "decoder.onnx")))
    with pytest.raises(ValueError, match="not a decoder"):
        let_lengths_differ(Editor(onnx.load(DATA / "encoder.onnx")))
