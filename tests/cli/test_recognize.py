"""The contract of `scipix recognize`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pytest

from scipix.datatypes import Image, Mode
from scipix.errors import BackendUnavailable, FeatureDisabled, ModelMissing, NothingToRead, UsageError
from scipix.recognize.many import Outcome
from scipix.settings import FeatureSettings, Settings, save
from scipix.sources import stdin
from tests.cli.conftest import Terminal
from tests.fakes import FakeRecognizer, make_reading
from tests.pdfs import Sheet, make_pdf

Draw = Callable[..., Path]


def test_one_line_of_latex_and_nothing_else(terminal: Terminal, draw: Draw) -> None:
    assert terminal.run("recognize", draw("a.png")) == 0
    assert terminal.results == "x^{2}\n"
    assert terminal.messages == ""
    assert terminal.recognizer.closed


def test_json_has_every_field_of_the_contract(terminal: Terminal, draw: Draw) -> None:
    path = draw("a.png")
    assert terminal.run("recognize", path, "--json") == 0
    assert terminal.objects == [
        {
            "path": str(path),
            "ok": True,
            "mode": "math",
            "text": "x^{2}",
            "latex": "x^{2}",
            "confidence": 0.9,
            "readable": True,
            "unread": [],
            "symbols": [
                {"latex": "x", "box": [1, 2, 3.46, 4], "confidence": 0.99},
                {"latex": "^", "box": None, "confidence": 0.8},
            ],
            "model": "fake-v1",
            "provider": "cpu",
            "timings_ms": {
                "load": 5.0,
                "preprocess": 1.25,
                "encode": 9.8,
                "decode": 14.1,
                "postprocess": 0.0,
                "total": 26.0,
            },
            "cached": False,
        }
    ]


def test_a_bad_input_is_told_and_the_rest_is_read_in_order(terminal: Terminal, draw: Draw, tmp_path: Path) -> None:
    good, bad, none, other = draw("b.png"), tmp_path / "bad.png", tmp_path / "none.png", draw("a.png")
    bad.write_text("no picture")
    assert terminal.run("recognize", good, bad, none, other, "--json") == 3
    assert [entry["path"] for entry in terminal.objects] == [str(path) for path in (good, bad, none, other)]
    assert [entry["ok"] for entry in terminal.objects] == [True, False, False, True]
    assert terminal.objects[1]["error"]["code"] == "unreadable-image"
    assert terminal.objects[2]["error"]["code"] == "input-not-found"
    assert set(terminal.objects[1]) == {"path", "ok", "error"}
    assert str(bad) in terminal.messages


def test_results_come_in_the_order_of_the_inputs_whatever_ends_first(terminal: Terminal, draw: Draw) -> None:
    terminal.recognizer = FakeRecognizer(lambda name: make_reading(Path(name).stem))
    paths = [draw(f"{letter}.png") for letter in "cabd"]
    assert terminal.run("recognize", *paths) == 0
    assert terminal.results == "c\na\nb\nd\n"
    assert [Path(name).stem for name, _ in terminal.recognizer.seen] == ["a", "c", "d", "b"]
    assert terminal.latency.summary()["image"].count == 4


def test_without_json_a_failure_is_on_standard_error_only(terminal: Terminal, draw: Draw, tmp_path: Path) -> None:
    assert terminal.run("recognize", tmp_path / "none.png", draw("a.png")) == 3
    assert terminal.results == "x^{2}\n"
    assert "no such file" in terminal.messages


def test_a_folder_means_its_pictures_in_natural_order(terminal: Terminal, draw: Draw, tmp_path: Path) -> None:
    for name in ("p10.png", "p2.PNG", "q.jpg", ".hidden.png"):
        draw(name)
    draw("deeper.png", "pictures/inner")
    (tmp_path / "pictures" / "notes.txt").write_text("x")
    assert terminal.run("recognize", tmp_path / "pictures", "--json") == 0
    assert [Path(entry["path"]).name for entry in terminal.objects] == ["p2.PNG", "p10.png", "q.jpg"]


def test_a_folder_without_pictures_is_a_failed_input(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert terminal.run("recognize", tmp_path / "empty", "--json") == 3
    assert terminal.objects[0]["path"] == str(tmp_path / "empty")
    assert "no pictures" in terminal.objects[0]["error"]["message"]


def test_standard_input(terminal: Terminal, draw: Draw) -> None:
    assert terminal.run("recognize", "-", "--json", source=draw("a.png").read_bytes()) == 0
    assert terminal.objects[0]["path"] == "-"
    assert terminal.recognizer.seen == [("-", Mode.AUTO)]
    assert terminal.run("recognize", "-") == 3
    assert terminal.run("recognize", "-", "-") == 2


class Threaded(FakeRecognizer):
    """Opens in another thread, as the pipeline does."""

    def recognize_many(self, sources: Sequence[Callable[[], Image]], mode: Mode) -> Iterator[Outcome]:
        with ThreadPoolExecutor(1) as pool:
            yield from super().recognize_many([partial(_run, pool, source) for source in sources], mode)


def _run(pool: ThreadPoolExecutor, source: Callable[[], Image]) -> Image:
    return pool.submit(source).result()


def test_standard_input_among_others_is_read_where_ctrl_c_is_heard(
    terminal: Terminal, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []

    def read_bytes(stream: BinaryIO) -> bytes:
        threads.append(threading.get_ident())
        return real(stream)

    real = stdin.read_bytes
    monkeypatch.setattr(stdin, "read_bytes", read_bytes)
    terminal.recognizer = Threaded()
    picture = draw("a.png")
    assert terminal.run("recognize", picture, "-", "--json", source=picture.read_bytes()) == 0
    assert terminal.run("recognize", "-", picture, "--json") == 3
    assert [entry.get("error", {}).get("code") for entry in terminal.objects] == ["unreadable-image", None]
    assert threads == [threading.get_ident()] * 2


def test_the_only_page_of_a_pdf_is_read_and_named(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "formula.pdf"
    path.write_bytes(make_pdf())
    assert terminal.run("recognize", path, "-", "--json", source=make_pdf()) == 0
    assert [entry["path"] for entry in terminal.objects] == [str(path), "-"]
    assert [(entry["page"], entry["box"], entry["dpi"]) for entry in terminal.objects] == [(1, None, 300.0)] * 2
    assert sorted(name for name, _ in terminal.recognizer.seen) == ["-, page 1", f"{path}, page 1"]
    assert terminal.run("recognize", path) == 0
    assert terminal.results == "x^{2}\n"


def test_a_page_and_a_box_of_a_pdf(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "paper.dat"  # known by what is in it
    path.write_bytes(make_pdf([Sheet(), Sheet(), Sheet()]))
    assert terminal.run("recognize", path, "--page", "3", "--box", "10,20.5,60,70", "--json") == 0
    assert list(terminal.objects[0])[:5] == ["path", "page", "box", "dpi", "ok"]
    assert (terminal.objects[0]["page"], terminal.objects[0]["box"]) == (3, [10, 20.5, 60, 70])
    assert terminal.recognizer.seen == [(f"{path}, page 3", Mode.AUTO)]
    assert terminal.recognizer.sizes == [(209, 207)]


@pytest.mark.parametrize(
    ("data", "options", "code"),
    [
        (make_pdf([Sheet(), Sheet()]), [], "page-not-named"),
        (make_pdf([Sheet(), Sheet()]), ["--page", "3"], "page-not-found"),
        (make_pdf(), ["--box", "200,0,300,50"], "box-off-page"),
        (make_pdf(password="secret"), [], "pdf-locked"),
        (b"%PDF-1.7\nbroken", [], "unreadable-pdf"),
        (b"<html>", [], "not-a-pdf"),
    ],
)
def test_a_bad_pdf_never_reaches_the_recognizer(
    terminal: Terminal, tmp_path: Path, data: bytes, options: list[str], code: str
) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(data)
    assert terminal.run("recognize", path, "--json", *options) == 3
    assert terminal.objects[0]["error"]["code"] == code
    assert terminal.objects[0]["path"] == str(path)
    assert terminal.recognizer.seen == []


def test_a_bad_pdf_and_a_missing_one_do_not_stop_the_others(terminal: Terminal, draw: Draw, tmp_path: Path) -> None:
    several = tmp_path / "several.pdf"
    several.write_bytes(make_pdf([Sheet(), Sheet()]))
    assert terminal.run("recognize", several, tmp_path / "none.pdf", draw("a.png"), "--json") == 3
    found = [entry.get("error", {}).get("code") for entry in terminal.objects]
    assert found == ["page-not-named", "input-not-found", None]
    assert "name the one to read with --page" in terminal.messages
    assert "page" not in terminal.objects[2]


def test_pictures_have_no_pages_and_no_boxes_in_points(terminal: Terminal, draw: Draw) -> None:
    picture = draw("a.png")
    assert terminal.run("recognize", picture, "-", "--page", "1", "--json", source=picture.read_bytes()) == 3
    assert [entry["error"]["code"] for entry in terminal.objects] == ["not-a-pdf"] * 2
    assert terminal.run("recognize", draw("b.png"), "--box", "0,0,5,5") == 3
    assert terminal.run("recognize", "none.png", "--page", "1", "--json") == 3
    assert terminal.objects[0]["error"]["code"] == "input-not-found"


def test_a_blank_picture(terminal: Terminal, draw: Draw) -> None:
    terminal.recognizer = FakeRecognizer(lambda name: NothingToRead("the picture is blank"))
    assert terminal.run("recognize", draw("a.png"), "--json") == 3
    assert terminal.objects[0]["error"] == {"code": "nothing-to-read", "message": "the picture is blank"}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ModelMissing("math-v1", "x.onnx"), 4),
        (BackendUnavailable("no provider works"), 5),
        (UsageError("no such provider: abc"), 2),
    ],
)
def test_what_concerns_every_input_is_said_once(terminal: Terminal, draw: Draw, error: Exception, code: int) -> None:
    terminal.recognizer = FakeRecognizer(lambda name: error)
    paths = [draw("a.png"), draw("b.png"), "missing.png"]
    assert terminal.run("recognize", *paths, "--json") == code
    assert [entry["error"]["code"] for entry in terminal.objects] == [getattr(error, "code", "")] * 3
    assert len(terminal.recognizer.seen) == 1
    assert terminal.messages.count("scipix:") == 1


def test_a_fault_of_ours_costs_one_input(terminal: Terminal, draw: Draw) -> None:
    answers = {"a.png": ZeroDivisionError("oops"), "b.png": make_reading()}
    terminal.recognizer = FakeRecognizer(lambda name: answers[Path(name).name])
    assert terminal.run("recognize", draw("a.png"), draw("b.png"), "none.png", "--json") == 1
    assert [entry["ok"] for entry in terminal.objects] == [False, True, False]
    assert terminal.objects[0]["error"]["code"] == "error"
    assert "Traceback" not in terminal.messages


def test_a_doubtful_reading_is_marked(terminal: Terminal, draw: Draw) -> None:
    terminal.recognizer = FakeRecognizer(lambda name: make_reading("x", 0.1, readable=False))
    assert terminal.run("recognize", draw("a.png"), "--json") == 0
    assert terminal.objects[0]["readable"] is False
    assert "hard to read" in terminal.messages


def test_a_result_is_always_one_line(terminal: Terminal, draw: Draw) -> None:
    terminal.recognizer = FakeRecognizer(lambda name: make_reading("\\begin{matrix}\n1\n\\end{matrix}"))
    assert terminal.run("recognize", draw("a.png")) == 0
    assert terminal.results == "\\begin{matrix} 1 \\end{matrix}\n"


def test_options_reach_the_recognizer(terminal: Terminal, draw: Draw) -> None:
    assert terminal.run("recognize", draw("a.png"), "--mode", "math", "--provider", "cpu") == 0
    assert terminal.calls == [("open", terminal.paths.models, "cpu")]
    assert terminal.recognizer.seen[0][1] is Mode.MATH


def test_the_provider_of_the_settings_is_used_and_broken_settings_do_no_harm(terminal: Terminal, draw: Draw) -> None:
    terminal.paths.config.mkdir()
    terminal.paths.settings_file.write_text("[recognition]\nprovider = 'cuda'", "utf-8")
    assert terminal.run("recognize", draw("a.png")) == 0
    assert terminal.calls[-1][2] == "cuda"
    terminal.paths.settings_file.write_text("broken", "utf-8")
    assert terminal.run("recognize", draw("a.png")) == 0
    assert terminal.calls[-1][2] == "auto"
    assert "settings.toml" in terminal.messages
    assert terminal.paths.settings_file.read_text("utf-8") == "broken"


@pytest.mark.parametrize(
    "arguments",
    [
        ["recognize"],
        ["recognize", "a.png", "--format", "docx"],
        ["recognize", "a.png", "--mode", "page"],
        ["recognize", "a.png", "--provider", "magic"],
        ["recognize", "a.png", "--js"],
        ["convert", "a.pdf"],
        ["recognize", "a.pdf", "--page", "0"],
        ["recognize", "a.pdf", "--page", "one"],
        ["recognize", "a.pdf", "--box", "1,2,3"],
        ["recognize", "a.pdf", "--box", "1,2,3,4,5"],
        ["recognize", "a.pdf", "--box", "1,2,3,x"],
        ["recognize", "a.pdf", "--box", "9,2,3,4"],
        ["recognize", "a.pdf", "--box", "1,2,inf,4"],
        ["recognize", "a.pdf", "--box", "1,2,nan,4"],
        ["fly"],
    ],
)
def test_wrong_usage_ends_with_2(terminal: Terminal, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        terminal.run(*arguments)
    assert stopped.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "usage" in captured.err


def test_the_recognizer_is_told_what_is_switched_on(terminal: Terminal, draw: Draw) -> None:
    save(Settings(features=FeatureSettings(math=False)), terminal.paths.settings_file)
    terminal.recognizer = FakeRecognizer(lambda name: FeatureDisabled("math"))
    assert terminal.run("recognize", "--json", draw("a.png"), draw("b.png")) == 4
    assert "math" not in terminal.enabled
    assert [answer["error"]["code"] for answer in terminal.objects] == ["feature-disabled"] * 2
    assert terminal.messages.count("Settings > Models") == 1
