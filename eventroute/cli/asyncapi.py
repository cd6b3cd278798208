"""``eventroute asyncapi``: the application as an AsyncAPI document."""

import json

from eventroute.cli.dlq_options import Bus
from eventroute.cli.documentation import AppVersion, Check, File, Title, deliver, described
from eventroute.cli.schema.options import Registry
from eventroute.documents import asyncapi as document_of

__all__ = ["asyncapi"]


def asyncapi(
    bus: Bus,
    *,
    output: File = None,
    check: Check = False,
    registry: Registry = None,
    title: Title = None,
    app_version: AppVersion = "0.0.0",
) -> None:
    """Describe an application as an AsyncAPI 3.0 document, as JSON.

    A topic is a channel, and each version of an event type a message. Nothing is connected to: it
    tells what the routers declare. The same application gives the same text, so that it can be
    committed, and checked with --check.

    For example:
      eventroute asyncapi shop.app:bus --output asyncapi.json
      eventroute asyncapi shop.app:bus --output asyncapi.json --check

    Exit codes:
      0  done
      1  the bus cannot be imported, a contract cannot be used, or --check found a difference
      2  bad usage
    """
    document = document_of(described(bus, registry, title, app_version))
    deliver(json.dumps(document, ensure_ascii=False, indent=2) + "\n", output, check=check)
