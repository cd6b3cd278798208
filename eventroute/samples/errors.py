"""Why there is no sample."""

from __future__ import annotations

__all__ = ["CannotMakeError"]


class CannotMakeError(Exception):
    """No value was found."""
