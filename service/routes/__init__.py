"""One resource a file; each parses, calls the engine and returns."""
