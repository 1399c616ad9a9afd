"""What the command line needs and may not import, or what tests replace: given to `cli.main.main` by __main__."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TextIO, TypeVar

from scipix.datatypes import Image, Mode, Reading
from scipix.errors import OutputUnwritable
from scipix.inference.latency import Latency
from scipix.paths import Paths

if TYPE_CHECKING:
    from scipix.inference.features import Features
    from scipix.recognize.many import Outcome

T = TypeVar("T")


class Recognizer(Protocol):
    """What `pipeline.Pipeline` is to the command line."""

    def recognize(self, image: Image, mode: Mode, /) -> Reading: ...

    def recognize_many(self, sources: Sequence[Callable[[], Image]], mode: Mode, /) -> Iterator[Outcome | None]: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Streams:
    """Where data comes from and goes to. results: standard output. messages: standard error."""

    source: BinaryIO
    results: TextIO
    messages: TextIO

    def result(self, line: str) -> None:
        """One line, at once: whoever reads it may be waiting for it. Raises BrokenPipeError when nobody does any more, and
        OutputUnwritable."""
        try:
            self.results.write(line + "\n")
            self.results.flush()
        except BrokenPipeError:
            raise
        except OSError as exc:
            raise OutputUnwritable(exc.strerror or str(exc)) from exc

    def message(self, text: str) -> None:
        self.messages.write(f"scipix: {text}\n")
        self.messages.flush()


Answer = Callable[[], tuple[Reading, str]]  # a reading, and its text in the format that was asked for


class Shield(Protocol):
    """Calls a function; a ScipixError comes through, whatever else goes wrong inside becomes one."""

    def __call__(self, work: Callable[[], T], /) -> T: ...


@dataclass(frozen=True, slots=True)
class BenchRequest:
    """What to measure. images: to read, `repeat` times each. sample: a file, to read with a process of its own. since:
    given to a process that times the app for us, when it was started (seconds since the epoch). calibrate: find where the
    models run fastest instead. peer: compare with transformers, too."""

    paths: Paths
    provider: str
    images: tuple[Image, ...]
    sample: Path | None
    repeat: int
    since: float | None = None
    calibrate: bool = False
    peer: bool = False


@dataclass(frozen=True, slots=True)
class Programs:
    """open_recognizer: (models folder, provider, features that are switched on) -> recognizer, which loads its model when
    first asked.

    app: command-line arguments -> exit code. snip: (mode or "", paths) -> exit code. bench: measures; its rows have the
    same keys. facts: models folder -> what the doctor of the inference part found. desktop: what the doctor of the
    window part found. shielded: calls a function and turns whatever goes wrong inside into a ScipixError. paint: LaTeX
    -> PNG bytes, typeset and painted as in the window. open_features: as open_recognizer, for what it loads. latency:
    where to record what reading the inputs took. unsaid: sentences on what went wrong and was mended since it was asked
    last.
    """

    open_recognizer: Callable[[Path, str, frozenset[str]], Recognizer]
    app: Callable[[Sequence[str]], int]
    snip: Callable[[str, Paths], int]
    bench: Callable[[BenchRequest], Sequence[Mapping[str, Any]]]
    facts: Callable[[Path], Mapping[str, Any]]
    desktop: Callable[[], Mapping[str, Any]]
    shielded: Shield
    paint: Callable[[str], bytes]
    open_features: Callable[[Path, str, frozenset[str]], Features]
    latency: Latency = field(default_factory=Latency)
    unsaid: Callable[[], Sequence[str]] = tuple
