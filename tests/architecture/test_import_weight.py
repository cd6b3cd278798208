"""`import eventroute` loads what every program needs, and leaves the rest for later.

`benchmarks/import_time.py` measures the time.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "asyncio": "an event loop is chosen when a bus opens",
    "click": "the command line",
    "eventroute.cli": "the command line",
    "eventroute.config": "read by EventBus.from_config",
    "eventroute_memory": "adapters are found by name",
    "jsonschema": "contracts of untyped events",
    "pydantic.main": "whoever declares an event type has imported it",
    "pydantic_settings": "configuration",
    "referencing": "contracts of untyped events",
    "rich": "the command line",
    "trio": "an event loop is chosen when a bus opens",
    "typer": "the command line",
    "watchfiles": "the command line",
}


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The modules of a fresh interpreter after ``import eventroute``."""
    program = "import sys, eventroute; from eventroute import *; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("module", HEAVY)
def test_import_eventroute_does_not_load(module: str, loaded: set[str]) -> None:
    assert module not in loaded, f"for {HEAVY[module]}"


def test_import_eventroute_loads_what_an_application_touches(loaded: set[str]) -> None:
    assert {"eventroute.bus", "eventroute.pattern", "eventroute.router", "anyio"} <= loaded
