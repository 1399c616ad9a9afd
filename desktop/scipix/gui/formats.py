"""The ways to copy a reading, in the order of the menu."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CopyAs:
    """format, delimiters: values of CopySettings. label: in menus."""

    format: str
    delimiters: str
    label: str


LATEX = (
    CopyAs("latex", "none", "LaTeX"),
    CopyAs("latex", "dollar", "LaTeX in $ … $"),
    CopyAs("latex", "paren", r"LaTeX in \( … \)"),
    CopyAs("latex", "double-dollar", "LaTeX in $$ … $$"),
    CopyAs("latex", "bracket", r"LaTeX in \[ … \]"),
    CopyAs("latex", "equation", "LaTeX in an equation"),
    CopyAs("latex", "align", "LaTeX in align*"),
)
OTHERS = (
    CopyAs("mathml", "none", "MathML"),
    CopyAs("svg", "none", "SVG drawing"),
    CopyAs("png", "none", "PNG picture"),
)


def find(copy_format: str, delimiters: str) -> CopyAs:
    """The entry for two values of CopySettings; delimiters count for LaTeX only."""
    for entry in (*LATEX, *OTHERS):
        if entry.format == copy_format and (copy_format != "latex" or entry.delimiters == delimiters):
            return entry
    return LATEX[0]
