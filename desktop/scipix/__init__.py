"""Scipix Desktop: pictures of mathematics into LaTeX, offline."""

__version__ = "0.1.0"
