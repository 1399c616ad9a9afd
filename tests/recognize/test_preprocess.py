"""Any colors, any zoom: the network gets the same."""

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from scipix.datatypes import Image
from scipix.errors import NothingToRead
from scipix.recognize.preprocess import LARGEST, MULTIPLE, ink_of, prepare
from scipix.recognize.scale import TARGET_HEIGHT


def picture(
    size: float = 40.0, ink=(0, 0, 0), paper=(255, 255, 255), text: str = "xaenz = 2rs", pad: int = 30
) -> Image:
    font = ImageFont.load_default(size)
    left, top, right, bottom = (int(v) for v in font.getbbox(text))
    canvas = Pillow.new("RGB", (right - left + 2 * pad, bottom - top + 2 * pad), paper)
    ImageDraw.Draw(canvas).text((pad - left, pad - top), text, ink, font)
    return Image(np.asarray(canvas))


@pytest.mark.parametrize("size", np.linspace(12, 120, 10))
def test_ten_zooms_come_out_at_one_size(size):
    reference = prepare(picture(48.0))
    prepared = prepare(picture(float(size)))
    ink = [np.argwhere(p.ink > 0.3).max(0) - np.argwhere(p.ink > 0.3).min(0) for p in (reference, prepared)]
    assert ink[1] == pytest.approx(ink[0], rel=0.12, abs=2)


@pytest.mark.parametrize(
    ("ink", "paper"),
    [((255, 255, 255), (0, 0, 0)), ((220, 220, 170), (30, 30, 30)), ((200, 0, 0), (255, 255, 255)),
     ((0, 60, 200), (250, 240, 220)), ((255, 220, 0), (255, 255, 255))],
)  # fmt: skip
def test_colors_do_not_matter(ink, paper):
    plain, colored = prepare(picture()), prepare(picture(ink=ink, paper=paper))
    assert plain.ink.shape == colored.ink.shape
    assert np.abs(plain.ink - colored.ink).mean() < 0.03


def test_the_result_is_ink_on_paper_in_multiples_and_knows_its_place():
    image = picture()
    prepared = prepare(image)
    assert prepared.ink.dtype == np.float32
    assert prepared.ink.min() == 0.0
    assert prepared.ink.max() > 0.9
    assert prepared.ink.shape[0] % MULTIPLE == prepared.ink.shape[1] % MULTIPLE == 0
    y, x = np.argwhere(prepared.ink > 0.5).min(0)
    assert x / prepared.scale + prepared.offset[0] == pytest.approx(30, abs=4)
    assert y / prepared.scale + prepared.offset[1] == pytest.approx(30, abs=4)


def test_a_frame_around_the_snip_is_not_ink():
    image = picture()
    pixels = image.pixels.copy()
    pixels[:2], pixels[-2:], pixels[:, :1], pixels[:, -1:] = 90, 90, 90, 90
    framed = prepare(Image(pixels))
    assert framed.ink.shape == prepare(image).ink.shape


@pytest.mark.parametrize("side", ["top", "bottom", "left", "right"])
def test_a_faint_line_beside_the_rest_is_not_cut_off(side):
    """As the bar of a subset sign in small type: two rows of pixels share it."""
    pixels = picture().pixels.copy()
    plain = prepare(Image(pixels))
    rows, columns = (np.flatnonzero((pixels < 128).any(-1).any(axis)) for axis in (1, 0))
    top, bottom, left, right = rows[0], rows[-1], columns[0], columns[-1]
    where = {
        "top": (slice(top - 6, top - 4), slice(left, right)),
        "bottom": (slice(bottom + 5, bottom + 7), slice(left, right)),
        "left": (slice(top, bottom), slice(left - 6, left - 4)),
        "right": (slice(top, bottom), slice(right + 5, right + 7)),
    }[side]
    pixels[where] = 175
    found = prepare(Image(pixels))
    grown = (found.ink > 0.1).sum() - (plain.ink > 0.1).sum()
    assert grown > 0.5 * (right - left if side in ("top", "bottom") else bottom - top) * found.scale
    axis = 0 if side in ("top", "bottom") else 1
    edge, before = (np.flatnonzero((each.ink > 0.1).any(1 - axis)) for each in (found, plain))
    assert np.ptp(edge) > np.ptp(before) + 3 * found.scale


def test_soft_edges_of_letters_do_not_move_the_box():
    pixels = picture().pixels.copy()
    plain = prepare(Image(pixels))
    rows = np.flatnonzero((pixels < 128).any(-1).any(1))
    inked = (pixels[rows[-1]] < 128).any(-1)
    pixels[rows[-1] + 1][inked] = 190
    assert prepare(Image(pixels)).offset == pytest.approx(plain.offset, abs=0.4)
    assert prepare(Image(pixels)).ink.shape == plain.ink.shape


