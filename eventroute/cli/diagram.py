"""``eventroute diagram``: who publishes what to whom."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from eventroute.cli.dlq_options import Bus
from eventroute.cli.documentation import Check, File, Title, deliver, described
from eventroute.cli.failure import CommandError
from eventroute.cli.schema.options import Registry
from eventroute.documents import mermaid, svg

__all__ = ["diagram"]


_TEXTS: Final = ("", ".mmd", ".mermaid", ".txt")


class _Format(StrEnum):
    MERMAID = "mermaid"
    SVG = "svg"


def diagram(
    bus: Bus,
    *,
    format: Annotated[  # noqa: A002  the name of the option
        _Format | None,
        typer.Option(help="What to write; by the name of FILE when left out.", show_default=False),
    ] = None,
    output: File = None,
    check: Check = False,
    registry: Registry = None,
    title: Title = None,
) -> None:
    """Draw an application: publishers, event types, rules, subscriptions, dead letters, targets.

    As Mermaid text, which many sites and editors draw, or as an SVG picture that needs nothing
    else. Nothing is connected to.

    For example:
      eventroute diagram shop.app:bus
      eventroute diagram shop.app:bus --output topology.svg
      eventroute diagram shop.app:bus --output topology.svg --check

    Exit codes:
      0  done
      1  the bus cannot be imported, a contract cannot be used, or --check found a difference
      2  bad usage
    """
    chosen = format or _format_of(output)
    draw = svg if chosen is _Format.SVG else mermaid
    deliver(draw(described(bus, registry, title, "0.0.0")), output, check=check)


def _format_of(file: Path | None) -> _Format:
    suffix = "" if file is None else file.suffix.lower()
    if suffix == ".svg":
        return _Format.SVG
    if suffix not in _TEXTS:
        raise CommandError(
            f"{file} is named like neither form; name it .mmd or .svg, or write --format",
            exit_code=2,
        )
    return _Format.MERMAID
