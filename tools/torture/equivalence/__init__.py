"""One random application on every backend: what its handlers see is the same everywhere."""

__all__: list[str] = []
