"""The release workflow calls what is there: it cannot be run here."""

import re

import build
import freeze

TEXT = (freeze.ROOT / ".github/workflows/release.yml").read_text("utf-8")


def test_every_script_that_it_calls_is_there() -> None:
    scripts = set(re.findall(r"packaging[/\\][\w/\\.]+", TEXT))
    assert len(scripts) >= 5
    for script in scripts:
        assert (freeze.ROOT / script.replace("\\", "/")).is_file(), script


def test_every_kind_that_it_asks_for_is_known() -> None:
    calls = re.findall(r"packaging/build\.py (.+)", TEXT)
    kinds = {word for call in calls for word in re.sub(r"--runtime \S+", "", call).split() if not word.startswith("-")}
    assert {"deb", "nsis", "dmg", "portable", "sums"} <= kinds <= set(build.MAKERS)


def test_nothing_is_tried_by_hand_on_the_linux_job_twice() -> None:
    """In its container there is no chroot to make: the package is tried in the container itself."""
    (line,) = [line for line in TEXT.splitlines() if "build.py deb" in line]
    assert "--no-trial" in line
    assert "try_deb.py --here" in TEXT


def test_what_is_installed_beside_the_lock_is_pinned() -> None:
    folded = re.sub(r">-\n((?: {10}.*\n)+)", lambda step: re.sub(r"\s+", " ", step[1]) + "\n", TEXT)
    commands = [line for line in folded.splitlines() if "uv pip install" in line]
    assert len(commands) == 2
    for command in commands:
        words = re.sub(r"(--python|-r) \S+", "", command.partition("pip install")[2]).split()
        assert words
        assert [word for word in words if "==" not in word] == []


def test_actions_are_pinned_by_hash_and_leave_no_credentials() -> None:
    used = re.findall(r"uses: (\S+)(.*)", TEXT)
    assert len(used) >= 10
    assert [name for name, note in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name) or not note] == []
    assert TEXT.count("persist-credentials: false") == sum(name.startswith("actions/checkout@") for name, _ in used)
