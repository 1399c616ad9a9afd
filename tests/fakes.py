"""Stand-ins for the heavy parts: ten lines where the real thing needs a model, a display or a bus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from scipix.datatypes import Box, Image, Kind, Mode, Reading, Symbol, Timings
from scipix.errors import BackendUnavailable, ModelMissing, ScipixError, UsageError
from scipix.recognize.many import Outcome


def make_reading(latex: str = "x^{2}", confidence: float = 0.9, readable: bool = True) -> Reading:
    """A formula with one symbol that has a box and one that has none."""
    symbols = (Symbol("x", Box(1, 2, 3.456, 4), 0.99), Symbol("^", None, 0.8))
    timings = Timings(load=5.0, preprocess=1.25, encode=9.8, decode=14.1, total=26.0)
    return Reading(Kind.FORMULA, latex, confidence, symbols, (), readable, "fake-v1", "cpu", timings)


@dataclass
class FakeModel:
    """A model in memory."""

    provider: str = "cpu"
    closed: bool = False

    def close(self) -> None:
        self.closed = True


@dataclass
class FakeRecognizer:
    """Answers with what `answer` makes of the picture's name; an exception is raised. Remembers what it was asked."""

    answer: Callable[[str], Reading | Exception] = lambda name: make_reading()
    seen: list[tuple[str, Mode]] = field(default_factory=list)
    sizes: list[tuple[int, int]] = field(default_factory=list)  # width and height of each
    closed: bool = False

    def recognize(self, image: Image, mode: Mode) -> Reading:
        self.seen.append((image.name, mode))
        self.sizes.append((image.width, image.height))
        answer = self.answer(image.name)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def recognize_many(self, sources: Sequence[Callable[[], Image]], mode: Mode) -> Iterator[Outcome]:
        """Ends with the last one first, by pairs."""
        for start in range(0, len(sources), 2):
            for index in reversed(range(start, min(start + 2, len(sources)))):
                try:
                    yield Outcome(index, reading=self.recognize(sources[index](), mode))
                except (ModelMissing, BackendUnavailable, UsageError):
                    raise  # concerns all
                except (ScipixError, ZeroDivisionError) as error:
                    yield Outcome(index, error=error)

    def close(self) -> None:
        self.closed = True
