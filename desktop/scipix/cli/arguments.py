"""The arguments of every command. A command is listed here only when it works."""

from __future__ import annotations

import argparse
import math
import os

import scipix
from scipix.cli.output import FORMATS
from scipix.datatypes import Box, Mode
from scipix.inference.providers import NAMES

COMMANDS = ("recognize", "snip", "models", "bench", "stats", "doctor")
MODES = (Mode.AUTO.value, Mode.MATH.value)
_EXIT_CODES = """exit codes:
  0 all read   1 a fault of Scipix   2 wrong usage   3 some input could not be read (the rest was)
  4 a model is missing, corrupt or switched off   5 no backend works
  6 standard output cannot be written"""


def parser() -> argparse.ArgumentParser:
    """Parses to a Namespace with `command`, one of COMMANDS."""
    root = argparse.ArgumentParser(
        prog="scipix",
        usage="%(prog)s [-h] [--version] COMMAND ...\n       %(prog)s [--hidden] [FILE ...]",
        description="Turns pictures of formulas into LaTeX, offline.\n"
        "Without a command: opens the app (--hidden: without its window), and pictures or a PDF in it.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    root.add_argument("--version", action="version", version=f"scipix {scipix.__version__}")
    # With prog, since the usage above, of two lines, would begin that of each command.
    commands = root.add_subparsers(dest="command", metavar="COMMAND", title="commands", required=True, prog="scipix")
    _add_recognize(commands)
    snip = commands.add_parser("snip", help="ask the running app to capture (starts it if needed)", allow_abbrev=False)
    snip.add_argument("--mode", choices=MODES, default="", help="what to read (default: as set in the app)")
    models = commands.add_parser(
        "models", help="list the models, what they are for and their state", allow_abbrev=False
    )
    models.add_argument("--json", action="store_true", help="one JSON object a line")
    models.add_argument("--load", action="store_true", help="load each, and say how long that takes and what memory")
    bench = commands.add_parser("bench", help="measure the stages of a recognition", allow_abbrev=False)
    _add_bench(bench)
    _add_stats(commands.add_parser("stats", help="say how long the stages of reading took", allow_abbrev=False))
    doctor = commands.add_parser("doctor", help="say what works on this computer and what does not", allow_abbrev=False)
    doctor.add_argument("--json", action="store_true", help="one JSON object (--self-test: one a line)")
    doctor.add_argument("--self-test", action="store_true", help="use every part once and compare with what must come")
    return root


def _add_recognize(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    recognize = commands.add_parser(
        "recognize",
        help="read pictures and parts of PDFs",
        description="Reads pictures, one result a line on standard output; messages go to standard error.\n"
        "Several pictures are read side by side; their results come in the order given.\n"
        "Of a PDF one formula on one page is read.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    recognize.add_argument(
        "paths", nargs="+", metavar="PATH", help="a picture or a PDF; a folder: the pictures in it; -: standard input"
    )
    recognize.add_argument("--page", type=_count, metavar="N", help="of each PDF, from 1 (default: the only one)")
    recognize.add_argument(
        "--box",
        type=_box,
        metavar="L,T,R,B",
        help="the part of the page to read: left, top, right and bottom in points, from the page's top left corner "
        "(default: the page, on which one formula stands)",
    )
    recognize.add_argument("--mode", choices=MODES, default=Mode.AUTO.value, help="what to read (default: auto)")
    recognize.add_argument("--format", choices=FORMATS, default="latex", help="of the result (default: latex)")
    recognize.add_argument("--json", action="store_true", help="one JSON object a line")
    recognize.add_argument("--provider", choices=("auto", *NAMES), default=None, help="where to run the model")


def _add_bench(bench: argparse.ArgumentParser) -> None:
    bench.add_argument("paths", nargs="*", metavar="PATH", help="pictures to read (default: the samples that ship)")
    bench.add_argument("--repeat", type=_count, default=3, metavar="N", help="how often each (default: 3)")
    bench.add_argument("--provider", choices=("auto", *NAMES), default=None, help="where to run the model")
    bench.add_argument("--json", action="store_true", help="one JSON object a line")
    bench.add_argument(
        "--calibrate", action="store_true", help="find where the models run fastest here, and use that from now on"
    )
    bench.add_argument(
        "--transformers",
        action="store_true",
        help="compare the decode loop with that of transformers, too, where it is installed (takes minutes)",
    )
    bench.add_argument("--trial", default=None, help=argparse.SUPPRESS)  # how --calibrate starts each of its trials
    # How bench starts the app in a process of its own: for itself, not for people.
    bench.add_argument("--window-since", type=float, default=None, help=argparse.SUPPRESS)


def _add_stats(stats: argparse.ArgumentParser) -> None:
    stats.add_argument("--all", action="store_true", help="all sessions that are kept (default: the latest)")
    how = stats.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="one JSON object")
    how.add_argument("--csv", action="store_true", help="one line for each stage, for spreadsheets")
    how.add_argument("--prometheus", metavar="FILE", help="write Prometheus text to a file (-: to standard output)")
    how.add_argument(
        "--serve", type=_port, metavar="PORT", help="answer Prometheus on this port of 127.0.0.1 until Ctrl+C (0: any)"
    )


def _port(text: str) -> int:
    number = _whole(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError("must be 0 to 65535")
    return number


def _count(text: str) -> int:
    number = _whole(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _box(text: str) -> Box:
    try:
        box = Box(*map(float, text.split(",")))
    except (TypeError, ValueError):  # TypeError: more or fewer than four
        raise argparse.ArgumentTypeError(f"must be four numbers as in 72,90.5,300,140, not {text!r}") from None
    if not (box.width > 0 and box.height > 0 and math.isfinite(box.width + box.height)):
        raise argparse.ArgumentTypeError("must have its right after its left and its bottom below its top")
    return box


def is_for_the_app(arguments: list[str]) -> bool:
    """True when there is no command: nothing at all, --hidden, --snip, or files that exist. A command of that name wins."""
    if [word.partition("=")[0] for word in arguments] == ["--snip"]:  # from `scipix snip`: for itself, not for people
        return True
    words = [word for word in arguments if word != "--hidden"]
    return words[:1] not in ([name] for name in COMMANDS) and all(map(os.path.isfile, words))


def parse(arguments: list[str]) -> argparse.Namespace:
    """Exits with 2 after a message on standard error when the arguments make no sense, as argparse does."""
    known = parser()
    word = next((word for word in arguments if not word.startswith("-")), "")
    if word not in COMMANDS and (os.path.splitext(word)[1] or os.path.dirname(word)):  # meant as a file for the app
        known.error(f"no such file: {word}")
    return known.parse_args(arguments)


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number, not {text!r}") from None
