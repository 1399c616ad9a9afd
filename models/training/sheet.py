"""A sheet of the worst readings, to look at: each picture with its truth and what was read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from models.training.evaluate import Score

WIDTH, HEIGHT, GAP = 1000, 130, 12  # pixels of the sheet, of the tallest picture on it, between rows
_LETTERS = 118  # of a line of text that fits


def write_sheet(scores: Sequence[Score], path: Path) -> None:
    """Draw the scores in their order, one below the other, into a PNG."""
    font = ImageFont.load_default(15)
    rows = [_row(score, font) for score in scores]
    sheet = Pillow.new("RGB", (WIDTH, sum(row.height + GAP for row in rows) + GAP), "#dfe3ea")
    top = GAP
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height + GAP
    sheet.save(path, optimize=True)


def _row(score: Score, font: ImageFont.ImageFont | ImageFont.FreeTypeFont) -> Pillow.Image:
    picture = Pillow.fromarray(score.sample.image.pixels)
    picture.thumbnail((WIDTH - 2 * GAP, HEIGHT))
    row = Pillow.new("RGB", (WIDTH, picture.height + 66), "white")
    row.paste(picture, (GAP, 4))
    draw = ImageDraw.Draw(row)
    lines = (
        (f"{score.sample.name}   distance {score.distance:.2f}, confidence {score.confidence:.2f}", "#666666"),
        (score.sample.latex, "#0a6b2d"),
        (score.found or f"nothing ({score.error})", "#a01818"),
    )
    for index, (text, color) in enumerate(lines):
        text = " ".join(text.split())
        draw.text((GAP, picture.height + 8 + 18 * index), text[:_LETTERS], color, font)
    return row
