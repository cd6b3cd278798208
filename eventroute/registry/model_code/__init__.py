"""Pydantic models written from contracts, ready with ``@event``."""

from eventroute.registry.model_code.module import MARKER, write_models

__all__ = ["MARKER", "write_models"]
