"""``eventroute schema models``: pydantic models from contracts."""

from itertools import islice
from pathlib import Path
from typing import Annotated, Final

import typer

from eventroute.cli.failure import CommandError
from eventroute.cli.output import Output, report
from eventroute.cli.schema.options import Registry, open_registry
from eventroute.cli.schema.whole import whole
from eventroute.cli.writing import write_file
from eventroute.registry import Contract, FileRegistry

__all__ = ["models"]

_FIRST: Final = 20
"""Among how many lines the marker stands: others may have put a few before it."""
_LONGEST: Final = 1000


def models(
    name: Annotated[
        str | None,
        typer.Argument(metavar="TOPIC[/TYPE]", help="Which contracts; all when left out."),
    ] = None,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write there instead of to stdout."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; tell whether --output is up to date.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite FILE even if somebody else wrote it.")
    ] = False,
    latest: Annotated[
        bool, typer.Option("--latest", help="Only the latest version of each type.")
    ] = False,
    registry: Registry = None,
) -> None:
    """Write pydantic models for contracts, ready with @event.

    The latest version of a type has the plain name, and earlier ones their number behind it. The
    same contracts give the same file. A file that this command wrote is overwritten, and another
    only with --force. Needs pip install "eventroute[models]".

    For example:
      eventroute schema models --output shop/events.py
      eventroute schema models shop.orders/OrderPlaced --latest
      eventroute schema models --output shop/events.py --check

    Exit codes:
      0  done; with --check, the file is up to date
      1  no model can be written for a contract, or somebody else wrote the file; with --check, the
         file differs
      2  bad usage
    """
    if check and output is None:
        raise typer.BadParameter("--check compares a file; name it with --output FILE")
    if force and (check or output is None):
        raise typer.BadParameter("--force goes with --output FILE, and without --check")
    from eventroute.registry.model_code import (  # noqa: PLC0415  it is seldom wanted
        MARKER,
        write_models,
    )

    if output is not None and not check and not force:
        _refuse_anothers(output, MARKER.encode())
    text = write_models(_chosen(open_registry(registry), name, latest=latest))
    if output is None:
        Output().show(text.removesuffix("\n"))
    elif not check:
        write_file(output, text)
        report(f"{output} written")
    elif not output.is_file() or output.read_bytes() != text.encode():
        raise CommandError(
            f"{output} is not what the contracts say; run the command without --check"
        )


def _refuse_anothers(file: Path, marker: bytes) -> None:
    """Refuse a file that holds something which this command did not write."""
    if not file.is_file():
        return
    with file.open("rb") as stream:
        first = b"".join(islice(iter(lambda: stream.readline(_LONGEST), b""), _FIRST))
    if first.strip() and marker not in first:
        raise CommandError(
            f"{file} was not written by this command, and would be lost; name another file, or "
            "overwrite it with --force"
        )


def _chosen(registry: FileRegistry, name: str | None, *, latest: bool) -> list[Contract]:
    every = list(registry)
    found = [one for one in every if name in (None, one.topic, f"{one.topic}/{one.type}")]
    if not found:
        known = sorted({f"{one.topic}/{one.type}" for one in every})
        shown = ", ".join(known[:8]) + (" …" if len(known) > 8 else "")
        raise CommandError(
            f"no contract of {name!r}; there are {shown}" if known else "the registry is empty"
        )
    if latest:
        found = list({(one.topic, one.type): one for one in found}.values())
    return whole(found, registry)
