"""The dvi reader on a file assembled here, operation by operation."""

import struct

import pytest

from models.training import dvi


def preamble() -> bytes:
    return bytes([247, 2]) + struct.pack(">III", 25400000, 473628672, 1000) + bytes([4]) + b"test"


def define(index: int, size: int, name: bytes) -> bytes:
    return bytes([243, index]) + struct.pack(">III", 0, size, size) + bytes([0, len(name)]) + name


def page(number: int, body: bytes) -> bytes:
    return bytes([139]) + struct.pack(">i", number) + bytes(40) + body + bytes([140])


@pytest.fixture(autouse=True)
def widths(monkeypatch):
    # Half the font's size for every character, in units of 2**-20 of it.
    monkeypatch.setattr(dvi, "tfm_widths", lambda name: dict.fromkeys(range(256), 1 << 19))


def read(body: bytes, number: int = 1) -> dvi.Page:
    data = preamble() + define(0, 655360, b"cmr10") + page(number, bytes([171]) + body) + bytes([248])
    (found,) = dvi.Reader(data).pages()
    return found


def test_characters_move_the_pen_by_their_width():
    found = read(bytes([65, 66]), number=7)
    assert found.number == 7
    assert found.characters == [(0, 65, 0, 0), (0, 66, 327680, 0)]


def test_push_and_pop_bring_the_pen_back():
    down = bytes([160]) + struct.pack(">i", 1000)
    found = read(bytes([141, 65]) + down + bytes([66, 142, 67]))
    assert found.characters == [(0, 65, 0, 0), (0, 66, 327680, 1000), (0, 67, 0, 0)]


def test_moves_remember_their_amount():
    w3 = bytes([150]) + (500).to_bytes(3, "big")
    x1 = bytes([153]) + (-5).to_bytes(1, "big", signed=True)
    found = read(w3 + bytes([147]) + x1 + bytes([152, 65]))
    assert found.characters == [(0, 65, 990, 0)]


def test_rules_have_a_place_and_a_size():
    rule = bytes([137]) + struct.pack(">ii", 26214, 655360)
    found = read(bytes([65]) + rule + bytes([66]))
    assert found.rules == [(327680, 0, 655360, 26214)]
    assert found.order == [1]
    assert found.characters[1] == (0, 66, 327680, 0)  # put_rule leaves the pen


def test_specials_draw_nothing():
    assert read(bytes([239, 3]) + b"abc" + bytes([65])).characters == [(0, 65, 0, 0)]


def test_what_is_no_dvi_is_refused():
    with pytest.raises(ValueError, match="unknown dvi operation 250"):
        read(bytes([250]))
