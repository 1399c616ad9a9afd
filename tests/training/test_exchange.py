"""Glyphs of a pack exchanged: two letters in two sizes, the formulas and their places kept."""

import numpy as np

from models.training.exchange import exchange, sizes, without

A, B = 1, 2
KEYS = {A: "a", B: "\\mathit:b"}


def pack() -> dict[str, np.ndarray]:
    """a and b of 20 x 10 pixels, a script a of 14 x 7; three formulas: a b, a a_script, a."""
    shapes = np.array([(20, 10, 1, -20), (20, 10, 0, -20), (14, 7, 1, -14)], np.int32)
    glyphs = [(0, 0, 0, A), (1, 12, 0, B), (0, 0, 0, A), (2, 12, 5, A), (0, 3, 0, A)]
    return {
        "shapes": shapes,
        "pixels": np.concatenate([np.full(200, 10), np.full(200, 20), np.full(98, 30)]).astype(np.uint8),
        "sizes": np.array([(2, 0, 2), (2, 1, 3), (1, 0, 1)], np.int32),
        "glyphs": np.array(glyphs, np.int32),
        "rules": np.array([(0, 1, 2, 3)], np.int16),
        "tokens": np.array([3, 4, 3, 5, 3, 3], np.int16),
        "boxes": np.arange(24, dtype=np.int16).reshape(6, 4),
    }


def test_sizes_are_told_by_the_heights_within_a_class():
    assert sizes(pack()) == {0: 1.0, 1: 1.0, 2: 0.7}


def test_a_glyph_without_a_class_has_no_size():
    arrays = pack()
    arrays["glyphs"][1, 3] = -1
    assert set(sizes(arrays)) == {0, 2}


def test_formulas_without_an_alphabet():
    assert without(pack(), KEYS, "\\mathit:").tolist() == [1, 2]
    assert without(pack(), KEYS, "\\mathbf:").tolist() == [0, 1, 2]


def test_new_glyphs_stand_where_the_old_ones_stood():
    asked = []

    def replace(kind, shape, size):
        asked.append((kind, shape.tolist(), size))
        return (np.full((9, 5), 99, np.uint8), 3, -9) if kind == A and size < 1 else None

    made = exchange(pack(), np.array([1, 2]), replace)
    assert sorted(asked) == [(A, [14, 7, 1, -14], 0.7), (A, [20, 10, 1, -20], 1.0)]
    assert made["sizes"].tolist() == [[2, 1, 3], [1, 0, 1]]
    assert made["tokens"].tolist() == [3, 5, 3, 3]
    assert made["rules"].tolist() == [[0, 1, 2, 3]]
    assert made["boxes"].tolist() == pack()["boxes"][2:].tolist()
    assert made["glyphs"][:, 1:].tolist() == [[0, 0, A], [12, 5, A], [3, 0, A]]
    shapes = made["shapes"][made["glyphs"][:, 0]]
    assert shapes.tolist() == [[20, 10, 1, -20], [9, 5, 3, -9], [20, 10, 1, -20]]
    starts = np.cumsum([0, *(made["shapes"][:, 0] * made["shapes"][:, 1])])
    pixels = [set(made["pixels"][starts[n] : starts[n + 1]].tolist()) for n in made["glyphs"][:, 0]]
    assert pixels == [{10}, {99}, {10}]


def test_all_formulas_of_a_pack_that_nothing_is_exchanged_in():
    old, made = pack(), exchange(pack(), np.arange(3), lambda kind, shape, size: None)
    assert old["shapes"][old["glyphs"][:, 0]].tolist() == made["shapes"][made["glyphs"][:, 0]].tolist()
    assert made["glyphs"][:, 1:].tolist() == old["glyphs"][:, 1:].tolist()
