from __future__ import annotations

import threading
from pathlib import Path

import pytest

from scipix.datatypes import Box
from scipix.errors import PdfLocked, UnreadablePdf
from scipix.gui.jobs import Jobs, Lane
from scipix.gui.viewer.book import Book, load
from scipix.gui.viewer.layout import Tile
from scipix.inference.cancel import Cancel
from scipix.sources.pdf import Pdf
from tests.pdfs import Sheet, make_pdf


@pytest.fixture
def jobs(qapp):
    jobs = Jobs()
    yield jobs
    jobs.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.pdf"
    path.write_bytes(make_pdf([Sheet(), Sheet(200, 100)]))
    return path


@pytest.fixture
def book(jobs, path):
    book = Book(jobs, path, load(path, "", cancel=Cancel()))
    yield book
    jobs.close()
    book.free()


def test_tiles_are_drawn_in_the_order_of_need(book, qtbot):
    drawn = []
    book.drawn.connect(lambda tile, picture: drawn.append((tile, picture.width(), picture.height())))
    gate = threading.Event()
    book._jobs.submit(Lane.PAGES, lambda cancel: gate.wait(30))
    near, seen = Tile(0, 1.0, 0, 0), Tile(1, 2.0, 0, 0)
    book.want([seen], [near])
    gate.set()
    qtbot.waitUntil(lambda: len(drawn) == 2, timeout=30_000)
    assert drawn == [(seen, 400, 200), (near, 120, 80)]


def test_what_is_wanted_no_more_is_not_drawn(book, qtbot):
    drawn = []
    book.drawn.connect(lambda tile, picture: drawn.append(tile))
    gate = threading.Event()
    book._jobs.submit(Lane.PAGES, lambda cancel: gate.wait(30))
    old, again, new = (Tile(0, scale, 0, 0) for scale in (1.0, 2.0, 3.0))
    book.want([old, again], [])
    book.want([new], [])
    book.want([again, new], [])
    gate.set()
    qtbot.waitUntil(lambda: book._jobs.pending == 0, timeout=30_000)
    assert sorted(tile.scale for tile in drawn) == [2.0, 3.0]


def test_a_box_overtakes_the_pages_and_has_the_resolution_of_readings(book, qtbot):
    order = []
    book.drawn.connect(lambda tile, picture: order.append("tile"))
    gate = threading.Event()
    book._jobs.submit(Lane.PAGES, lambda cancel: gate.wait(30))
    book.want([Tile(0, 1.0, 0, 0)], [])
    cut = []
    book.cut(1, Box(10, 20, 82, 56), lambda image: (order.append("cut"), cut.append(image)), order.append)
    gate.set()
    qtbot.waitUntil(lambda: len(order) == 2, timeout=30_000)
    assert order == ["cut", "tile"]
    assert (cut[0].width, cut[0].height, cut[0].page, cut[0].dpi) == (301, 151, 1, 300)
    assert cut[0].name == "a.pdf, page 2"


def test_pdfium_is_called_in_one_thread_only(book, qtbot, monkeypatch):
    threads = set()
    render = Pdf.render

    def spy(self, *args, **options):
        threads.add(threading.get_ident())
        return render(self, *args, **options)

    monkeypatch.setattr(Pdf, "render", spy)
    drawn = []
    book.drawn.connect(lambda tile, picture: drawn.append(tile))
    book.want([Tile(0, float(scale), 0, 0) for scale in range(1, 7)], [])
    book.cut(0, Box(0, 0, 50, 50), drawn.append, drawn.append)
    qtbot.waitUntil(lambda: len(drawn) == 7, timeout=30_000)
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_a_page_that_cannot_be_drawn_is_told(jobs, tmp_path, qtbot):
    path = tmp_path / "a.pdf"
    path.write_bytes(make_pdf([Sheet(1e9, 80), Sheet()]))
    book = Book(jobs, path, load(path, "", cancel=Cancel()))
    with qtbot.waitSignal(book.spoiled, timeout=30_000) as told:
        book.want([Tile(0, 1.0, 0, 0)], [])
    assert told.args[0] == 0
    assert isinstance(told.args[1], UnreadablePdf)
    book.close()
    qtbot.waitUntil(lambda: jobs.pending == 0, timeout=30_000)
    with pytest.raises(UnreadablePdf, match="closed"):
        book._pdf.size(1)


def test_loading_needs_the_password(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(make_pdf(password="x"))
    with pytest.raises(PdfLocked):
        load(path, "", cancel=Cancel())
    loaded = load(path, "x", cancel=Cancel())
    assert loaded.sizes == ((120, 80),)
    loaded.pdf.close()
