"""Applications to read and run."""
