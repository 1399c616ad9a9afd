"""One key combination for the whole desktop, by whatever way the system offers."""
