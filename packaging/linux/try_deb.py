#!/usr/bin/env python3
"""Installs, uses, upgrades and removes the Debian package, as root: python3 packaging/linux/try_deb.py DEB...

    --chroot FOLDER     in a clean system there, made with debootstrap (--suite bookworm, --mirror URL) when it is empty
    --here              in this system, which has to be one that nobody needs, such as a container in CI

An ordinary user of the system runs the self-test, opens the window under Xvfb and makes two snips (desktop_trial.py).
The package is then made anew with a higher version and installed over it: settings and history have to be the same, and
the app has to open with them. Then it is removed, and nothing of it may be left.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from linux import desktop_trial
from linux.desktop_trial import TrialFailed, say

USER = "scipix-try"
HOME = f"/home/{USER}"
HISTORY = ".local/share/scipix/history.sqlite3"
OFFSCREEN = "QT_QPA_PLATFORM=offscreen"
# Of the frozen libraries, those that link to one which is neither in the package nor in what it depends on.
UNRESOLVED = """
export LD_LIBRARY_PATH=/opt/scipix/_internal
find /opt/scipix -type f -name '*.so*' -exec ldd {} + 2>/dev/null | grep 'not found' | sort -u || true
"""
INSTALL = "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends"
TOOLS = " ".join(desktop_trial.TOOLS)
UBUNTU_KEYS = Path("/usr/share/keyrings/ubuntu-archive-keyring.gpg")


class Trial:
    """A system in a folder; "/" is this one."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, script: str, as_user: bool = False) -> str:
        """Run a shell script in the system; returns its output. Raises TrialFailed."""
        say(script.strip().splitlines()[0].partition(" || ")[0])
        words = self._words(script, as_user)
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise TrialFailed(f"{done.stdout}\nended with {done.returncode}: {script}")
        return done.stdout

    def ask(self, script: str) -> str:
        """What a script of the ordinary user prints; "" when it fails."""
        # Not a pipe: a program that stays, such as the one that holds the clipboard, would keep it open.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(self._words(script, True), stdout=output, stderr=subprocess.DEVNULL)
            output.seek(0)
            return output.read() if done.returncode == 0 else ""

    def start(self, script: str) -> subprocess.Popen[str]:
        """Run a script of the ordinary user beside this one."""
        words = self._words(script, True)
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def install(self, package: Path) -> None:
        shutil.copyfile(package, self.root / "tmp" / package.name)
        self.run(f"{INSTALL} /tmp/{package.name} || {{ apt-get update && {INSTALL} /tmp/{package.name}; }}")
        (self.root / "tmp" / package.name).unlink()

    def _words(self, script: str, as_user: bool) -> list[str]:
        words = ["sh", "-euc", script]
        if as_user:
            words = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups", "env", "-i", *_env(), *words]
        return words if self.root == Path("/") else ["chroot", str(self.root), *words]


def _env() -> list[str]:
    return [f"HOME={HOME}", f"USER={USER}", "PATH=/usr/bin:/bin", "LANG=C.UTF-8"]


def missing() -> str:
    """What a trial in a chroot needs and is not there, as a sentence; "" when all is there."""
    if os.geteuid() != 0:
        return "a trial in a chroot needs root"
    tools = [tool for tool in ("debootstrap", "chroot", "setpriv") if shutil.which(tool) is None]
    return f"the trial needs {', '.join(tools)}" if tools else ""


def make_chroot(folder: Path, suite: str, mirror: str | None) -> None:
    """A clean system, unless it is there. Raises TrialFailed."""
    if (folder / "usr").is_dir() and not (folder / "debootstrap").exists():
        return
    words = debootstrap_words(folder, suite, mirror or apt_mirror(suite))
    say(f"debootstrap: a clean {suite} in {folder}")
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise TrialFailed(f"debootstrap ended with {done.returncode}: {done.stdout[-2000:]}")


def debootstrap_words(folder: Path, suite: str, mirror: str | None) -> list[str]:
    """The command. An older debootstrap does not know the newest Ubuntu, which is made as all others of it are."""
    words = ["debootstrap", "--variant=minbase"]
    if mirror is None or "ubuntu" not in mirror:
        return [*words, suite, str(folder), *([mirror] if mirror else [])]
    words.append("--components=main,universe")
    if UBUNTU_KEYS.is_file():
        words.append(f"--keyring={UBUNTU_KEYS}")
    else:
        say(f"{UBUNTU_KEYS} is not here: the signature of the mirror is not checked")
        words.append("--no-check-gpg")
    return [*words, suite, str(folder), mirror, "/usr/share/debootstrap/scripts/gutsy"]


def apt_mirror(suite: str) -> str | None:
    """Where this system has the suite from; None when it is another one."""
    words = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", f"Codename: {suite}"]
    try:
        found = subprocess.run(words, capture_output=True, text=True).stdout.split()
    except OSError:
        return None
    return found[0] if found else None


