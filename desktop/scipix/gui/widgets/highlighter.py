"""Colors for LaTeX source."""

from __future__ import annotations

import re

from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from scipix.gui.theme import Theme

# The first rule that matches at a place wins.
_RULES = (
    ("syntax_comment", re.compile(r"(?<!\\)%.*$")),
    ("syntax_environment", re.compile(r"\\(?:begin|end)\s*\{[^}]*\}?")),
    ("syntax_command", re.compile(r"\\(?:[A-Za-z]+\*?|.)")),
    ("syntax_script", re.compile(r"[\^_&]")),
    ("syntax_brace", re.compile(r"[{}\[\]]")),
    ("syntax_number", re.compile(r"\d+(?:\.\d+)?")),
)
_ANY = re.compile("|".join(f"(?P<{role}>{rule.pattern})" for role, rule in _RULES))


class LatexHighlighter(QSyntaxHighlighter):
    """Tints commands, scripts, braces, numbers, environments and comments."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._formats: dict[str, QTextCharFormat] = {}
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        for role, _ in _RULES:
            style = QTextCharFormat()
            style.setForeground(theme.color(role))
            if role in ("syntax_command", "syntax_environment"):
                style.setFontWeight(QFont.Weight.Medium)
            self._formats[role] = style
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        for match in _ANY.finditer(text):
            assert match.lastgroup is not None
            # Qt counts UTF-16 units, Python code points; they differ only beyond the basic plane.
            start = len(text[: match.start()].encode("utf-16-le")) // 2
            length = len(match.group().encode("utf-16-le")) // 2
            self.setFormat(start, length, self._formats[match.lastgroup])
