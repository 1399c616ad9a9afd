"""Holds the architecture: who may import whom, how long a file may be, where a broad except may stand."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "desktop" / "scipix"
FILES = sorted(PACKAGE.rglob("*.py"))

BASE = {"datatypes", "errors"}
CORE = BASE | {"atomic", "inference", "sources", "detect", "recognize", "assemble", "export", "notation", "history"}
STEPS = ("sources", "detect", "recognize", "assemble", "export")
# Part of the package -> the parts that it may import, besides itself and the package's own version.
MAY_IMPORT = {
    "datatypes": set(),
    "errors": set(),
    "atomic": set(),
    "toml_writer": set(),
    "reading_json": BASE,
    "licenses": set(),
    "paths": BASE,
    "settings": {*BASE, "atomic", "toml_writer"},
    "inference": {*BASE, "atomic", "reading_json"},
    "detect": {*BASE, "inference"},
    "recognize": {*BASE, "inference", "notation"},
    "sources": BASE,
    "assemble": BASE,
    "notation": {*BASE, "paths"},
    "export": {*BASE, "atomic", "notation"},
    "history": {*BASE, "atomic", "reading_json"},
    "pipeline": CORE,
    "cli": {*CORE, "pipeline", "paths", "settings"},
    "gui": {*CORE, "pipeline", "paths", "settings", "licenses"},
    "__main__": {*CORE, "pipeline", "paths", "settings", "cli", "gui"},
}
ONLY_IN = {"PySide6": "gui", "shiboken6": "gui", "onnxruntime": "inference"}
# Nothing of ours talks to the network; whoever adds a download that the user asked for names its file here.
NETWORK = {"urllib.request", "http", "ftplib", "smtplib", "ssl", "requests", "httpx", "aiohttp"}
NETWORK_FILES = {"cli/metrics.py"}  # a loopback port, for `scipix stats --serve`
BROAD_EXCEPT_FILES = {"gui/jobs.py", "__main__.py"}
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40


def part_of(path: Path) -> str:
    """datatypes, inference, gui ...: the first name below the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(tree: ast.AST, path: Path) -> Iterator[str]:
    """Absolute dotted names of everything imported anywhere in a file, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = ("scipix", *path.relative_to(PACKAGE).parts)[: -node.level]
                base = ".".join([*parents, base]).rstrip(".")
            yield from (f"{base}.{alias.name}" for alias in node.names)


def import_faults(path: Path, source: str) -> list[str]:
    part, faults = part_of(path), []
    for name in imports(ast.parse(source), path):
        top, _, rest = name.partition(".")
        if ONLY_IN.get(top, part) != part:
            faults.append(f"{name}: only {ONLY_IN[top]} may")
        networked = any(name == module or name.startswith(f"{module}.") for module in NETWORK)
        if networked and path.relative_to(PACKAGE).as_posix() not in NETWORK_FILES:
            faults.append(f"{name}: opens the network")
        other = rest.partition(".")[0]
        if top == "scipix" and other in MAY_IMPORT and other not in {*MAY_IMPORT.get(part, ()), part}:
            faults.append(f"{name}: {part} may not import {other}")
    return faults


def function_faults(source: str) -> list[str]:
    faults = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if ast.get_docstring(node) is not None:
                lines -= (first.end_lineno or first.lineno) - first.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                faults.append(f"{node.name} has {lines} lines")
    return faults


def broad_excepts(source: str) -> list[int]:
    """Lines of handlers that catch everything and do not raise it again."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            broad = any(kind is None or getattr(kind, "id", "") in ("Exception", "BaseException") for kind in caught)
            last = node.body[-1]
            if broad and not (isinstance(last, ast.Raise) and last.exc is None):
                found.append(node.lineno)
    return found


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_follow_the_design(path: Path) -> None:
    assert import_faults(path, path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", FILES, ids=name)
def test_files_and_functions_are_short(path: Path) -> None:
    source = path.read_text("utf-8")
    assert source.count("\n") <= MAX_FILE_LINES
    assert function_faults(source) == []


@pytest.mark.parametrize("path", [path for path in FILES if name(path) not in BROAD_EXCEPT_FILES], ids=name)
def test_only_what_can_be_named_is_caught(path: Path) -> None:
    assert broad_excepts(path.read_text("utf-8")) == []


def test_every_part_has_a_rule_and_no_name_of_the_standard_library() -> None:
    parts = {part_of(path) for path in FILES} - {"__init__"}
    assert parts <= set(MAY_IMPORT)
    assert not parts & (set(sys.stdlib_module_names) - {"__main__"})
    assert not any(path.stem in ("utils", "helpers", "manager", "mixin", "common", "misc") for path in FILES)


@pytest.mark.parametrize("step", STEPS)
def test_the_steps_do_not_know_each_other(step: str) -> None:
    assert not MAY_IMPORT[step] & (set(STEPS) - {step})


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("sources/pdf.py", "from scipix.export import markdown"),
        ("detect/layout.py", "def f():\n    from ..recognize import math"),
        ("recognize/text.py", "import onnxruntime"),
        ("pipeline.py", "from PySide6.QtGui import QImage"),
        ("inference/store.py", "import urllib.request"),
        ("datatypes.py", "from scipix import errors"),
        ("cli/main.py", "from scipix.gui.app import main"),
    ],
)
def test_the_import_rule_finds(where: str, source: str) -> None:
    assert import_faults(PACKAGE / where, source)


def test_the_other_rules_find() -> None:
    assert function_faults("def f():\n" + "    x = 1\n" * 40)
    assert not function_faults('def f():\n    """a\n    b"""\n' + "    x = 1\n" * 39)
    assert broad_excepts("try:\n    f()\nexcept (ValueError, Exception):\n    pass") == [3]
    assert broad_excepts("try:\n    f()\nexcept:\n    pass") == [3]
    assert broad_excepts("try:\n    f()\nexcept BaseException:\n    g()\n    raise") == []
