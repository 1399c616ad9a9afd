from __future__ import annotations

import pytest

from scipix.notation.drawing import Drawing, Matrix, Pen, Rect, Shape, make_room


def box(left: float, top: float, right: float, bottom: float, clip: Rect | None = None) -> Shape:
    segments = (("M", left, top), ("L", right, top), ("L", right, bottom), ("L", left, bottom), ("Z",))
    return Shape(segments, Matrix(), "black", Pen(), clip)


def test_matrices_combine_from_the_right() -> None:
    both = Matrix.shift(10, 20) @ Matrix.scale(2, -3)
    assert both.point(1, 1) == (12, 17)
    assert Matrix.turn(90).point(1, 0) == pytest.approx((0, 1))
    assert (Matrix.turn(30) @ Matrix.turn(60)).point(1, 0) == pytest.approx((0, 1))


def test_bounds_are_upright_after_a_flip() -> None:
    assert Matrix.scale(1, -1).bounds(Rect(0, 1, 2, 3)) == Rect(0, -3, 2, -1)


def test_a_cut_of_what_does_not_meet_is_empty() -> None:
    cut = Rect(0, 0, 1, 1).cut(Rect(2, 2, 3, 3))
    assert cut.left == cut.right
    assert cut.top == cut.bottom
    assert Rect(0, 0, 1, 1).cut(None) == Rect(0, 0, 1, 1)


def test_room_is_made_for_what_sticks_out() -> None:
    made = make_room(Drawing(2, 1, 0.25, (box(-1, -0.5, 3, 1.5),)))
    assert (made.width, made.height, made.depth) == (4, 2, 0.75)
    assert made.items[0].matrix.point(-1, -0.5) == (0, 0)


def test_a_leaning_letter_and_a_clipped_shape_need_no_room() -> None:
    leaning = Drawing(2, 1, 0.25, (box(-0.1, 0, 2.1, 1), box(-5, -5, 5, 5, clip=Rect(0, 0, 1, 1))))
    assert make_room(leaning) is leaning
    empty = Drawing(0, 0, 0, ())
    assert make_room(empty) is empty
