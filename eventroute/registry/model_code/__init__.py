"""Pydantic models written from contracts, ready with ``@event``."""

from eventroute.registry.model_code.module import write_models

__all__ = ["write_models"]
