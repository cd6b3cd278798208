"""The command line: ``eventroute route``, ``explain`` and ``run``."""

from __future__ import annotations

from eventroute.cli.application import main

__all__ = ["main"]
