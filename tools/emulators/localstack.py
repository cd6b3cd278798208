"""LocalStack: strict about SQS and SNS; no IAM, no queue policies. Needs Python 3.13."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.emulators.emulator import Emulator, NotAvailableError
from tools.emulators.environment import installed, is_installed
from tools.interpreters import candidates, probe

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["localstack"]

_REQUIREMENTS: Final = (
    "localstack-core[base-runtime,runtime]==2026.3.0",
    "cbor2<6",
    "pyopenssl<25.2",
    "service_identity<25",
    "cryptography<46",
)
_LOOPBACK_ONLY: Final = """
from twisted.internet import endpoints

class Loopback(endpoints.TCP4ServerEndpoint):
    # The server ignores the host that it is told, and would listen on every address.
    def __init__(self, reactor, port, backlog=50, interface=""):
        super().__init__(reactor, port, backlog, interface or "127.0.0.1")

endpoints.TCP4ServerEndpoint = Loopback
from localstack.runtime.main import main

main()
"""


def localstack(folder: Path, *, install: bool = True) -> Emulator:
    """Make one, not started.

    :param folder: an empty folder for it alone.
    :param install: whether it may be installed: 500 MB, and a minute or more.
    :raises NotAvailableError: there is no Python 3.13, or it is not installed.
    """
    found = next((one for one in candidates() if probe(one).minor == (3, 13)), None)
    if found is None:
        raise NotAvailableError("LocalStack needs Python 3.13, which is not here")
    if not (install or is_installed("localstack", _REQUIREMENTS)):
        raise NotAvailableError(
            "LocalStack is not installed; with EVENTROUTE_TEST_LOCALSTACK=1 the tests install it"
        )
    scripts = installed("localstack", found, _REQUIREMENTS)
    script = folder / "loopback.py"
    script.write_text(_LOOPBACK_ONLY)

    def environment(port: int) -> dict[str, str]:
        return {
            "DISABLE_EVENTS": "1",
            "DNS_ADDRESS": "0",
            "FILESYSTEM_ROOT": str(folder / "root"),
            "GATEWAY_LISTEN": f"127.0.0.1:{port}",
            "LOCALSTACK_HOST": f"127.0.0.1:{port}",
            "SERVICES": "sns,sqs,sts,events,s3",
            "SKIP_SSL_CERT_DOWNLOAD": "1",
            "SQS_DELAY_PURGE_RETRY": "1",
            "SQS_DELAY_RECENTLY_DELETED": "1",
            "SQS_DISABLE_CLOUDWATCH_METRICS": "1",
            "SQS_ENABLE_MESSAGE_RETENTION_PERIOD": "1",
        }

    return Emulator(
        "localstack", [scripts / "python", script], environment, "/_localstack/health", folder
    )
