"""Every format and mode, then every way a file can be wrong."""

from __future__ import annotations

import io
import os
import random
import struct
import zlib
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from scipix.datatypes import Origin
from scipix.errors import ImageTooLarge, InputNotFound, ScipixError, UnreadableImage
from scipix.sources.images import MAX_PIXELS, from_array, read_image


def encoded(picture: PIL.Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def gradient(width: int = 40, height: int = 30) -> np.ndarray:
    """uint8 (height, width, 3), smooth, different at every corner."""
    down, across = np.mgrid[0:height, 0:width]
    channels = [across * 255 // width, down * 255 // height, (across + down) * 255 // (width + height)]
    return np.stack(channels, axis=2).astype(np.uint8)


def picture(width: int = 40, height: int = 30) -> PIL.Image.Image:
    return PIL.Image.fromarray(gradient(width, height))


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("TIFF", {"compression": "tiff_adobe_deflate"}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {"quality": 90}, 24),
        ("JPEG", {"quality": 95}, 24),
        ("JPEG", {"quality": 95, "progressive": True}, 24),
        ("GIF", {}, 40),
    ],
)
def test_every_format_is_read(kind: str, options: dict[str, object], tolerance: int) -> None:
    image = read_image(encoded(picture(), kind, **options))
    assert (image.width, image.height) == (40, 30)
    assert image.pixels.dtype == np.uint8
    assert image.pixels.flags.c_contiguous
    assert not image.pixels.flags.writeable
    assert np.abs(image.pixels.astype(int) - gradient()).max() <= tolerance


def test_a_path_names_the_image_and_dpi_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a b é.png"
    picture().save(path, dpi=(300, 300))
    image = read_image(path)
    assert image.name == str(path)
    assert image.dpi == pytest.approx(300, abs=0.1)
    assert image.origin is Origin.FILE
    assert read_image(path.read_bytes(), name="-", origin=Origin.STDIN).origin is Origin.STDIN


def test_an_impossible_dpi_is_unknown() -> None:
    assert read_image(encoded(picture(), "BMP", dpi=(1, 1))).dpi is None
    assert read_image(encoded(picture(), "PNG")).dpi is None


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turn(orientation: int) -> None:
    upright = gradient()
    # The inverse of what a viewer does, written down from the EXIF table (row 0 / column 0 of each orientation).
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: upright.transpose(1, 0, 2)[::-1],
        7: upright.transpose(1, 0, 2)[::-1, ::-1],
        8: upright.transpose(1, 0, 2)[:, ::-1],
    }[orientation]
    exif = PIL.Image.Exif()
    exif[274] = orientation
    image = read_image(encoded(PIL.Image.fromarray(np.ascontiguousarray(stored)), "PNG", exif=exif))
    assert np.array_equal(image.pixels, upright)


def test_damaged_and_huge_exif_do_not_lose_the_picture() -> None:
    for exif in (b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0" + bytes(60_000), b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"):
        assert read_image(encoded(picture(), "JPEG", exif=exif)).width == 40
    exif_with_text = PIL.Image.Exif()
    exif_with_text[270] = "x" * 5_000_000
    exif_with_text[274] = 6
    assert read_image(encoded(picture(), "PNG", exif=exif_with_text)).width == 30


def test_dark_ink_on_transparent_lands_on_white() -> None:
    pixels = np.zeros((20, 20, 4), np.uint8)
    pixels[8:12, 8:12, 3] = 255
    image = read_image(encoded(PIL.Image.fromarray(pixels), "PNG"))
    assert image.pixels[0, 0].tolist() == [255, 255, 255]
    assert image.pixels[9, 9].tolist() == [0, 0, 0]


def test_light_ink_on_transparent_lands_on_black() -> None:
    pixels = np.zeros((20, 20, 4), np.uint8)
    pixels[8:12, 8:12] = (255, 255, 200, 255)
    image = read_image(encoded(PIL.Image.fromarray(pixels), "PNG"))
    assert image.pixels[0, 0].tolist() == [0, 0, 0]
    assert image.pixels[9, 9].tolist() == [255, 255, 200]


