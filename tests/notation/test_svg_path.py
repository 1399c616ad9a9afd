from __future__ import annotations

import pytest

from scipix.notation.svg_path import ellipse, parse_path, polygon, rectangle


def test_absolute_commands() -> None:
    assert parse_path("M1 2L3,4H5V6Q7 8 9 10C1 2 3 4 5 6Z") == (
        ("M", 1, 2),
        ("L", 3, 4),
        ("L", 5, 4),
        ("L", 5, 6),
        ("Q", 7, 8, 9, 10),
        ("C", 1, 2, 3, 4, 5, 6),
        ("Z",),
    )


def test_relative_commands_start_where_the_pen_is() -> None:
    assert parse_path("m1 2l3 4h5v6q1 1 2 2c1 1 2 2 3 3z m1 1") == (
        ("M", 1, 2),
        ("L", 4, 6),
        ("L", 9, 6),
        ("L", 9, 12),
        ("Q", 10, 13, 11, 14),
        ("C", 12, 15, 13, 16, 14, 17),
        ("Z",),
        ("M", 2, 3),  # after a close the pen is at the subpath's start
    )


def test_smooth_curves_mirror_the_last_handle_of_their_kind() -> None:
    assert parse_path("M0 0Q1 2 2 0T4 0")[2] == ("Q", 3, -2, 4, 0)
    assert parse_path("M0 0C0 1 1 2 2 0S4 1 4 0")[2] == ("C", 3, -2, 4, 1, 4, 0)
    assert parse_path("M0 0L2 0T4 0")[2] == ("Q", 2, 0, 4, 0)
    assert parse_path("M0 0Q1 2 2 0S4 1 4 0")[2] == ("C", 2, 0, 4, 1, 4, 0)


def test_repeated_coordinates_repeat_the_command_and_numbers_need_no_blanks() -> None:
    assert parse_path("M0 0 1 1L2 2 3-3.5.5 1e1") == (
        ("M", 0, 0),
        ("L", 1, 1),
        ("L", 2, 2),
        ("L", 3, -3.5),
        ("L", 0.5, 10),
    )
    assert parse_path("") == ()


@pytest.mark.parametrize("data", ["1 2", "M1", "M1 2A1 1 0 0 0 2 2", "M1 2 ?", "M1 2Z3", "M0 0X1 1"])
def test_anything_else_is_refused(data: str) -> None:
    with pytest.raises(ValueError, match="path data"):
        parse_path(data)


def test_basic_shapes_close() -> None:
    assert rectangle(1, 2, 3, 4) == (("M", 1, 2), ("L", 4, 2), ("L", 4, 6), ("L", 1, 6), ("Z",))
    rounded = rectangle(0, 0, 10, 10, 2)
    assert rounded[0] == ("M", 2, 0)
    assert rounded[2][-2:] == (10, 2)
    assert sum(segment[0] == "C" for segment in rounded) == 4
    circle = ellipse(5, 5, 5, 3)
    assert {segment[-2:] for segment in circle[:-1]} == {(10, 5), (5, 8), (0, 5), (5, 2)}
    assert polygon([]) == ()
