from __future__ import annotations

import subprocess
import sys


def test_importing_the_registry_loads_neither_jsonschema_nor_pydantic() -> None:
    code = (
        "import sys, eventroute.registry; "
        "print({'jsonschema', 'referencing', 'pydantic'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
