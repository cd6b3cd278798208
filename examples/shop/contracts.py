"""Writes the contracts of the shop's event types: ``python -m examples.shop.contracts``."""

from __future__ import annotations

import sys
from pathlib import Path

from eventroute.registry import FileRegistry
from examples.shop.events import OrderMoved, OrderPlaced, OrderReceived

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"


def write(folder: Path) -> None:
    """Register every event type. A contract that changed needs a higher version."""
    registry = FileRegistry(folder)
    for event_type in (OrderReceived, OrderPlaced, OrderMoved):
        registry.register(event_type)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else SCHEMAS)
