"""Reads a picture that another program sends."""

from __future__ import annotations

from typing import BinaryIO

from scipix.errors import ImageTooLarge, UnreadableImage

NAME = "-"
MAX_BYTES = 512 * 1024 * 1024  # an uncompressed picture of images.MAX_PIXELS, with alpha, and room for its header


def read_bytes(stream: BinaryIO) -> bytes:
    """Everything up to the end of the stream.

    Raises UnreadableImage when nothing came or the stream broke, ImageTooLarge when there is no end to it.
    """
    try:
        data = stream.read(MAX_BYTES + 1)
    except OSError as exc:
        raise UnreadableImage(NAME, f"standard input failed: {exc}") from exc
    if not data:
        raise UnreadableImage(NAME, "nothing came on standard input")
    if len(data) > MAX_BYTES:
        raise ImageTooLarge(NAME, f"more than {MAX_BYTES // 1024**2} MB came on standard input")
    return data
