"""The user's recognitions, kept on disk."""
