"""The app: the only place for PySide6."""
