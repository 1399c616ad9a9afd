"""LaTeX to MathML and SVG with MathJax 3, offline and without a browser."""

from __future__ import annotations

import json
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from scipix.errors import InvalidLatex
from scipix.notation.javascript import Script, ScriptError
from scipix.paths import resources

# Characters. A page of mathematics has some 3,000; MathJax's time grows with the square of the length of one row.
MAX_LENGTH = 20_000
# Seconds of processor time for one formula; an ordinary one takes 0.002 to 0.010.
MAX_SECONDS = 4.0
# Results kept, and the longest one (characters) that is.
CACHED = 256
MAX_CACHED_LENGTH = 300_000
# What XML 1.0 cannot hold, besides tab and line ends.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# What readings may hold and MathJax does not know, and what it draws alike; the arguments stay.
_DRAWN = {
    "\\KaTeX": r"{\mathrm{K}\kern-.17em\raise.21em{\scriptstyle\mathrm{A}}\kern-.15em\TeX}",
    "\\phase": r"\enclose{phasorangle}",
    "\\Overrightarrow": r"\overset{\Longrightarrow}",
    "\\sout": r"\enclose{horizontalstrike}",
    "\\angl": r"\enclose{actuarial}",
    "\\angln": r"\enclose{actuarial}{n}",
    "\\overgroup": r"\overparen",
    "\\undergroup": r"\underparen",
    "\\utilde": r"\underset{\sim}",
    "\\widecheck": r"\overset{\vee}",
    "\\overlinesegment": r"\overline",
    "\\underlinesegment": r"\underline",
    "\\AA": "\\text{\u00c5}",
    "\\P": "\\text{\u00b6}",
    "\\vcentcolon": r"\mathrel{:}",
    "\\llbracket": r"\mathopen{[\mkern-2.6mu[}",
    "\\rrbracket": r"\mathclose{]\mkern-2.6mu]}",
}
_UNKNOWN = re.compile("(?:" + "|".join(re.escape(name) for name in sorted(_DRAWN, reverse=True)) + ")(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What MathJax made, or its complaint when text is None."""

    text: str | None
    message: str = ""
    position: int | None = None


class MathJax:
    """The renderer; loaded (0.1 s, 15 MB) by the first call or by `start`.

    Each instance has one QuickJS context in one thread of its own, so it may be used from any thread: calls queue up.
    Definitions (\\def, \\newcommand) hold within one formula only. Latest results are cached. bundle: mathjax.js, by
    default the one that ships with the app.
    """

    def __init__(self, bundle: Path | None = None, *, seconds: float = MAX_SECONDS) -> None:
        self._script = Script(bundle or resources() / "mathjax" / "mathjax.js", seconds=seconds)
        self._answers: OrderedDict[tuple[str, bool, str], _Answer] = OrderedDict()
        self._lock = threading.Lock()

    def mathml(self, latex: str, display: bool = True) -> str:
        """A <math> element, ASCII only, indented. display: set it as on a line of its own. Raises InvalidLatex."""
        return self._make(latex, display, "mathml")

    def svg(self, latex: str, display: bool = True) -> str:
        """An <svg> element: paths, no fonts needed save for scripts that MathJax lacks, color "currentColor", 1,000
        units per em; its style's vertical-align tells the depth below the baseline in ex. Raises InvalidLatex."""
        return self._make(latex, display, "svg")

    def error(self, latex: str) -> str | None:
        """What is wrong with the formula, in MathJax's words; None when nothing is."""
        try:
            self.mathml(latex)
        except InvalidLatex as error:
            return str(error)
        return None

    def start(self) -> None:
        """Load MathJax now. Raises ScipixError when its file cannot be read."""
        self._script.start()

    def close(self) -> None:
        """Free the context and its thread; a later call loads MathJax again."""
        self._script.close()

    def memory(self) -> int:
        """Bytes held by MathJax."""
        return self._script.memory()

    def _make(self, latex: str, display: bool, want: str) -> str:
        _check(latex)
        key = (latex, display, want)
        with self._lock:
            answer = self._answers.get(key)
            if answer is not None:
                self._answers.move_to_end(key)
        if answer is None:
            answer = self._ask(key)
            self._keep(key, answer)
        if answer.text is None:
            raise InvalidLatex(answer.message, answer.position)
        return answer.text

    def _ask(self, key: tuple[str, bool, str]) -> _Answer:
        try:
            known = _UNKNOWN.sub(lambda found: _DRAWN[found.group()], key[0])
            answer = json.loads(self._script.call("typeset", known, *key[1:]))
        except ScriptError as error:
            return _Answer(None, f"this formula cannot be shown: {error}")
        if "ok" in answer:
            return _Answer(answer["ok"])
        position = _code_points(key[0], answer["position"])
        return _Answer(None, answer["error"], _start_of_command(key[0], answer["error"], position))

    def _keep(self, key: tuple[str, bool, str], answer: _Answer) -> None:
        if answer.text is not None and len(answer.text) > MAX_CACHED_LENGTH:
            return
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > CACHED:
                self._answers.popitem(last=False)


def _check(latex: str) -> None:
    """Refuse what must not reach MathJax. Raises InvalidLatex."""
    if len(latex) > MAX_LENGTH:
        raise InvalidLatex(f"the formula has {len(latex):,} characters; at most {MAX_LENGTH:,} can be shown")
    found = _UNWRITABLE.search(latex)
    if found:
        raise InvalidLatex(f"the character U+{ord(found.group()):04X} cannot stand in a formula", found.start())


def _start_of_command(latex: str, message: str, position: int | None) -> int | None:
    """MathJax has read the offending command, and the argument it stands in; go back to where the command begins."""
    command = re.search(r"\\(?:[A-Za-z]+|.)$", message)
    found = -1 if command is None or position is None else latex.rfind(command.group(), 0, position)
    return position if found < 0 else found


def _code_points(latex: str, position: int | None) -> int | None:
    """JavaScript counts UTF-16 units; Python counts code points."""
    if position is None or latex.isascii():
        return position
    return len(latex.encode("utf-16-le")[: 2 * position].decode("utf-16-le", errors="ignore"))
