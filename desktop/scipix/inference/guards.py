"""Keeps a decoder from writing LaTeX that cannot be typeset: a grammar over token strings, and a check for loops.

The grammar knows only what must be balanced: braces, environments, \\left ... \\right, the arguments that commands and
scripts are still owed, one superscript and one subscript for each base, and that an equation's number ends its line.
Everything else is up to the model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

_SUP, _SUB = 1, 2
_DELIMITERS = frozenset([
    "(", ")", "[", "]", ".", "|", "/", "<", ">", "\\{", "\\}", "\\|", "\\langle", "\\rangle", "\\lfloor", "\\rfloor",
    "\\lceil", "\\rceil", "\\uparrow", "\\downarrow", "\\updownarrow", "\\Uparrow", "\\Downarrow", "\\Updownarrow",
    "\\lgroup", "\\rgroup", "\\lmoustache", "\\rmoustache", "\\ulcorner", "\\urcorner", "\\llcorner", "\\lrcorner",
    "\\lvert", "\\rvert", "\\lVert", "\\rVert", "\\vert", "\\Vert", "\\backslash", "\\setminus", "\\lbrace",
    "\\rbrace", "\\lbrack", "\\rbrack",
])  # fmt: skip
_EDGE = re.compile(r"\\(begin|end)\{([a-zA-Z]+\*?)\}")
_ENVIRONMENT_ARGUMENTS = {"array": 1, "alignedat": 1, "tabular": 1, "alignat": 1, "subarray": 1}
_ROW_GROUPS = frozenset(["\\substack"])  # commands whose argument may hold \\
_NUMBER, _ROW_ENDS = "\\tag", ("\\\\", "\\hline")
_KEEPS_SCRIPTS = frozenset(["\\limits", "\\nolimits", "\\displaylimits"])


@dataclass(frozen=True, slots=True)
class Frame:
    """One thing that is open. kind: top, group, option, environment or left. name: the environment, or the command
    whose argument this is. owed: arguments still to come here. scripts: bits of those that the last base has. owner:
    the last command that took arguments here. done: the number of its line was read, which nothing follows there."""

    kind: str
    name: str = ""
    owed: int = 0
    scripts: int = 0
    owner: str = ""
    option: bool = False  # the command just read may take an argument in brackets
    done: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Where in the grammar a reading is. delimiter: \\left, \\right or \\middle was read; its bracket must follow."""

    frames: tuple[Frame, ...] = (Frame("top"),)
    delimiter: bool = False

    @property
    def complete(self) -> bool:
        """Whether the reading may end here."""
        return len(self.frames) == 1 and not self.frames[0].owed and not self.delimiter


