from __future__ import annotations

import random
import threading
from pathlib import Path

import numpy as np
import pytest

from scipix.datatypes import Box, Origin
from scipix.errors import (
    BoxOffPage,
    Cancelled,
    InputNotFound,
    NotAPdf,
    PageNotFound,
    PdfLocked,
    PdfTooLarge,
    ScipixError,
    UnreadablePdf,
)
from scipix.sources import pdf
from scipix.sources.pdf import LETTER, Pdf, is_pdf
from tests.pdfs import Sheet, make_pdf

TALL = Sheet(width=200, height=100, box=(10, 70, 40, 20), rotate=90)


def ink(pixels: np.ndarray) -> tuple[int, int, int, int]:
    """left, top, right, bottom of what is black."""
    rows, columns = np.nonzero(pixels.max(axis=2) < 128)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def test_a_page_becomes_an_image(tmp_path: Path) -> None:
    path = tmp_path / "a ü.pdf"
    path.write_bytes(make_pdf([Sheet(), Sheet(200, 50)]))
    with Pdf(path) as document:
        assert document.page_count == 2
        assert document.sizes() == ((120, 80), (200, 50))
        image = document.render(0, dpi=144)
    assert (image.pixels.shape, image.pixels.dtype) == ((160, 240, 3), np.uint8)
    assert image.pixels.flags.c_contiguous
    assert not image.pixels.flags.writeable
    assert ink(image.pixels) == (60, 60, 140, 120)
    assert image.pixels[0, 0].tolist() == [255, 255, 255]
    assert (image.dpi, image.origin, image.page, image.name) == (144, Origin.PDF, 0, f"{path}, page 1")


def test_colors_come_as_red_green_blue() -> None:
    with Pdf(make_pdf([Sheet(color="1 0 0 rg")])) as document:
        assert document.render(0, dpi=72).pixels[40, 50].tolist() == [255, 0, 0]


def test_a_turned_page_is_upright_in_size_pixels_and_boxes() -> None:
    with Pdf(make_pdf([TALL])) as document:
        assert document.size(0) == (100, 200)
        image = document.render(0, dpi=72)
        # Turned clockwise: what stood 10 from the left and 10 below the top stands 10 from the top and 10 from the right.
        assert ink(image.pixels) == (70, 10, 90, 50)
        assert ink(document.render(0, dpi=72, box=Box(60, 0, 100, 60)).pixels) == (10, 10, 30, 50)


def test_a_crop_box_cuts_the_page() -> None:
    with Pdf(make_pdf([Sheet(more="/CropBox[20 10 80 60]")])) as document:
        assert document.size(0) == (60, 50)
        assert ink(document.render(0, dpi=72).pixels) == (10, 10, 50, 40)


def test_a_box_is_in_points_from_the_top_left_and_cut_at_the_edge() -> None:
    with Pdf(make_pdf()) as document:
        part = document.render(0, dpi=144, box=Box(20, 25, 50, 500))
    assert part.pixels.shape == (110, 60, 3)
    assert ink(part.pixels) == (20, 10, 60, 70)


@pytest.mark.parametrize("dpi", [72.0, 131.7, 300.0])
def test_neighboring_boxes_fit_together(dpi: float) -> None:
    scale = dpi / 72
    with Pdf(make_pdf()) as document:
        whole = document.render(0, dpi=dpi).pixels
        cut = 77 / scale
        halves = [document.render(0, dpi=dpi, box=box).pixels for box in (Box(0, 0, cut, 80), Box(cut, 0, 120, 80))]
    assert halves[0].shape[1] == 77
    assert (np.concatenate(halves, axis=1) == whole).all()


def test_the_file_may_be_changed_and_removed_while_it_is_open(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(make_pdf())
    with Pdf(path) as document:
        path.write_bytes(b"TeX writes it anew")
        path.unlink()
        assert ink(document.render(0, dpi=72).pixels) == (30, 30, 70, 60)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"", NotAPdf, "empty"),
        (b"\x89PNG\r\n", NotAPdf, "no PDF"),
        (b"%PDF-1.7\nnothing", UnreadablePdf, "damaged"),
        (make_pdf()[:150], UnreadablePdf, "damaged"),
        (make_pdf([]), UnreadablePdf, "without pages"),
        (make_pdf(password="secret"), PdfLocked, "password"),
    ],
)
def test_what_cannot_be_opened(data: bytes, error: type[ScipixError], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        Pdf(data, name="paper.pdf")
    assert type(caught.value) is error
    assert "paper.pdf" in str(caught.value)


def test_a_password_opens_and_a_wrong_one_does_not() -> None:
    data = make_pdf(password="secret")
    with Pdf(data, password="secret") as document:
        assert ink(document.render(0, dpi=72).pixels) == (30, 30, 70, 60)
    with pytest.raises(PdfLocked, match="wrong"):
        Pdf(data, password="Secret")


def test_files_that_are_not_there_or_not_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputNotFound):
        Pdf(tmp_path / "none.pdf")
    with pytest.raises(InputNotFound):
        Pdf(Path(__file__) / "a.pdf")
    with pytest.raises(NotAPdf, match="folder"):
        Pdf(tmp_path)
    with pytest.raises(UnreadablePdf):
        Pdf(tmp_path / "a\0b.pdf")
    path = tmp_path / "large.pdf"
    path.write_bytes(make_pdf())
    monkeypatch.setattr(pdf, "MAX_BYTES", 100)
    with pytest.raises(PdfTooLarge):
        Pdf(path)