@pytest.mark.parametrize(
    ("sides", "pads", "kept"),
    [
        ((2, 2, 2, 2), (10, 10, 10, 10), True),
        ((1, 2, 1, 2), (8, 12, 10, 9), True),
        ((2, 2, 2, 0), (10, 10, 10, 10), False),  # open at the bottom
        ((1, 1, 6, 1), (10, 10, 10, 10), False),  # a window's title bar
        ((2, 2, 2, 2), (10, 60, 10, 10), False),  # what is in it stands to the left
        ((2, 2, 2, 2), (60, 60, 60, 60), False),  # a window around it
    ],
)
def test_a_box_near_the_formula_is_ink(sides, pads, kept):
    """sides, pads: left, right, top, bottom; the lines' widths and their distances from two letters 40 pixels high."""
    width, height = 70 + sum(pads[:2]) + sum(sides[:2]), 40 + sum(pads[2:]) + sum(sides[2:])
    pixels = np.full((height, width, 3), 255, np.uint8)
    pixels[:, : sides[0]] = pixels[:, width - sides[1] :] = 0
    pixels[: sides[2]] = pixels[height - sides[3] :] = 0
    x, y = sides[0] + pads[0], sides[2] + pads[2]
    pixels[y : y + 40, x : x + 6] = pixels[y : y + 40, x + 64 : x + 70] = pixels[y + 17 : y + 23, x : x + 30] = 0
    prepared = prepare(Image(pixels))
    rows, columns = (np.flatnonzero((prepared.ink > 0.2).any(axis)) for axis in (1, 0))
    ratio = (columns[-1] - columns[0]) / (rows[-1] - rows[0])
    assert ratio == pytest.approx(width / height if kept else 70 / 40, rel=0.1)


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_blank_pictures_have_nothing_to_read(shade):
    with pytest.raises(NothingToRead):
        prepare(Image(np.full((60, 80, 3), shade, np.uint8)))


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (400, 1), (3, 3)])
def test_tiny_pictures_do_not_crash(shape):
    pixels = np.full((*shape, 3), 255, np.uint8)
    pixels[0, 0] = 0
    try:
        prepared = prepare(Image(pixels))
    except NothingToRead:
        return
    assert max(prepared.ink.shape) <= max(LARGEST)


def test_huge_pictures_stay_within_bounds():
    rng = np.random.default_rng(0)
    pixels = np.where(rng.random((1500, 4000, 1)) < 0.02, 0, 255).astype(np.uint8).repeat(3, 2)
    prepared = prepare(Image(pixels))
    assert prepared.ink.shape[0] <= LARGEST[0]
    assert prepared.ink.shape[1] <= LARGEST[1]


def test_noise_of_the_paper_is_not_ink():
    rng = np.random.default_rng(1)
    image = picture()
    noisy = np.clip(image.pixels + rng.normal(0, 4, image.pixels.shape), 0, 255).astype(np.uint8)
    assert np.median(ink_of(noisy)) == 0.0
    assert prepare(Image(noisy)).scale == pytest.approx(prepare(image).scale, rel=0.1)


def test_lines_of_smaller_letters_are_also_given_closer():
    large, small = picture(48.0, pad=20), picture(24.0, pad=20)
    width = max(large.width, small.width)
    rows = [
        np.pad(each.pixels, ((0, 0), (0, width - each.width), (0, 0)), constant_values=255)
        for each in (large, large, small)
    ]
    lines = prepare(Image(np.concatenate(rows))).lines
    assert lines is not None
    assert [closer is None for closer in lines.closer] == [True, True, False]
    near, common = lines.closer[2], lines.each[2]
    assert near is not None
    assert near.scale / common.scale == pytest.approx(2.0, rel=0.15)
    for part in (near, common):
        y = np.argwhere(part.ink > 0.5).min(0)[0] / part.scale + part.offset[1]
        assert y == pytest.approx(2 * large.height + 20, abs=3)


def small_letters(diagonal: int, stains: bool = False) -> Image:
    """Five letters z, 8 pixels high, whose diagonals have that gray; on stained paper."""
    pixels = np.full((40, 120, 3), 255, np.uint8)
    for x in range(10, 110, 20):
        pixels[15, x : x + 8] = pixels[22, x : x + 8] = 0
        for step in range(1, 7):
            pixels[15 + step, x + 7 - step] = diagonal
    for x in range(20, 100, 20) if stains else ():
        pixels[16:20, x : x + 3] = pixels[16:20, x + 5 : x + 8] = 185
    return Image(pixels)


def test_small_letters_with_faint_strokes_are_measured_whole():
    whole, faint = (prepare(small_letters(gray)).scale for gray in (0, 185))
    assert faint == whole == TARGET_HEIGHT / 8


def test_stains_are_no_strokes():
    assert prepare(small_letters(0, stains=True)).scale == TARGET_HEIGHT / 8
