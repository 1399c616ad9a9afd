"""Trains the math recognizer: corpus -> typeset -> train -> export -> evaluate, one command each (see README.md)."""
