"""Reads picture files: PNG, JPEG, WebP, BMP, TIFF, GIF (first frame).

The input is not to be trusted: nothing but a ScipixError comes out of a hostile file. Light on dark stays light on dark
here: recognize/preprocess.py inverts it.
"""

from __future__ import annotations

import io
import stat
import struct
import warnings
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
import PIL.Image
from PIL.Image import Transpose

from scipix.datatypes import Image, Origin
from scipix.errors import ImageTooLarge, InputNotFound, UnreadableImage

MAX_PIXELS = 100_000_000  # 300 MB of RGB: more than an A0 sheet at 150 dpi, less than what hurts a laptop
# Decoders that have seen fewer hostile files stay out; DIB is what a Windows clipboard holds.
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "DIB", "TIFF", "GIF")
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".jpe", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif"})

# What Pillow's decoders raise on damaged files, found by cutting and flipping bytes (tests/sources/test_images.py).
_DECODER_FAULTS = (
    OSError,  # truncated, unidentified
    SyntaxError,  # PNG chunks
    ValueError,
    LookupError,
    ArithmeticError,
    TypeError,
    AttributeError,
    EOFError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)

# EXIF orientation (tag 274) -> what turns the picture upright; EXIF 2.32, table 4.6.4 A.
_ORIENTATION_TAG = 274
_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}

_DEEP_MODES = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")  # more than 8 bits in the one channel
_BIT_DEPTHS = (8, 10, 12, 14, 16, 24, 32)
_LIGHT = 153  # luma (0..255) from which ink is better seen on black than on white
_DARK_SHARE = 0.02  # of the visible ink: less than this is noise at the edges
_SAMPLES = 1_000_000  # pixels looked at to tell light ink from dark


def read_image(source: Path | bytes, *, name: str = "", origin: Origin = Origin.FILE) -> Image:
    """Decode a picture, upright, on an opaque background.

    name: what to call it in messages; the path when empty. Raises InputNotFound, UnreadableImage (no picture, damaged,
    cut off, empty), ImageTooLarge (more than MAX_PIXELS; found in the header, before anything is decoded).
    """
    if isinstance(source, bytes):
        return _decode(io.BytesIO(source), len(source), name or "image", origin)
    name = name or str(source)
    try:
        status = source.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableImage(name, "it is a folder" if source.is_dir() else "it is not a regular file")
        with source.open("rb") as stream:
            return _decode(stream, status.st_size, name, origin)
    except (FileNotFoundError, NotADirectoryError) as exc:
        raise InputNotFound(source) from exc
    except UnreadableImage:
        raise
    except (OSError, ValueError) as exc:  # ValueError: a path with a null byte
        raise UnreadableImage(name, getattr(exc, "strerror", None) or str(exc)) from exc


def from_array(
    pixels: np.ndarray, *, dpi: float | None = None, origin: Origin = Origin.SCREEN, name: str = ""
) -> Image:
    """An Image of pixels: uint8 (H, W, 3) RGB or (H, W) grey. Copied unless it is contiguous and read-only already.

    Raises UnreadableImage for another shape or type, or no pixels at all; ImageTooLarge.
    """
    if pixels.dtype != np.uint8 or not (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] == 3)):
        raise UnreadableImage(name or "array", f"pixels are {pixels.dtype} {pixels.shape}, not uint8 (H, W, 3)")
    _check_size(int(pixels.shape[1]), int(pixels.shape[0]), name or "array")
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, np.newaxis], 3, axis=2)
    if pixels.flags.writeable or not pixels.flags.c_contiguous:
        pixels = np.array(pixels, order="C")
        pixels.flags.writeable = False
    return Image(pixels, dpi, origin, name)