class Grammar:
    """The rules for one vocabulary. arguments: command -> how many it takes; optional: those that may take one in
    brackets first. end: id of `</s>`; never: ids that are not output (`<pad>`, `<s>`)."""

    def __init__(
        self,
        vocabulary: Sequence[str],
        end: int,
        never: Sequence[int] = (),
        arguments: Mapping[str, int] | None = None,
        optional: frozenset[str] = frozenset(),
    ) -> None:
        self._tokens = tuple(vocabulary)
        self._ids = {token: index for index, token in enumerate(self._tokens)}
        self._end = end
        self._never = list(never)
        self._arguments = arguments or {}
        self._optional = optional
        self._masks: dict[tuple[object, ...], np.ndarray] = {}
        self._delimiters = np.array([token in _DELIMITERS for token in self._tokens], dtype=bool)

    def allowed(self, state: State) -> np.ndarray:
        """Which tokens may come next: bool (V,), not writable; never all False."""
        top = state.frames[-1]
        key = (state.delimiter, top.kind, top.name, top.owed > 0, top.scripts, top.done, len(state.frames) == 1)
        mask = self._masks.get(key)
        if mask is None:
            mask = self._masks[key] = self._mask(state)
        return mask

    def advance(self, state: State, token_id: int) -> State:
        """The state after one more token; a token that is not allowed is taken as an ordinary symbol."""
        token, frames = self._tokens[token_id], state.frames
        top, below = frames[-1], frames[:-1]
        if state.delimiter:
            return State(frames)
        edge = _EDGE.fullmatch(token)
        if token in ("\\left", "\\middle", "\\right"):
            frames = (*below, _filled(top), Frame("left")) if token == "\\left" else frames
            frames = below if token == "\\right" and top.kind == "left" else frames
            return State(frames, delimiter=True)
        if token == "{":
            return State((*below, _filled(top), Frame("group", top.owner if top.owed else "")))
        if token == "[" and top.option:
            return State((*below, replace(top, option=False), Frame("option")))
        if edge and edge[1] == "begin":
            owed = _ENVIRONMENT_ARGUMENTS.get(edge[2], 0)
            return State((*below, _filled(top), Frame("environment", edge[2], owed, owner=token)))
        if self._closes(top, token):
            numbered = top.kind == "group" and top.name == _NUMBER
            return State((*below[:-1], replace(below[-1], done=True)) if numbered else below)
        return State((*below, self._symbol(top, token)))

    def closing(self, state: State) -> list[int]:
        """Tokens that complete what is open, innermost first; empty arguments for commands that are owed some."""
        wanted = ["."] if state.delimiter else []
        for frame in reversed(state.frames):
            wanted += ["{", "}"] * frame.owed
            wanted += _closers(frame)
        return [self._ids[token] for token in wanted if token in self._ids]

    def _closes(self, top: Frame, token: str) -> bool:
        return not top.owed and _closers(top)[:1] == [token]

    def _symbol(self, top: Frame, token: str) -> Frame:
        if token in ("^", "_"):
            bit = _SUP if token == "^" else _SUB
            return replace(top, owed=top.owed + 1, scripts=top.scripts | bit, owner=token, option=False)
        if token in _KEEPS_SCRIPTS or token == "'":
            return replace(top, option=False)
        taken = replace(_filled(top), done=top.done and token != "\\\\")
        count = self._arguments.get(token, 0)
        if not count:
            return taken
        return replace(taken, owed=taken.owed + count, owner=token, option=token in self._optional)

    def _mask(self, state: State) -> np.ndarray:
        top = state.frames[-1]
        if state.delimiter and self._delimiters.any():
            mask = self._delimiters.copy()
        else:
            mask = np.array([self._fits(top, token) for token in self._tokens], dtype=bool)
            mask[self._never] = False
            mask[self._end] = state.complete
        mask.setflags(write=False)
        return mask

    def _fits(self, top: Frame, token: str) -> bool:
        if top.done and token not in _ROW_ENDS and not self._closes(top, token):
            return False
        if token in ("^", "_", "'"):
            if top.owed:
                return False
            return not top.scripts & (_SUB if token == "_" else _SUP)
        if token in ("&", "\\\\", "\\hline"):
            rows = top.kind == "environment" or (top.name in _ROW_GROUPS and token == "\\\\")
            return rows and not top.owed
        if token in ("\\right", "\\middle"):
            return top.kind == "left" and not top.owed
        if token == "}" or token.startswith("\\end{"):
            return self._closes(top, token)
        return True


def _filled(frame: Frame) -> Frame:
    """The frame after something that can be an argument or a base."""
    if frame.owed:
        return replace(frame, owed=frame.owed - 1, option=False)
    return replace(frame, scripts=0, option=False)


def _closers(frame: Frame) -> list[str]:
    return {
        "group": ["}"],
        "option": ["]"],
        "environment": [f"\\end{{{frame.name}}}"],
        "left": ["\\right", "."],
    }.get(frame.kind, [])


def loop_period(tokens: Sequence[int], cells: frozenset[int] = frozenset(), longest: int = 48) -> int:
    """Length of the run of tokens that the end repeats over and over, or 0.

    A single token must come 20 times in a row, a pair 14 times, longer runs 6 times and 60 tokens in all. Tables repeat
    by nature: a run with one of `cells` (the ids of & and \\\\) must fill 200 tokens, a zero matrix of nine by nine.
    """
    length = len(tokens)
    for period in range(1, min(longest, length // 2) + 1):
        if tokens[-1] != tokens[-1 - period]:
            continue
        total = {1: 20, 2: 28}.get(period, max(6 * period, 60))
        if not cells.isdisjoint(tokens[-period:]):
            total = max(total, 200)
        if total <= length and all(tokens[-1 - i] == tokens[-1 - i - period] for i in range(total - period)):
            return period
    return 0


def cut_loop(tokens: Sequence[int], period: int) -> int:
    """How many tokens to keep so that the run that repeats is left once."""
    keep = len(tokens)
    while keep > period and tokens[keep - 1] == tokens[keep - 1 - period]:
        keep -= 1
    return keep
