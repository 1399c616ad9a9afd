import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import build
from linux import desktop_trial, try_deb
from linux.try_deb import TrialFailed

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Debian packages")
SAMPLES = build.ROOT / "resources" / "samples"


def test_the_upgrade_is_newer_and_holds_the_same(tmp_path: Path) -> None:
    if shutil.which("dpkg-deb") is None:
        pytest.skip("needs dpkg")
    tree = tmp_path / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    fields = {"Package": "scipix", "Version": "1.2.3", "Architecture": "amd64", "Maintainer": "x", "Description": "y"}
    (tree / "DEBIAN/control").write_text("".join(f"{name}: {value}\n" for name, value in fields.items()))
    (tree / "opt").mkdir()
    (tree / "opt/file").write_text("content")
    old = tmp_path / "old.deb"
    subprocess.run(["dpkg-deb", "-Znone", "--build", str(tree), str(old)], check=True, capture_output=True)
    (tmp_path / "work").mkdir()
    new = try_deb.newer(old, tmp_path / "work")
    version = subprocess.run(["dpkg-deb", "-f", str(new), "Version"], capture_output=True, text=True).stdout.strip()
    assert version == "1.2.3+1"
    assert subprocess.run(["dpkg", "--compare-versions", version, "gt", "1.2.3"]).returncode == 0
    assert "./opt/file" in subprocess.run(["dpkg-deb", "-c", str(new)], capture_output=True, text=True).stdout


def test_a_script_that_fails_ends_the_trial() -> None:
    trial = try_deb.Trial(Path("/"))
    assert trial.run("echo one; echo two") == "one\ntwo\n"
    with pytest.raises(TrialFailed, match="the reason"):
        trial.run("echo the reason; false; echo never")


def test_what_the_user_keeps_is_looked_at(tmp_path: Path) -> None:
    folder = tmp_path / try_deb.HOME.lstrip("/") / ".config/scipix"
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text("schema = 1")
    assert try_deb._kept(try_deb.Trial(tmp_path)) == {"settings.toml": b"schema = 1"}


def test_leftovers_are_the_files_and_folders_of_the_package_alone(tmp_path: Path) -> None:
    files = [
        "/.",
        "/opt",
        "/opt/scipix",
        "/opt/scipix/scipix",
        "/usr/bin/scipix",
        "/usr/share/man/man1/scipix.1.gz",
        "",
    ]
    for name in ("opt/scipix", "usr/bin", "usr/share/man/man1"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "usr/bin/scipix").symlink_to("/opt/scipix/scipix")
    assert try_deb.left_over(tmp_path, files) == [str(tmp_path / "opt/scipix"), str(tmp_path / "usr/bin/scipix")]


def test_a_system_of_ubuntu_is_made_as_such(tmp_path: Path) -> None:
    words = try_deb.debootstrap_words(tmp_path, "noble", "http://mirror.invalid/ubuntu")
    assert "--components=main,universe" in words
    assert words[-2:] == ["http://mirror.invalid/ubuntu", "/usr/share/debootstrap/scripts/gutsy"]
    assert try_deb.debootstrap_words(tmp_path, "trixie", None)[-2:] == ["trixie", str(tmp_path)]


def test_a_chroot_that_was_made_before_is_used_and_a_broken_one_is_told(tmp_path: Path, monkeypatch) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "debootstrap").write_text("#!/bin/sh\necho no mirror\nexit 1\n")
    (bin_folder / "debootstrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(bin_folder), prepend=os.pathsep)
    system = tmp_path / "system"
    (system / "usr").mkdir(parents=True)
    try_deb.make_chroot(system, "bookworm", "http://mirror.invalid/debian")
    (system / "debootstrap").mkdir()  # left by one that was stopped
    with pytest.raises(TrialFailed, match="no mirror"):
        try_deb.make_chroot(system, "bookworm", "http://mirror.invalid/debian")


def test_the_package_is_tried_unless_that_is_left_out(tmp_path: Path, monkeypatch, capsys) -> None:
    package = tmp_path / "scipix.deb"
    package.write_bytes(b"deb")
    tried: list[tuple[Path, Path | None, str, str | None]] = []
    monkeypatch.setattr(build.deb, "build", lambda *given: package)
    monkeypatch.setattr(build.try_deb, "run", lambda *given: tried.append(given))
    monkeypatch.setattr(build.try_deb, "missing", lambda: "")
    assert build.main(["--keep-tree", "deb", "--no-trial"]) == 0
    assert not tried
    assert build.main(["--keep-tree", "deb", "--suite", "trixie"]) == 0
    assert tried == [(package, build.BUILD / "chroot-trixie", "trixie", None)]
    monkeypatch.setattr(build.try_deb, "missing", lambda: "a trial in a chroot needs root")
    assert build.main(["--keep-tree", "deb"]) == 1
    said = capsys.readouterr().out
    assert "needs root" in said
    assert "--no-trial" in said


def test_what_is_missing_is_named(monkeypatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "root" in try_deb.missing()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(try_deb.shutil, "which", lambda tool: None if tool == "debootstrap" else f"/bin/{tool}")
    assert try_deb.missing() == "the trial needs debootstrap"


def test_the_state_of_a_process_is_read() -> None:
    sleeper = subprocess.Popen(["sleep", "60"])
    try:
        desktop_trial.wait_for_rest(sleeper.pid, 0.3)
        assert not desktop_trial.wants_to_run(sleeper.pid)
        assert desktop_trial.processor_time(sleeper.pid) < 5
        found = desktop_trial.memory(sleeper.pid)
    finally:
        sleeper.kill()
        sleeper.wait()
    assert "MB resident" in found


def test_pictures_and_the_recent_list_are_read_without_the_app(tmp_path: Path) -> None:
    from scipix.history.recent import Recent

    assert desktop_trial.png_size(SAMPLES / "quadratic.png") == (256, 81)
    recent = Recent(tmp_path / "history.sqlite3", 10)
    recent.close()
    assert desktop_trial.entries(tmp_path / "history.sqlite3") == 0
    with sqlite3.connect(tmp_path / "history.sqlite3") as base:
        assert base.execute("SELECT name FROM sqlite_master WHERE name = 'entries'").fetchone()


def test_the_file_can_be_run_by_itself() -> None:
    done = subprocess.run([sys.executable, try_deb.__file__, "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "--chroot" in done.stdout
