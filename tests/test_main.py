"""`python -m scipix` as a process: what only shows from outside."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import scipix.__main__ as entry
from scipix.cli.programs import BenchRequest
from scipix.datatypes import Image
from scipix.errors import CaptureError, NothingToRead, ScipixError
from tests.inference.tiny import make_models

ROOT = Path(__file__).parent.parent


def scipix(*arguments: object, home: Path, code: str = "", **options: object) -> subprocess.CompletedProcess[str]:
    """Runs `python -m scipix ARGUMENTS` (or code) with an empty home and no variable of ours."""
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "desktop")}
    command = [sys.executable, *(["-c", code] if code else ["-m", "scipix"]), *map(str, arguments)]
    return subprocess.run(command, env=env, cwd=home, capture_output=True, text=True, timeout=120, **options)  # type: ignore[call-overload]


def test_telemetry_is_off_before_anything_is_imported() -> None:
    body = ast.parse(Path(entry.__file__).read_text("utf-8")).body
    assert isinstance(body[0], ast.Expr)  # the docstring
    code = [ast.unparse(node) for node in body[1:]]
    assert code[:3] == [
        "from __future__ import annotations",
        "import os",
        "os.environ['ORT_DISABLE_TELEMETRY'] = '1'",
    ]
    assert "ORT_DISABLE_TELEMETRY" in (ROOT / "tests" / "conftest.py").read_text("utf-8")


def field(number: int, content: bytes | int) -> bytes:
    """One field of a protobuf message; everything here is shorter than 128 bytes."""
    if isinstance(content, int):
        return bytes([number << 3, content])
    return bytes([number << 3 | 2, len(content)]) + content


def identity_model() -> bytes:
    """The smallest ONNX file: y = x. Field numbers from onnx.proto."""
    shape = field(2, field(1, field(1, 1)))
    tensor = field(2, field(1, field(1, 1) + shape))
    node = field(1, b"x") + field(2, b"y") + field(4, b"Identity")
    graph = field(1, node) + field(2, b"g") + field(11, field(1, b"x") + tensor) + field(12, field(1, b"y") + tensor)
    return field(1, 8) + field(7, graph) + field(8, field(2, 13))


def test_a_session_leaves_no_telemetry_behind(tmp_path: Path) -> None:
    code = (
        "import scipix.__main__\n"
        "from scipix.inference.runtime import load_onnxruntime\n"
        f"session = load_onnxruntime().InferenceSession({identity_model()!r})\n"
        "print(session.get_inputs()[0].name)"
    )
    done = scipix(home=tmp_path, code=code)
    assert (done.stdout, done.returncode) == ("x\n", 0), done.stderr
    assert list(tmp_path.rglob("*")) == []


def test_help_and_errors_start_neither_qt_nor_onnxruntime(tmp_path: Path) -> None:
    code = (
        "import sys, scipix.__main__ as entry\n"
        "sys.argv = ['scipix', 'recognize', 'none.png', '-']\n"
        "status = entry.main()\n"
        "print(status, [name for name in ('PySide6', 'onnxruntime', 'quickjs') if name in sys.modules])"
    )
    done = scipix(home=tmp_path, code=code, input="no picture")
    assert done.stdout == "3 []\n", done.stderr
    assert "Traceback" not in done.stderr


def test_hostile_names_and_files(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "empty.png").touch()
    (tmp_path / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    names = ["text.png", "empty.png", "cut.png", ".", "none/none.png", "text.png/x.png", "a" * 5000, "\udcff.png"]
    done = scipix("recognize", *names, "--json", home=tmp_path)
    assert done.returncode == 3
    # "." is a folder: it stands for the three pictures in it.
    assert done.stdout.count('"ok": false') == len(names) - 1 + 3
    assert "Traceback" not in done.stderr


def test_a_reader_that_goes_away_ends_it_quietly(tmp_path: Path) -> None:
    code = (
        "import os, sys, scipix.__main__ as entry\n"
        "read, write = os.pipe()\n"
        "os.close(read)\n"
        "os.dup2(write, 1)\n"
        "sys.argv = ['scipix', 'recognize', '--json', 'none.png', 'none2.png']\n"
        "sys.exit(entry.main())"
    )
    done = scipix(home=tmp_path, code=code)
    assert done.returncode == 6
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_a_full_disk_is_told_and_is_no_fault(tmp_path: Path) -> None:
    code = (
        "import os, sys, scipix.__main__ as entry\n"
        "os.dup2(os.open('/dev/full', os.O_WRONLY), 1)\n"
        "sys.argv = ['scipix', 'recognize', '--json', 'none.png', 'none2.png']\n"
        "sys.exit(entry.main())"
    )
    done = scipix(home=tmp_path, code=code)
    assert done.returncode == 6
    assert done.stderr.splitlines()[-1] == "scipix: the output cannot be written: No space left on device"
    assert "none2" not in done.stderr  # what cannot be told is not read
    assert "Traceback" not in done.stderr
    assert "fault" not in done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays")
def test_without_a_display_the_app_says_so(tmp_path: Path) -> None:
    done = scipix(home=tmp_path)
    assert done.returncode == 1
    assert "no display" in done.stderr
    assert "Traceback" not in done.stderr
    code = "import os, sys, scipix.__main__ as entry\nos.environ['DISPLAY'] = ':7777'\nsys.exit(entry.main())"
    done = scipix(home=tmp_path, code=code)
    assert done.returncode == 1
    assert done.stderr == "scipix: the display :7777 does not answer; `scipix recognize` works without one\n"


@pytest.mark.skipif(sys.platform == "win32", reason="homes are found otherwise")
def test_a_user_without_a_home_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def unknown(number: int) -> None:
        raise KeyError(number)

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    assert entry.main() == 1
    assert capsys.readouterr().err == "scipix: this user has no home folder; name one with the variable HOME\n"


@pytest.mark.parametrize("arguments", [["--hidden"], ["snip"]])
def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / ".local").write_text("in the way")
    code = f"import sys, scipix.__main__ as entry\nsys.argv = {['scipix', *arguments]!r}\nsys.exit(entry.main())"
    done = scipix(home=tmp_path, code="import os\nos.environ['QT_QPA_PLATFORM'] = 'offscreen'\n" + code)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"scipix: the folder {tmp_path}/.local/share/scipix cannot be made: Not a directory"
    ]


def test_shielded_lets_known_errors_through_and_names_others() -> None:
    def known() -> tuple:  # type: ignore[type-arg]
        raise NothingToRead("blank")

    def unknown() -> tuple:  # type: ignore[type-arg]
        raise KeyError("x")

    with pytest.raises(NothingToRead):
        entry.shielded(known)
    with pytest.raises(ScipixError, match="KeyError"):
        entry.shielded(unknown)


def test_a_fault_of_ours_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fail(*_: object) -> int:
        raise IndexError("deep inside")

    monkeypatch.setattr(entry, "run_command", fail)
    assert entry.main() == 1
    assert "IndexError: deep inside" in capsys.readouterr().err


def test_snip_that_nobody_answers_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from scipix.paths import default_paths

    monkeypatch.setattr("scipix.gui.hand_over.reach", lambda folder: object())
    monkeypatch.setattr("scipix.gui.hand_over.ask", lambda line, message: False)
    with pytest.raises(CaptureError, match="did not answer"):
        entry.ask_for_snip("math", default_paths({"HOME": str(tmp_path)}))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere a display is always there")
def test_snip_without_a_display_says_so_and_starts_nothing(tmp_path: Path) -> None:
    done = scipix("snip", home=tmp_path)
    assert done.returncode == int(CaptureError.exit_code)
    assert "no display" in done.stderr
    assert not list(tmp_path.rglob("instance.lock"))


LATE = "numpy PIL onnxruntime sqlite3 quickjs pypdfium2 jeepney scipix.pipeline scipix.history scipix.gui.window scipix.notation"


@pytest.mark.parametrize(
    ("imports", "late"),
    [
        ("scipix.gui.hand_over", f"PySide6 {LATE}"),
        ("scipix.gui.app, scipix.gui.capture.session", LATE),
        (
            "scipix.gui.application, scipix.gui.real_parts",
            "numpy PIL onnxruntime pypdfium2 scipix.pipeline scipix.licenses",
        ),
    ],
)
def test_nothing_that_a_snip_can_do_without_keeps_it_waiting(tmp_path: Path, imports: str, late: str) -> None:
    """To ask the app that runs no Qt is needed; to freeze the screen nothing of reading and showing; to open the window
    nothing of reading. All of it would take most of a second."""
    code = f"import sys, scipix.__main__, {imports}\nprint(*[name for name in {late.split()} if name in sys.modules])"
    assert scipix(home=tmp_path, code=code).stdout == "\n"


MODEL = ROOT / "models" / "weights" / "math-v1"
SAMPLES = sorted((ROOT / "resources" / "samples").glob("*.png"))


@pytest.mark.skipif(not MODEL.is_dir() or not SAMPLES, reason="no trained model here")
def test_the_real_model_reads_the_samples_that_ship(tmp_path: Path) -> None:
    blank = tmp_path / "blank.png"
    PIL.Image.new("RGB", (50, 30), "white").save(blank)
    done = scipix("recognize", *SAMPLES, blank, "--json", home=tmp_path)
    assert done.returncode == 3, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len(SAMPLES) + 1
    assert all('"ok": true' in line for line in lines[:-1])
    assert "nothing-to-read" in lines[-1]


@pytest.mark.parametrize(
    ("text", "precision"), [('[recognition]\nprecision = "fp16"\n', "fp16"), ("", "auto"), ("broken", "auto")]
)
def test_the_command_line_loads_the_precision_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, precision: str
) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("SCIPIX_PLUGINS", "/lib/webgpu.so")
    settings = entry.default_paths(os.environ).settings_file
    settings.parent.mkdir(parents=True)
    settings.write_text(text)
    assert entry._pipeline_options(tmp_path, "auto").precision == precision


def test_the_bench_measures_the_pipeline_of_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    paths = replace(entry.default_paths(os.environ), models=make_models(tmp_path / "models"))
    pixels = np.full((40, 90, 3), 255, dtype=np.uint8)
    pixels[10:30, 10:14] = pixels[10:14, 10:40] = 0
    rows = {row["what"]: row for row in entry.measure(BenchRequest(paths, "cpu", (Image(pixels),), None, 1))}
    for what, unit in (
        ("load of the model, its files in memory", "ms"),
        ("preprocess 1024 x 1024 px", "ms"),
        ("gain of the cache", "x"),
        ("batch of 32", "ms"),
        ("formulas in a batch of 32", "/s"),
        ("known picture, 3840 x 2160 px, in memory", "ms"),
        ("known picture, on the disk", "ms"),
        ("memory of this process with the model", "MB"),
    ):
        assert rows[what]["unit"] == unit
        assert rows[what]["p50"] > 0
    assert not any("start" in what or "TrOCR" in what for what in rows)
