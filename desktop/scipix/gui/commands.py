"""Everything that the keyboard can do in the window, in one table; actions, menu and Keyboard page are made of it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QKeySequence


@dataclass(frozen=True, slots=True)
class Command:
    """name: what the window emits. keys: as Qt writes them; the first is shown. built_in: some widget does it itself,
    so that no action is made."""

    name: str
    text: str
    keys: tuple[str, ...]
    group: str
    built_in: bool = False


COMMANDS = (
    Command("snip", "New snip", ("Ctrl+N",), "Read"),
    Command("paste", "Paste a picture", ("Ctrl+V",), "Read"),
    Command("open", "Open pictures or a PDF…", ("Ctrl+O",), "Read"),
    Command("cancel", "Stop reading; back to the PDF", ("Esc",), "Read"),
    Command("copy", "Copy in your format", ("Ctrl+Shift+C", "Ctrl+C"), "Copy"),
    Command("copy-as", "Copy as…", ("Ctrl+Alt+C",), "Copy"),
    Command("edit", "Go to the source", ("Ctrl+E",), "Edit"),
    Command("undo", "Undo", ("Ctrl+Z",), "Edit", built_in=True),
    Command("redo", "Redo", ("Ctrl+Shift+Z",), "Edit", built_in=True),
    Command("others", "What else a symbol may be", ("Ctrl+.",), "Edit", built_in=True),
    Command("next-doubt", "Next doubtful symbol", ("F8",), "Edit", built_in=True),
    Command("search", "Search the list", ("Ctrl+F",), "List"),
    Command("newer", "Newer reading", ("Alt+Up",), "List"),
    Command("older", "Older reading", ("Alt+Down",), "List"),
    Command("remove", "Remove the chosen one", ("Delete",), "List", built_in=True),
    Command("page", "Go to a page", ("Ctrl+G",), "PDF", built_in=True),
    Command("next-page", "Next page", ("Ctrl+PgDown",), "PDF", built_in=True),
    Command("previous-page", "Previous page", ("Ctrl+PgUp",), "PDF", built_in=True),
    Command("larger", "Larger", ("Ctrl++", "Ctrl+="), "PDF", built_in=True),
    Command("smaller", "Smaller", ("Ctrl+-",), "PDF", built_in=True),
    Command("fit", "Fit the width", ("Ctrl+0",), "PDF", built_in=True),
    Command("latency", "Latency", ("Ctrl+L",), "View"),
    Command("settings", "Settings…", ("Ctrl+,",), "App"),
    Command("keyboard", "Keyboard", ("F1",), "App"),
    Command("welcome", "Welcome", (), "App"),
    Command("about", "About Scipix", (), "App"),
    Command("close", "Close the window", ("Ctrl+W",), "App"),
    Command("quit", "Quit", ("Ctrl+Q",), "App"),
)


def native(keys: str) -> str:
    """Keys as this system writes them."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