@contextlib.contextmanager
def with_proc(root: Path) -> Iterator[None]:
    """/proc in the system, which a chroot made by debootstrap has not. Raises CalledProcessError."""
    proc = root / "proc"
    if (proc / "self").exists():
        yield
        return
    subprocess.run(["mount", "-t", "proc", "proc", str(proc)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(proc)], check=True)


def newer(package: Path, folder: Path) -> Path:
    """The same package with a higher version."""
    tree = folder / "tree"
    subprocess.run(["dpkg-deb", "-R", str(package), str(tree)], check=True)
    control = tree / "DEBIAN/control"
    lines = [f"{line}+1" if line.startswith("Version:") else line for line in control.read_text("utf-8").splitlines()]
    control.write_text("\n".join(lines) + "\n", "utf-8")
    target = folder / "newer.deb"
    options = ["--root-owner-group", "-Znone", "--build", str(tree), str(target)]
    subprocess.run(["dpkg-deb", *options], check=True, stdout=subprocess.DEVNULL)
    return target


def try_out(trial: Trial, package: Path) -> None:
    """Raises TrialFailed."""
    trial.run(f"id {USER} || useradd --create-home {USER}")
    history = trial.root / HOME.lstrip("/") / HISTORY
    history.unlink(missing_ok=True)
    trial.install(package)
    files = trial.run("dpkg -L scipix").split("\n")
    size = sum(_size(trial.root / name.lstrip("/")) for name in files)
    say(f"{package.name}: {package.stat().st_size / 1e6:.1f} MB, installed {size / 1e6:.1f} MB in {len(files)} files")
    # Before the tools bring libraries of their own.
    if unresolved := trial.run(UNRESOLVED.strip()).strip():
        raise TrialFailed(f"the package does not depend on all that it needs:\n{unresolved}")
    print(trial.run(f"{OFFSCREEN} scipix doctor --self-test", as_user=True), flush=True)
    trial.run(f"{INSTALL} {TOOLS} || {{ apt-get update && {INSTALL} {TOOLS}; }}")
    desktop_trial.use(trial, history)
    before, count = _kept(trial), desktop_trial.entries(history)
    with tempfile.TemporaryDirectory() as folder:
        trial.install(newer(package, Path(folder)))
    if before != _kept(trial) or not before:
        raise TrialFailed("the upgrade changed settings or history")
    print(trial.run(f"{OFFSCREEN} scipix doctor --self-test", as_user=True), flush=True)
    with desktop_trial.desktop(trial) as screen:
        desktop_trial.start_again(screen)
    if desktop_trial.entries(history) != count:
        raise TrialFailed("the upgraded app has lost entries of the recent list")
    # With what came along, so that the next trial finds the system as this one did.
    also = "" if trial.root == Path("/") else f" {TOOLS} && apt-get autoremove -y --purge"
    trial.run(f"export DEBIAN_FRONTEND=noninteractive; apt-get purge -y scipix{also}")
    left = left_over(trial.root, files)
    if left:
        raise TrialFailed(f"left over: {', '.join(left)}")
    if not _kept(trial):
        raise TrialFailed("removing took the user's own files along")
    say("installed, used, upgraded, removed: nothing left but the user's settings and history")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() and not path.is_symlink() else 0


def left_over(root: Path, files: Sequence[str]) -> list[str]:
    """Those of a package's files, and folders of that name, that are still there."""
    paths = [root / name.lstrip("/") for name in files if name.startswith("/")]
    return [
        str(path) for path in paths if path.is_symlink() or path.is_file() or (path.is_dir() and "scipix" in path.name)
    ]


def _kept(trial: Trial) -> dict[str, bytes]:
    """The user's own files, which an upgrade leaves alone."""
    home = trial.root / HOME.lstrip("/")
    found = [home / ".config/scipix/settings.toml", home / HISTORY]
    return {path.name: path.read_bytes() for path in found if path.is_file()}


def run(package: Path, chroot: Path | None, suite: str, mirror: str | None) -> None:
    """Everything. chroot: None for this system. Raises TrialFailed."""
    root = Path("/") if chroot is None else chroot.resolve()
    if chroot is not None:
        make_chroot(root, suite, mirror)
    with with_proc(root):
        try_out(Trial(root), package)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--chroot", type=Path)
    where.add_argument("--here", action="store_true")
    parser.add_argument("--suite", default="bookworm")
    parser.add_argument("--mirror", help="of packages; one with ubuntu in its name for Ubuntu")
    given = parser.parse_args(arguments)
    if given.chroot and (reason := missing()):
        parser.error(reason)
    try:
        run(given.package, given.chroot, given.suite, given.mirror)
    except TrialFailed as exc:
        say(f"failed: {exc}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
