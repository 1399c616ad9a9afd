from __future__ import annotations

from typing import Any

import pytest

import scipix
from tests.cli.conftest import Terminal

GOOD: dict[str, Any] = {
    "system": "linux x86_64",
    "cpu": {"name": "Some CPU", "physical": 2, "logical": 4, "features": ["AVX2", "AVX512-VNNI"]},
    "backend": "ok",
    "providers": ["CPUExecutionProvider"],
    "models": [
        {"id": "math-v1", "ok": True, "problem": "", "files": [{"path": "weights/x", "size": 3}], "runs_on": {}}
    ],
}


def test_json_is_one_object_with_everything(terminal: Terminal) -> None:
    terminal.facts = GOOD
    assert terminal.run("doctor", "--json") == 0
    (report,) = terminal.objects
    assert report["scipix"] == scipix.__version__
    assert report["packages"]["numpy"]
    assert report["paths"]["models"] == str(terminal.paths.models)
    assert report["capture"] == {"method": "qt"}
    assert {name: report[name] for name in GOOD} == GOOD


def test_text_is_indented(terminal: Terminal) -> None:
    terminal.facts = GOOD
    assert terminal.run("doctor") == 0
    lines = terminal.results.splitlines()
    assert "cpu:" in lines
    assert "  features: AVX2, AVX512-VNNI" in lines
    assert "providers: CPUExecutionProvider" in lines
    model = lines.index("models:")
    assert lines[model + 1 : model + 7] == [
        "  - id: math-v1",
        "    ok: yes",
        "    problem: none",
        "    files:",
        "      - path: weights/x",
        "        size: 3",
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"providers": []}, 5),
        ({"models": []}, 4),
        ({"models": [{"id": "math-v1", "ok": False, "problem": "corrupt"}]}, 4),
    ],
)
def test_the_exit_code_is_that_of_a_recognition(terminal: Terminal, change: dict[str, Any], code: int) -> None:
    terminal.facts = GOOD | change
    assert terminal.run("doctor", "--json") == code
