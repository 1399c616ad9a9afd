"""Step 3, READINGS: what stands in a region."""
