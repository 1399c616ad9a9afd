"""Writes an ONNX file without the onnx package: one table of floats, from which one row is taken."""

from __future__ import annotations

from pathlib import Path

import numpy as np

_FLOAT, _INT64 = 1, 7


def write_table(path: Path, values: np.ndarray) -> Path:
    """index int64 (n) -> row float32 (n, columns) of `values`, float32 (rows, columns). Numbers of fields: onnx.proto."""
    tensor = _number(1, values.shape[0]) + _number(1, values.shape[1]) + _number(2, _FLOAT) + _text(8, "table")
    tensor += _bytes(9, values.astype("<f4").tobytes())
    node = _text(1, "table") + _text(1, "index") + _text(2, "row") + _text(4, "Gather")
    graph = _bytes(1, node) + _text(2, "g") + _bytes(5, tensor)
    graph += _bytes(11, _value("index", _INT64)) + _bytes(12, _value("row", _FLOAT))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_number(1, 8) + _bytes(7, graph) + _bytes(8, _number(2, 17)))
    return path


def _value(name: str, kind: int) -> bytes:
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, kind)))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())
