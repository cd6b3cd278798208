"""The programs that are killed."""

__all__: list[str] = []