def _decode(stream: BinaryIO, size: int, name: str, origin: Origin) -> Image:
    if size == 0:
        raise UnreadableImage(name, "it is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd files on standard error; we decide below
            with PIL.Image.open(stream, formats=FORMATS) as picture:
                _check_size(*picture.size, name)
                picture.load()
                dpi = _dpi(picture)
                pixels = np.array(_on_paper(_upright(picture)), dtype=np.uint8, order="C")
    except PIL.Image.DecompressionBombError as exc:
        raise ImageTooLarge(name, f"it has more than {MAX_PIXELS // 1_000_000} million pixels") from exc
    except PIL.UnidentifiedImageError as exc:
        raise UnreadableImage(name, _what_else(stream)) from exc
    except UnreadableImage:
        raise
    except _DECODER_FAULTS as exc:
        raise UnreadableImage(name, f"it is damaged or cut off ({exc})") from exc
    pixels.flags.writeable = False
    return Image(pixels, dpi, origin, name)


def _check_size(width: int, height: int, name: str) -> None:
    if width < 1 or height < 1:
        raise UnreadableImage(name, "it has no pixels")
    if width * height > MAX_PIXELS:
        raise ImageTooLarge(name, f"{width} x {height} is more than {MAX_PIXELS // 1_000_000} million pixels")


def _what_else(stream: BinaryIO) -> str:
    """Why a file is no picture, in words that help."""
    stream.seek(0)
    if b"%PDF-" in stream.read(1024):  # where the PDF reference lets the header stand
        return "it is a PDF"
    return "it is not a PNG, JPEG, WebP, BMP, TIFF or GIF picture, or its header is damaged"


def _dpi(picture: PIL.Image.Image) -> float | None:
    """Dots per inch across, when the file says something that can be true."""
    try:
        dpi = float(picture.info["dpi"][0])
    except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError):
        return None
    return dpi if 10 <= dpi <= 10_000 else None


def _upright(picture: PIL.Image.Image) -> PIL.Image.Image:
    """Turned as its EXIF says; damaged EXIF is no reason to refuse good pixels."""
    try:
        orientation = picture.getexif().get(_ORIENTATION_TAG)
    except _DECODER_FAULTS:
        return picture
    turn = _UPRIGHT.get(orientation) if isinstance(orientation, int) else None
    return picture if turn is None else picture.transpose(turn)


def _on_paper(picture: PIL.Image.Image) -> PIL.Image.Image:
    """An RGB picture without transparency."""
    if picture.mode in _DEEP_MODES:
        return PIL.Image.fromarray(_to_8_bits(np.asarray(picture))).convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layers = picture.convert("RGBA")
    paper = PIL.Image.new("RGB", picture.size, "black" if _is_light_ink(layers) else "white")
    paper.paste(layers, mask=layers.getchannel("A"))
    return paper


def _is_light_ink(layers: PIL.Image.Image) -> bool:
    """True when what is visible of a mostly transparent RGBA picture is light, so that white would swallow it."""
    pixels = np.asarray(layers)
    step = max(1, int(np.sqrt(pixels.shape[0] * pixels.shape[1] / _SAMPLES)))
    sample = pixels[::step, ::step].astype(np.float32)
    alpha = sample[..., 3] / 255
    if alpha.mean() >= 0.5 or not alpha.any():
        return False
    luma = sample[..., :3] @ np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
    return float(alpha[luma < _LIGHT].sum() / alpha.sum()) < _DARK_SHARE


def _to_8_bits(values: np.ndarray) -> np.ndarray:
    """uint8 (H, W) from integers or floats (H, W), scaled by the range that the values are in.

    Floats within 0..1 are fractions of white. Other values from 0 up are taken to have the smallest usual bit depth
    that holds the brightest one (a 12-bit scan in a 16-bit file is not a dark picture). Negative values: least to most.
    """
    numbers = values.astype(np.float64)
    finite = np.isfinite(numbers)
    if not finite.any():
        raise ValueError("no pixel has a finite value")
    low, high = float(numbers[finite].min()), float(numbers[finite].max())
    numbers = np.where(finite, numbers, high)
    if low >= 0:
        low = 0.0
        whites = [1.0] if values.dtype.kind == "f" else []
        whites += [float(2**bits - 1) for bits in _BIT_DEPTHS]
        high = next((white for white in whites if high <= white), high)
    if high <= low:
        return np.full(values.shape, 255, np.uint8)
    return np.round((numbers - low) * (255 / (high - low))).astype(np.uint8)
