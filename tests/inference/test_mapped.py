"""Graphs that are mapped into memory: the same answers, from a file that is made once and checked each time."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scipix.errors import ModelCorrupt
from scipix.inference import mapped as module
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.manifest import sha256_of
from scipix.inference.mapped import Mapped
from scipix.inference.providers import CPU, CUDA, Candidate, Choice
from scipix.inference.sessions import Graph
from scipix.inference.store import Store
from tests.inference.tiny import DATA, PLAIN_CPU, TABLES, make_ink

ON_CPU = Choice((Candidate(CPU),), 1, "")
INK = {"ink": make_ink(3)[None, None]}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Which files sessions were made of."""
    real, seen = module.make_onnx_session, []
    monkeypatch.setattr(module, "make_onnx_session", lambda path, *rest: seen.append(path) or real(path, *rest))
    return seen


def graph(folder: Path, digest: str = "d") -> Graph:
    return Graph("tiny", DATA / "encoder.onnx", ON_CPU, make_session=Mapped(folder, PLAIN_CPU).maker(digest))


def test_answers_the_same_from_the_file_that_it_keeps(tmp_path: Path, opened: list[Path]) -> None:
    plain = Graph("tiny", DATA / "encoder.onnx", ON_CPU)
    first, second = graph(tmp_path), graph(tmp_path)
    (kept,) = tmp_path.iterdir()
    assert opened == [DATA / "encoder.onnx", kept, kept]
    for other in (first, second):
        assert (other.metadata, other.inputs, other.outputs, other.shapes) == (
            plain.metadata,
            plain.inputs,
            plain.outputs,
            plain.shapes,
        )
        for name, value in plain.run(INK).items():
            np.testing.assert_array_equal(other.run(INK)[name], value)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_its_pages_are_those_of_the_file_until_it_is_closed(tmp_path: Path) -> None:
    graph(tmp_path).close()
    (kept,) = tmp_path.iterdir()
    second = graph(tmp_path)
    assert str(kept) in Path("/proc/self/maps").read_text()
    second.close()
    assert str(kept) not in Path("/proc/self/maps").read_text()


def test_a_damaged_file_is_made_anew(tmp_path: Path, opened: list[Path]) -> None:
    graph(tmp_path)
    (kept,) = tmp_path.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    graph(tmp_path)
    assert [path.suffix for path in opened] == [".onnx", ".ort"] * 2
    (anew,) = tmp_path.iterdir()
    assert anew.stem.partition("-")[2] == sha256_of(anew)


def test_another_model_or_computer_has_a_file_of_its_own(tmp_path: Path) -> None:
    older = replace(PLAIN_CPU, cpu=replace(PLAIN_CPU.cpu, features=()))
    keys = {
        Mapped(tmp_path, PLAIN_CPU).key("a"),
        Mapped(tmp_path, PLAIN_CPU).key("b"),
        Mapped(tmp_path, older).key("a"),
    }
    assert len(keys) == 3


def test_a_folder_that_cannot_be_written_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert graph(tmp_path / "file").run(INK)


def test_a_model_that_cannot_be_loaded_is_corrupt_and_leaves_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"x")
    with pytest.raises(ModelCorrupt):
        Graph("bad", bad, ON_CPU, make_session=Mapped(tmp_path / "cache", PLAIN_CPU).maker("d"))
    assert list((tmp_path / "cache").iterdir()) == []


def test_only_the_cpu_with_free_axes_is_mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[object, ...]] = []
    monkeypatch.setattr(module, "make_onnx_session", lambda *given: made.append(given))
    make = Mapped(tmp_path, PLAIN_CPU).maker("d")
    make(DATA / "encoder.onnx", Candidate(CUDA), 2, {})
    make(DATA / "encoder.onnx", Candidate(CPU), 2, {"height": 64})
    assert [len(given) for given in made] == [4, 4]
    assert list(tmp_path.iterdir()) == []


def test_old_files_give_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEPT", 2)
    for place, digest in enumerate("abc"):
        graph(tmp_path, digest)
        newest = max(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, (place, place))
    names = {path.name.partition("-")[0] for path in tmp_path.iterdir()}
    assert names == {Mapped(tmp_path, PLAIN_CPU).key(digest) for digest in "bc"}


def test_what_a_killed_process_has_left_goes_and_what_another_one_writes_stays(tmp_path: Path) -> None:
    left, written = tmp_path / "k-1.part", tmp_path / "k-2.part"
    for path in (left, written):
        path.write_bytes(b"half")
    os.utime(left, (1, 1))
    graph(tmp_path)
    assert not left.exists()
    assert written.exists()


def test_a_whole_model_reads_the_same(models: Path, tmp_path: Path) -> None:
    verified = Store(models).open("math")
    plain = EncoderDecoder(verified, PLAIN_CPU, tables=TABLES)
    expected = plain.decoder.decode(plain.encode(make_ink(1))).tokens
    for _ in range(2):
        model = EncoderDecoder(verified, PLAIN_CPU, tables=TABLES, mapped=tmp_path / "mapped")
        assert model.decoder.decode(model.encode(make_ink(1))).tokens == expected
        model.close()
    assert len(list((tmp_path / "mapped").iterdir())) == 2
