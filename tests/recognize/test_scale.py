"""How large writing is, from the sizes of its components."""

import numpy as np
import pytest

from scipix.recognize.scale import typical_height


def height(*sizes: tuple[float, float], fill: float = 0.4) -> float:
    widths, heights = np.array(sizes, float).T
    return typical_height(widths, heights, widths * heights * fill)


LETTERS = ((8, 10), (9, 10), (7, 10), (8, 14), (10, 10))


def test_letters_set_the_height():
    assert height(*LETTERS) == 10


def test_dots_rules_and_bars_do_not_count():
    assert height(*LETTERS, (2, 2), (2, 2), (60, 1), (12, 2), (2, 40), (2, 40), (2, 40)) == 10


def test_splinters_of_broken_strokes_hardly_count():
    assert height(*LETTERS, *[(2, 3)] * 9) == 10


def test_a_tall_formula_is_not_taken_for_large_letters():
    assert height(*LETTERS, *LETTERS, (14, 60), (10, 45)) == 10


def test_the_delimiters_of_a_small_matrix_are_not_its_letters():
    assert height((8, 10), (9, 10), (7, 10), (8, 10), (8, 30), (8, 30)) == 10


@pytest.mark.parametrize(("width", "tall"), [(16, 12.0), (40, 30.0)])
def test_a_lone_minus_is_as_wide_as_its_letters_would_ask(width, tall):
    assert height((width, 1), fill=1.0) == tall


def test_letters_that_all_touch_are_as_high_as_their_row():
    assert height((93, 18), fill=0.55) == 18
    assert height((93, 18), (40, 2), fill=0.55) == 10  # the middle of both
    for fill in (0.25, 0.95):  # an arrow, a rule
        assert height((93, 18), fill=fill) == 93 * 0.75


def test_a_lone_bar_is_its_own_measure():
    assert height((2, 30)) == 30


DOTS = ((4, 4), (4, 4), (4, 5), (5, 4), (4, 4), (4, 4))


def test_rows_of_dots_are_not_taken_for_letters():
    assert height(*DOTS, (20, 20), (14, 40), fill=0.8) == 30


@pytest.mark.parametrize("others", [(), ((5, 8), (6, 9))])
def test_dots_are_measured_where_nothing_is_much_higher(others):
    assert height(*DOTS, *others, fill=0.8) == 4


def test_letters_as_wide_as_high_are_no_dots():
    assert height((10, 10), (9, 10), (10, 10), (8, 40), (8, 40)) == 10


def test_a_sum_with_little_beside_it_is_not_taken_for_a_letter():
    assert height((45, 50), (10, 9), (5, 12), (14, 2), (14, 2), (6, 11), (6, 13)) == 11.5


def test_a_letter_with_accents_and_dots_is_a_letter():
    assert height((20, 22), (3, 3), (3, 3), (3, 3), fill=0.8) == 22
    assert height((20, 22), (12, 5), (3, 6)) == 22
    assert height((24, 22), (4, 4), (4, 4), (7, 5), (7, 5), fill=0.8) == 22


def test_a_root_over_it_all_is_no_letter():
    """It is wider than all that is under it together, and nearly all paper."""
    sizes = np.array([*LETTERS, (125, 70)], float)
    assert typical_height(*sizes.T, sizes.prod(1) * [*[0.4] * 5, 0.03]) == 10
