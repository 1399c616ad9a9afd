"""The view of a PDF: pages below one another, drawn as they come into sight, and a box to read."""