def test_pages_and_boxes_that_are_not_there() -> None:
    with Pdf(make_pdf([Sheet(), Sheet()]), name="paper.pdf") as document:
        for page in (2, -1):
            with pytest.raises(PageNotFound, match="it has 2 pages"):
                document.render(page, dpi=72)
        for box in (Box(120, 0, 150, 50), Box(0, -9, 50, -1), Box(9, 9, 5, 5)):
            with pytest.raises(BoxOffPage, match="120 x 80 points"):
                document.render(1, dpi=72, box=box)


def test_a_picture_that_is_too_large_is_refused_before_it_is_made() -> None:
    with Pdf(make_pdf([Sheet(5000, 5000)])) as document:
        with pytest.raises(PdfTooLarge, match="million"):
            document.render(0, dpi=300)
        assert document.render(0, dpi=300, box=Box(0, 0, 72, 72)).pixels.shape == (300, 300, 3)


def test_what_is_to_be_read_is_fine_enough_and_not_too_large() -> None:
    with Pdf(make_pdf([Sheet(), Sheet(2384, 3370)])) as document:
        assert document.render_to_read(0).dpi == 300
        poster = document.render_to_read(1)
        assert poster.width * poster.height == pytest.approx(16e6, rel=0.001)
        assert poster.width == pytest.approx(2384 * (poster.dpi or 0) / 72, abs=1)
        assert document.render_to_read(1, Box(0, 3000, 500, 9999)).dpi == 300  # what is on the page counts
        with pytest.raises(BoxOffPage):
            document.render_to_read(1, Box(-9, -9, -1, -1))
        with pytest.raises(Cancelled):
            document.render_to_read(1, stopped=lambda: True)


def test_a_page_that_says_nonsense_is_told_and_has_some_size() -> None:
    with Pdf(make_pdf([Sheet(1e9, 80), Sheet()])) as document:
        assert document.sizes() == (LETTER, (120, 80))
        with pytest.raises(UnreadablePdf, match="page 1"):
            document.render(0, dpi=72)
        assert document.render(1, dpi=72).width == 120


def test_drawing_can_be_stopped() -> None:
    with Pdf(make_pdf()) as document:
        with pytest.raises(Cancelled):
            document.render(0, dpi=72, stopped=lambda: True)
        assert document.render(0, dpi=72).width == 120


def test_drawing_is_stopped_in_the_midst_of_a_page() -> None:
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        return asked == 3

    with Pdf(make_pdf([Sheet(color="0 g " + "9 9 50 50 re f " * 5000)])) as document, pytest.raises(Cancelled):
        document.render(0, dpi=72, stopped=stopped)
    assert asked == 3


def test_a_closed_document_says_so() -> None:
    document = Pdf(make_pdf())
    document.close()
    document.close()
    with pytest.raises(UnreadablePdf, match="closed"):
        document.render(0, dpi=72)


def test_threads_take_turns() -> None:
    documents = [Pdf(make_pdf([Sheet(box=(10 * place, 10, 5, 5))])) for place in range(4)]
    found: list[tuple[int, int]] = []

    def draw(place: int) -> None:
        for _ in range(20):
            found.append((place, ink(documents[place].render(0, dpi=72).pixels)[0]))

    threads = [threading.Thread(target=draw, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for document in documents:
        document.close()
    assert sorted(found) == sorted((place, 10 * place) for place in range(4) for _ in range(20))


def test_damaged_bytes_end_in_a_scipix_error_or_in_a_picture() -> None:
    chance, good = random.Random(7), make_pdf([Sheet(), TALL])
    for _ in range(150):
        data = bytearray(good[: chance.randrange(60, len(good))] if chance.random() < 0.3 else good)
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(9, len(data))] = chance.randrange(256)
        try:
            with Pdf(bytes(data)) as document:
                for page in range(min(document.page_count, 3)):
                    document.render(page, dpi=30)
        except ScipixError:
            pass


def test_the_mark_may_stand_behind_other_bytes() -> None:
    assert is_pdf(b"\n" * 1000 + b"%PDF-1.7")
    assert not is_pdf(b"\n" * 1020 + b"%PDF-1.7")
