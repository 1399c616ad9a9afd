import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from linux import try_deb

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Debian packages")


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


def test_a_script_that_fails_ends_the_trial(capsys) -> None:
    trial = try_deb.Trial(Path("/"))
    assert trial.run("echo one; echo two") == "one\ntwo\n"
    with pytest.raises(subprocess.CalledProcessError):
        trial.run("echo the reason; false; echo never")
    assert "the reason" in capsys.readouterr().out


def test_what_the_user_keeps_is_looked_at(tmp_path: Path) -> None:
    folder = tmp_path / try_deb.HOME.lstrip("/") / ".config/scipix"
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text("schema = 1")
    assert try_deb._kept(try_deb.Trial(tmp_path)) == {"settings.toml": b"schema = 1"}


def test_the_file_can_be_run_by_itself() -> None:
    done = subprocess.run([sys.executable, try_deb.__file__, "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "--chroot" in done.stdout
