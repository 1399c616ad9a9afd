"""Uneven paper is made even; what is even, or colored in boxes, stays as it is, to the bit."""

import numpy as np
import pytest

from scipix.datatypes import Image
from scipix.recognize.preprocess import prepare
from scipix.recognize.shading import without_shading
from tests.recognize.test_preprocess import picture


def shaded(pixels: np.ndarray, least: float, across: bool = True) -> np.ndarray:
    """The light falls evenly, from all to so much of it."""
    height, width = pixels.shape[:2]
    light = np.linspace(1, least, width)[None, :, None] if across else np.linspace(least, 1, height)[:, None, None]
    return np.uint8(pixels * light)


@pytest.mark.parametrize("across", [True, False])
@pytest.mark.parametrize("least", [0.4, 0.6, 0.8])
def test_shaded_paper_gives_what_even_paper_gives(least, across):
    plain = picture(text="xaenz = 2rs, xyz = anz", pad=40)
    found, expected = prepare(Image(shaded(plain.pixels, least, across))), prepare(plain)
    assert found.ink.shape == expected.ink.shape
    assert np.abs(found.ink - expected.ink).mean() < 0.02


def test_light_from_the_middle_and_colored_light():
    plain = picture(text="xaenz = 2rs, xyz = anz", pad=40)
    height, width = plain.pixels.shape[:2]
    y, x = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None]
    light = 1 - 0.15 * y**2 - 0.25 * x**2
    lit = np.uint8(plain.pixels * light[..., None] * np.array([1.0, 0.95, 0.8]))
    assert np.abs(prepare(Image(lit)).ink - prepare(plain).ink).mean() < 0.02


def test_dark_paper_with_a_gradient():
    plain = picture(ink=(255, 255, 255), paper=(10, 10, 40), text="xaenz = 2rs, xyz = anz", pad=40)
    glow = np.linspace(0, 60, plain.pixels.shape[1])[None, :, None]
    lit = np.uint8(np.minimum(plain.pixels + glow, 255))
    assert np.abs(prepare(Image(lit)).ink - prepare(plain).ink).mean() < 0.008


def test_noise_on_shaded_paper():
    plain = picture(text="xaenz = 2rs, xyz = anz", pad=40)
    noisy = shaded(plain.pixels, 0.6) + np.random.default_rng(1).normal(0, 4, plain.pixels.shape)
    found = prepare(Image(np.uint8(np.clip(noisy, 0, 255))))
    assert found.ink.shape == prepare(plain).ink.shape


@pytest.mark.parametrize("paper", [(255, 255, 255), (0, 0, 0), (30, 60, 90)])
def test_even_paper_stays_as_it_is(paper):
    pixels = picture(ink=(128, 128, 128), paper=paper).pixels
    assert without_shading(pixels) is pixels


def test_boxes_of_other_colors_are_no_shading():
    pixels = picture(pad=60).pixels.copy()
    for share in (0.2, 0.5, 0.8):
        boxed = pixels.copy()
        boxed[:, : int(share * pixels.shape[1])] -= 60
        assert without_shading(boxed) is boxed, share
        boxed = pixels.copy()
        boxed[int(share * pixels.shape[0]) :, : pixels.shape[1] // 2] = 0
        assert without_shading(boxed) is boxed, share


def test_any_boxes_on_even_paper_are_no_shading():
    """A surface fits some of them; where there is paper it is flat."""
    rng = np.random.default_rng(0)
    changed = 0
    for _ in range(300):
        pixels = np.full((240, 480, 3), 255, np.uint8)
        for _ in range(rng.integers(1, 5)):
            y, x = rng.integers(0, 200), rng.integers(0, 420)
            pixels[y : y + rng.integers(20, 120), x : x + rng.integers(20, 200)] = rng.choice([0, 0, 90, 180])
        changed += without_shading(pixels) is not pixels
    assert changed <= 1


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (16, 16), (900, 3), (40, 40)])
def test_small_pictures_are_left_alone_or_survive(shape):
    pixels = np.uint8(np.linspace(0, 255, shape[0] * shape[1] * 3).reshape(*shape, 3))
    assert without_shading(pixels).shape == pixels.shape
