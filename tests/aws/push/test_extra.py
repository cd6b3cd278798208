"""The package that is only needed here."""

from __future__ import annotations

import subprocess
import sys


def test_without_cryptography_the_extra_is_named() -> None:
    program = (
        "import sys; sys.modules['cryptography'] = None\n"
        "from eventroute.errors import MissingExtraError\n"
        "try:\n    import eventroute_aws.push\n"
        "except MissingExtraError as error:\n    print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert 'pip install "eventroute[push]"' in done.stdout


def test_the_backend_loads_without_it() -> None:
    program = "import sys; sys.modules['cryptography'] = None\nimport eventroute_aws"
    subprocess.run([sys.executable, "-c", program], check=True)
