"""``eventroute catalogue``: the events of an application as a page for people."""

from eventroute.cli.dlq_options import Bus
from eventroute.cli.documentation import AppVersion, Check, File, Title, deliver, described
from eventroute.cli.schema.options import Registry
from eventroute.documents import catalogue as page_of

__all__ = ["catalogue"]


def catalogue(
    bus: Bus,
    *,
    output: File = None,
    check: Check = False,
    registry: Registry = None,
    title: Title = None,
    app_version: AppVersion = "0.0.0",
) -> None:
    """Write the catalogue of an application's events: one HTML file that opens from disk.

    Each event type with its versions, fields and an example, who publishes it, who receives it and
    by which rule, and what each version of its contract broke; with the diagram and a search. It
    loads nothing from anywhere. The types of the registry that the application does not use are in
    it, too.

    For example:
      eventroute catalogue shop.app:bus --output events.html
      eventroute catalogue shop.app:bus --registry schemas --output events.html --check

    Exit codes:
      0  done
      1  the bus cannot be imported, a contract cannot be used, or --check found a difference
      2  bad usage
    """
    deliver(page_of(described(bus, registry, title, app_version)), output, check=check)
