"""Crashes on purpose: real processes are killed, and what comes out is counted."""

__all__: list[str] = []
