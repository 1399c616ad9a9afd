"""The command line: arguments in, lines on standard output, messages on standard error, an exit code."""
