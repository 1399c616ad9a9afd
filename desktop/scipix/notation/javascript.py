"""One JavaScript program in one thread of its own, with limits on time, memory and depth."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import _quickjs  # the package's own module starts a thread when it is imported

from scipix.errors import ScipixError

# Bytes. MathJax takes about 100 kB of stack for each level of nesting. Threads have 8 MB on Linux, 1 MB on Windows and
# 512 kB on macOS, and an overflow of the real stack kills the process: hence a thread with a stack of known size.
THREAD_STACK = 16 << 20
SCRIPT_STACK = 12 << 20
MEMORY = 256 << 20


class ScriptError(ScipixError):
    """The program ran into a limit; it starts afresh with the next call."""

    code = "invalid-latex"


class Script:
    """A program whose functions take and return strings, booleans and numbers.

    A QuickJS context may only be touched by one thread, so each Script has one; the caller waits, and the interpreter
    lock is free meanwhile. Calls from several threads queue up. path: the source, UTF-8. seconds: processor time of
    this process that one call may take.
    """

    def __init__(self, path: Path, *, seconds: float) -> None:
        self._path = path
        self._seconds = seconds
        self._context: _quickjs.Context | None = None
        self._lock = threading.Lock()
        self._thread: ThreadPoolExecutor | None = None

    def call(self, function: str, *arguments: str | bool | float) -> str:
        """What a global function of the program returns; it must be a flat string (see packaging/mathjax/entry.js).

        Raises ScriptError for a limit or an exception of the program, ScipixError when its file is missing or damaged.
        """
        with self._lock:
            return self._worker().submit(self._call, function, *arguments).result()

    def start(self) -> None:
        """Load the program now rather than at the first call. Raises ScipixError."""
        with self._lock:
            self._worker().submit(self._ready).result()

    def close(self) -> None:
        """Free the program and its thread; a later call starts both again."""
        with self._lock:
            if self._thread is not None:
                self._thread.submit(self._drop).result()
                self._thread.shutdown()
                self._thread = None

    def memory(self) -> int:
        """Bytes that the program holds; 0 before it is loaded."""
        with self._lock:
            return self._worker().submit(self._memory).result()

    def _worker(self) -> ThreadPoolExecutor:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="script")
            _with_stack(THREAD_STACK, lambda: self._thread and self._thread.submit(int).result())
        return self._thread

    def _call(self, function: str, *arguments: str | bool | float) -> str:
        context = self._ready()
        context.set_time_limit(self._seconds)
        try:
            return context.get(function)(*arguments)
        except (_quickjs.JSException, _quickjs.StackOverflow) as error:
            # What an interrupted program left behind is not to be trusted.
            self._drop()
            raise ScriptError(_reason(str(error))) from error

    def _ready(self) -> _quickjs.Context:
        if self._context is None:
            try:
                source = self._path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise ScipixError(f"cannot read {self._path}: {error}") from error
            context = _quickjs.Context()
            context.set_max_stack_size(SCRIPT_STACK)
            context.set_memory_limit(MEMORY)
            try:
                context.eval(source)
            except (_quickjs.JSException, _quickjs.StackOverflow) as error:
                raise ScipixError(f"{self._path} is damaged: {_reason(str(error))}") from error
            self._context = context
        return self._context

    def _drop(self) -> None:
        self._context = None

    def _memory(self) -> int:
        if self._context is None:
            return 0
        self._context.gc()
        return int(self._context.memory()["malloc_size"])


def _with_stack(size: int, start_thread: Callable[[], object]) -> None:
    """Run something that starts a thread, which gets a stack of so many bytes."""
    before = threading.stack_size(size)
    try:
        start_thread()
    finally:
        threading.stack_size(before)


def _reason(message: str) -> str:
    """A QuickJS message in the user's words."""
    first = message.partition("\n")[0]
    if "interrupted" in first:
        return "it takes too long to typeset"
    if "stack size" in first:
        return "it is nested too deeply"
    if "out of memory" in first:
        return "it takes too much memory to typeset"
    return first
