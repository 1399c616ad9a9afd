"""What runs along a picture's edges: a border goes, a sign stays."""

import numpy as np
import pytest

from scipix.recognize.borders import without_border

HEIGHT, WIDTH = 60, 200


def drawn(*boxes):
    """bool (60, 200); boxes: left, top, right, bottom of ink."""
    mask = np.zeros((HEIGHT, WIDTH), bool)
    for left, top, right, bottom in boxes:
        mask[top:bottom, left:right] = True
    return mask


LEFT, RIGHT, TOP, BOTTOM = (0, 0, 2, HEIGHT), (WIDTH - 2, 0, WIDTH, HEIGHT), (0, 0, WIDTH, 2), (0, 58, WIDTH, HEIGHT)
TIPS = ((2, 0, 9, 2), (2, 58, 9, 60))
WORD = ((40, 20, 60, 44), (70, 20, 90, 44), (100, 12, 120, 44))  # what has paper around it
CLOSING = ((180, 0, 182, 60), (172, 0, 180, 2), (172, 58, 180, 60))
SIGNS = {
    "a bracket, tightly cut out": (LEFT, *TIPS, *WORD),
    "a bracket without a lower tip": (LEFT, TIPS[0], *WORD),
    "brackets on both sides": (LEFT, *TIPS, *WORD, RIGHT, (191, 0, 198, 2)),
    "a bar, and something as high": (LEFT, (12, 20, 30, 44), (40, 0, 42, 60), *WORD),
    "a bar, and something as deep": (LEFT, (12, 20, 30, 60)),
    "two bars, and what is between": (LEFT, (12, 20, 90, 44), (100, 20, 180, 44), RIGHT),
    "a rule over something as long": (TOP, (3, 10, 20, 44), (180, 10, 196, 44)),
    "a rule under something as long": (BOTTOM, (3, 10, 20, 44), (180, 10, 196, 44)),
    "a root's rule, which its hook hangs on": (TOP, (3, 2, 6, 60), (80, 14, 90, 44)),
}
BORDERS = {
    "at the left, far away": (LEFT, *WORD),
    "at the left, near, with paper over and under the rest": (LEFT, (12, 20, 30, 44)),
    "at the left, far away, something is as high": (LEFT, *WORD, CLOSING[0]),
    "at both sides, far away": (LEFT, *WORD, RIGHT),
    "at the top": (TOP, *WORD),
    "at the top, near, the rest begins with it and ends sooner": (TOP, (3, 10, 20, 44), (60, 10, 90, 44)),
    "at the bottom, far away from something as long": (BOTTOM, (3, 0, 20, 4), (180, 0, 196, 4)),
    "at the left and at the top": (LEFT, TOP, *WORD),
    "a thick one": ((0, 0, 5, HEIGHT), *WORD),
    "with a soft edge": (LEFT, (2, 0, 3, 50), *WORD),
}


@pytest.mark.parametrize("boxes", SIGNS.values(), ids=SIGNS)
@pytest.mark.parametrize("turned", [False, True], ids=["", "mirrored"])
def test_what_may_be_a_sign_stays(boxes, turned):
    mask = drawn(*boxes)[:, :: -1 if turned else 1]
    assert without_border(mask) is mask


@pytest.mark.parametrize("boxes", BORDERS.values(), ids=BORDERS)
@pytest.mark.parametrize("turned", [False, True], ids=["", "mirrored"])
def test_a_border_goes(boxes, turned):
    mask = drawn(*boxes)[:, :: -1 if turned else 1]
    clear = without_border(mask)
    assert clear is not mask
    edges = clear[:, :1], clear[:, -1:], clear[:1], clear[-1:]
    assert not any(edge.mean() > 0.9 for edge in edges)
    inside = [box for box in boxes if box not in (LEFT, RIGHT, TOP, BOTTOM) and box[0] > 2]
    assert (clear == drawn(*inside)[:, :: -1 if turned else 1]).mean() > 0.98


def test_pictures_of_nothing_else_and_very_small_ones_stay():
    for mask in (drawn(LEFT), drawn(LEFT, (100, 3, 110, 9))[:12], drawn(*WORD)):
        assert without_border(mask) is mask