def test_a_light_window_with_transparent_corners_stays_on_white() -> None:
    pixels = np.full((40, 40, 4), 255, np.uint8)
    pixels[20, 10:13, :3] = 0
    pixels[:3, :3] = 0
    assert read_image(encoded(PIL.Image.fromarray(pixels), "PNG")).pixels[0, 0].tolist() == [255, 255, 255]


def test_half_transparent_is_mixed() -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[..., 3] = 128
    assert read_image(encoded(PIL.Image.fromarray(pixels), "PNG")).pixels[0, 0, 0] == pytest.approx(127, abs=1)


def test_palette_transparency_and_one_bit() -> None:
    palette = PIL.Image.new("P", (10, 10), 1)
    palette.putpalette([10, 20, 30, 0, 0, 0])
    palette.putpixel((0, 0), 0)
    assert read_image(encoded(palette, "PNG")).pixels[0, 0].tolist() == [10, 20, 30]
    assert read_image(encoded(palette, "PNG", transparency=0)).pixels[0, 0].tolist() == [255, 255, 255]
    assert read_image(encoded(palette, "GIF", transparency=0)).pixels[0, 0].tolist() == [255, 255, 255]
    one_bit = PIL.Image.new("1", (10, 10), 1)
    one_bit.putpixel((3, 3), 0)
    for kind in ("PNG", "TIFF", "BMP"):
        image = read_image(encoded(one_bit, kind))
        assert (image.pixels[3, 3, 0], image.pixels[0, 0, 0]) == (0, 255)


def test_cmyk() -> None:
    image = read_image(encoded(PIL.Image.new("CMYK", (8, 8), (0, 0, 0, 255)), "JPEG", quality=95))
    assert image.pixels.max() < 10
    image = read_image(encoded(PIL.Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "TIFF"))
    assert image.pixels[0, 0, 0] > 200 > 60 > image.pixels[0, 0, 1]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0, 32768, 65535]], np.uint16), [0, 128, 255]),
        (np.array([[0, 2048, 4095]], np.uint16), [0, 128, 255]),
        (np.array([[0, 128, 255]], np.uint16), [0, 128, 255]),
        (np.array([[0.0, 0.5, 1.0]], np.float32), [0, 128, 255]),
        (np.array([[0.0, 128.0, 250.0]], np.float32), [0, 128, 250]),
        (np.array([[-1.0, 0.0, 1.0]], np.float32), [0, 128, 255]),
        (np.array([[0.0, np.nan, np.inf]], np.float32), [0, 0, 0]),
        (np.array([[0, 1 << 30, (1 << 31) - 1]], np.int32), [0, 64, 127]),
    ],
)
def test_deep_pixels_are_scaled_by_their_range(values: np.ndarray, expected: list[int]) -> None:
    image = read_image(encoded(PIL.Image.fromarray(values), "TIFF"))
    assert np.abs(image.pixels[0, :, 0].astype(int) - expected).max() <= 1


def test_16_bit_png() -> None:
    image = read_image(encoded(PIL.Image.fromarray(np.array([[0, 30000, 65535]], np.uint16)), "PNG"))
    assert image.pixels[0, :, 0].tolist() == [0, 117, 255]


def test_gif_gives_its_first_frame() -> None:
    frames = [PIL.Image.new("L", (9, 9), shade) for shade in (200, 0, 100)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert abs(int(read_image(data).pixels[4, 4, 0]) - 200) <= 2


# What is wrong


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000)))


