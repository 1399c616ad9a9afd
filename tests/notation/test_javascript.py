from __future__ import annotations

from pathlib import Path

import pytest

from scipix.errors import ScipixError
from scipix.notation.javascript import Script, ScriptError

PROGRAM = """
let calls = 0;
globalThis.count = () => JSON.stringify(++calls);
globalThis.echo = (...all) => JSON.stringify(all);
globalThis.loop = () => { for (;;); };
globalThis.deep = () => globalThis.deep() + 1;
globalThis.hoard = () => { const all = []; for (;;) all.push(new Array(100000).fill(1)); };
globalThis.fail = () => { throw new Error("on purpose"); };
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "program.js"
    path.write_text(PROGRAM, encoding="utf-8")
    return path


def test_arguments_and_answers_keep_their_value(path: Path) -> None:
    script = Script(path, seconds=5)
    assert script.call("echo", "äπ𝔸\\\n", True, 2) == '["äπ𝔸\\\\\\n",true,2]'
    script.close()


def test_the_program_keeps_its_state_until_it_is_stopped(path: Path) -> None:
    script = Script(path, seconds=5)
    assert [script.call("count"), script.call("count")] == ["1", "2"]
    with pytest.raises(ScriptError, match="on purpose"):
        script.call("fail")
    assert script.call("count") == "1"
    script.close()


@pytest.mark.parametrize(
    ("function", "reason"), [("loop", "too long"), ("deep", "too deeply"), ("hoard", "too much memory")]
)
def test_limits_stop_the_program_and_not_the_process(path: Path, function: str, reason: str) -> None:
    script = Script(path, seconds=0.2 if function == "loop" else 20)
    with pytest.raises(ScriptError, match=reason):
        script.call(function)
    assert script.call("count") == "1"
    script.close()


@pytest.mark.parametrize(
    ("data", "reason"), [(None, "cannot read"), (b"let = = 1", "is damaged"), (b"\xff\xfe\x00", "cannot read")]
)
def test_a_file_that_is_no_program_is_told(tmp_path: Path, data: bytes | None, reason: str) -> None:
    path = tmp_path / "broken.js"
    if data is not None:
        path.write_bytes(data)
    script = Script(path, seconds=5)
    with pytest.raises(ScipixError, match=reason):
        script.start()
    script.close()
