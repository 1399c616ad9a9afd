"""bootstrap.py, without making an environment: what is decided, not what pip does."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parent.parent / "bootstrap.py"


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, working on a project of its own in tmp_path."""
    spec = importlib.util.spec_from_file_location("bootstrap_under_test", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("pyproject.toml", "uv.lock", "bootstrap.py"):
        (tmp_path / name).write_text(f"content of {name}", "utf-8")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "BIN", tmp_path / ".venv" / "bin")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "bootstrap.json")
    return module


@pytest.fixture
def made(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replaces the two steps that take minutes; the list says how often they ran."""
    calls: list[str] = []

    def make_venv() -> None:
        calls.append("venv")
        bootstrap.BIN.mkdir(parents=True, exist_ok=True)
        for name in ("python", "scipix"):
            bootstrap.program(name).write_text("", "utf-8")

    monkeypatch.setattr(bootstrap, "provide_system", lambda for_tests: None)
    monkeypatch.setattr(bootstrap, "make_venv", make_venv)
    monkeypatch.setattr(bootstrap, "fill_venv", lambda: calls.append("fill"))
    return calls


def test_second_setup_does_nothing(bootstrap: ModuleType, made: list[str]) -> None:
    bootstrap.setup()
    bootstrap.setup()
    assert made == ["venv", "fill"]


@pytest.mark.parametrize("name", ["pyproject.toml", "uv.lock"])
def test_a_changed_project_is_installed_again(bootstrap: ModuleType, made: list[str], name: str) -> None:
    bootstrap.setup()
    (bootstrap.ROOT / name).write_text("changed", "utf-8")
    bootstrap.setup()
    assert made == ["venv", "fill"] * 2


def test_a_failed_install_leaves_no_stamp(
    bootstrap: ModuleType, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise bootstrap.SetupError("no network")

    bootstrap.setup()
    (bootstrap.ROOT / "uv.lock").write_text("changed", "utf-8")
    monkeypatch.setattr(bootstrap, "fill_venv", fail)
    with pytest.raises(bootstrap.SetupError):
        bootstrap.setup()
    assert not bootstrap.is_ready()


def test_run_passes_arguments_on_and_keeps_standard_output_clean(
    bootstrap: ModuleType, made: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "become", lambda command: commands.append(command) or 3)
    assert bootstrap.main(["run", "recognize", "a b.png", "--json"]) == 3
    assert commands == [[str(bootstrap.program("scipix")), "recognize", "a b.png", "--json"]]
    assert capsys.readouterr().out == ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Debian packages")
def test_missing_library_program_and_font_name_their_packages(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "QT_LIBRARIES", {"libc.so.6": "libc6", "libnone.so.9": "libnone9"})
    monkeypatch.setattr(bootstrap, "TEST_PROGRAMS", {"sh": "dash", "no-such-program": "nothing"})
    monkeypatch.setattr(bootstrap, "FONT_FOLDERS", (str(tmp_path / "fonts"),))
    assert bootstrap.missing_packages(for_tests=False) == ["libnone9", "fonts-dejavu-core"]
    assert bootstrap.missing_packages(for_tests=True) == ["libnone9", "fonts-dejavu-core", "nothing"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Debian packages")
def test_without_rights_nothing_is_installed_and_the_command_is_told(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "missing_packages", lambda for_tests: ["libegl1"])
    monkeypatch.setattr(bootstrap, "root_prefix", lambda: None)
    monkeypatch.setattr(bootstrap, "call", lambda *command, env=None: pytest.fail(f"ran {command}"))
    bootstrap.provide_system(for_tests=False)
    assert "apt-get install libegl1" in capsys.readouterr().err


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Debian packages")
def test_apt_upgrades_nothing_and_refreshes_its_lists_only_when_it_must(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[tuple[str, ...]] = []
    answers = iter([False, True, True])
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(bootstrap, "root_prefix", lambda: [])
    monkeypatch.setattr(bootstrap, "call", lambda *command: commands.append(command) or next(answers))
    assert bootstrap.install_packages(["libegl1"])
    assert ["update" in command for command in commands] == [False, True, False]
    assert all("--no-upgrade" in command for command in commands if "install" in command)


def test_without_pip_and_without_rights_the_user_is_told_what_to_install(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "pip_command", lambda: None)
    monkeypatch.setattr(bootstrap, "install_packages", lambda packages: False)
    with pytest.raises(bootstrap.SetupError, match=r"apt-get install python3-venv python3\.\d+-venv python3-pip"):
        bootstrap.provide_pip()


@pytest.mark.skipif(sys.platform == "win32", reason="a script stands for uv")
@pytest.mark.parametrize(("version", "taken"), [("0.13.8", True), ("0.4.30", False)])
def test_a_uv_on_the_path_is_used_when_it_is_new_enough(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, taken: bool
) -> None:
    uv = tmp_path / "uv"
    uv.write_text(f"#!/bin/sh\necho 'uv {version} (somewhere)'\n", "utf-8")
    uv.chmod(0o755)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: str(uv))
    assert bootstrap.find_uv() == (uv if taken else None)


def test_uv_hears_what_pip_was_told(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CERT", "/certs.pem")
    monkeypatch.setenv("PIP_DEFAULT_TIMEOUT", "99")
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "7")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    env = bootstrap.uv_environment()
    assert env["SSL_CERT_FILE"] == "/certs.pem"
    assert env["UV_HTTP_TIMEOUT"] == "7"
    assert env["UV_PROJECT_ENVIRONMENT"] == str(bootstrap.VENV)


def test_where_uv_fails_pip_installs_the_same_lock(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[tuple[str, ...]] = []

    def call(*command: object, env: dict[str, str] | None = None) -> bool:
        commands.append(tuple(map(str, command)))
        return "sync" not in command

    monkeypatch.setattr(bootstrap, "call", call)
    monkeypatch.setattr(bootstrap, "provide_uv", lambda: Path("uv"))
    monkeypatch.setattr(bootstrap, "provide_pip", lambda: ["pip"])
    bootstrap.fill_venv()
    assert [command[:2] for command in commands] == [
        ("uv", "sync"),
        ("uv", "export"),
        ("pip", "install"),
        ("pip", "install"),
    ]
    assert "--require-hashes" in commands[2]


@pytest.mark.parametrize(("arguments", "status"), [([], 2), (["fly"], 2), (["--help"], 0)])
def test_wrong_usage_explains_itself(
    bootstrap: ModuleType, arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bootstrap.main(arguments) == status
    assert "bootstrap.py run" in capsys.readouterr().err