@pytest.mark.parametrize("size", [(20_000, 5_001), (12_000, 12_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    with pytest.raises(ImageTooLarge):
        read_image(png_header(*size) + chunk(b"IEND", b""))


def test_other_bombs() -> None:
    bmp = bytearray(encoded(picture(), "BMP"))
    bmp[18:26] = struct.pack("<ii", 60_000, 60_000)
    with pytest.raises(ImageTooLarge):
        read_image(bytes(bmp))
    gif = bytearray(encoded(picture(), "GIF"))
    gif[6:10] = struct.pack("<HH", 65_535, 65_535)
    with pytest.raises(ImageTooLarge):
        read_image(bytes(gif))
    text = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(200_000_000), 9))
    data = encoded(picture(), "PNG")
    with pytest.raises(UnreadableImage):
        read_image(data[:33] + text + data[33:])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF"])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
def test_a_truncated_file_is_refused(kind: str, share: float) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    data = encoded(PIL.Image.fromarray(pixels), kind)
    with pytest.raises(UnreadableImage):
        read_image(data[: int(len(data) * share)])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"just text, renamed to .png\n" * 10,
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a\x0a\0\x0a\0\0\0\0;",  # no frame at all
        b"GIF89a\0\0\0\0\0\0\0;",
        png_header(0, 10),
        b"BM" + bytes(60),
        b"RIFF\x10\0\0\0WEBPVP8 \0\0\0\0",
        b"II*\0\x08\0\0\0\0\0",
        b"II*\0\xff\xff\xff\xff",
        b"\xff\xd8\xff\xe0\0\x10JFIF\0",
        b"\xff\xd8\xff\xd9",
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableImage):
        read_image(data)


def test_a_pdf_is_called_a_pdf() -> None:
    with pytest.raises(UnreadableImage, match="it is a PDF"):
        read_image(b"%PDF-1.7\n...")


def test_paths_that_are_no_picture_files(tmp_path: Path) -> None:
    with pytest.raises(InputNotFound, match="no such file"):
        read_image(tmp_path / "none.png")
    with pytest.raises(UnreadableImage, match="folder"):
        read_image(tmp_path)
    (tmp_path / "text.png").write_text("hello")
    with pytest.raises(UnreadableImage, match=r"text\.png"):
        read_image(tmp_path / "text.png")
    with pytest.raises(InputNotFound):
        read_image(tmp_path / "text.png" / "inside.png")
    for impossible in ("a" * 5000, "null\0byte.png"):
        with pytest.raises(UnreadableImage):
            read_image(tmp_path / impossible)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX")
def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(UnreadableImage, match="regular"):
        read_image(tmp_path / "pipe.png")


def test_flipped_bytes_never_raise_anything_else() -> None:
    """A small, repeatable fuzz: 1,500 damaged files of all formats end in an Image or a ScipixError."""
    chance = random.Random(7)
    originals = [encoded(picture(12, 9), kind) for kind in ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")]
    originals.append(encoded(picture(12, 9), "TIFF", compression="tiff_lzw"))
    originals.append(encoded(picture(12, 9).convert("P"), "PNG", transparency=0))
    refused = 0
    for turn in range(1500):
        data = bytearray(originals[turn % len(originals)])
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            assert read_image(bytes(data)).pixels.size
        except ScipixError:
            refused += 1
    assert 100 < refused < 1500


# Arrays


def test_from_array_copies_what_could_change() -> None:
    pixels = gradient()
    image = from_array(pixels, name="screen")
    pixels[:] = 0
    assert image.pixels.any()
    assert not image.pixels.flags.writeable
    again = from_array(image.pixels)
    assert again.pixels is image.pixels


def test_from_array_takes_grey_and_views() -> None:
    assert from_array(gradient()[:, :, 0]).pixels.shape == (30, 40, 3)
    assert from_array(gradient()[:, ::2]).pixels.flags.c_contiguous


@pytest.mark.parametrize("shape", [(0, 4, 3), (4, 0, 3), (4, 4, 4), (4,)])
def test_from_array_refuses_other_shapes(shape: tuple[int, ...]) -> None:
    with pytest.raises(UnreadableImage):
        from_array(np.zeros(shape, np.uint8))


def test_from_array_refuses_other_types_and_sizes() -> None:
    with pytest.raises(UnreadableImage, match="float"):
        from_array(np.zeros((4, 4, 3)))
    with pytest.raises(ImageTooLarge):
        from_array(np.broadcast_to(np.zeros((1, 1, 3), np.uint8), (MAX_PIXELS, 2, 3)))
