"""Step 1, pixels: files, bytes and strokes become an Image."""
