"""What the commands share that write documents of an application."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from eventroute.cli.application_code import running_models
from eventroute.cli.failure import CommandError
from eventroute.cli.loading import load_bus, split_target
from eventroute.cli.output import Output
from eventroute.cli.schema.options import open_registry
from eventroute.cli.writing import write_file
from eventroute.config import load_settings
from eventroute.documents import describe

if TYPE_CHECKING:
    from eventroute.documents import Described

__all__ = ["AppVersion", "Check", "File", "Title", "deliver", "described"]

File: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--output",
        metavar="FILE",
        help="Write the document there instead of printing it.",
        show_default=False,
    ),
]
Check: TypeAlias = Annotated[
    bool,
    typer.Option("--check", help="Write nothing; fail where FILE is not what would be written."),
]
Title: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="Name of the application; MODULE when left out."),
]
AppVersion: TypeAlias = Annotated[
    str, typer.Option(metavar="TEXT", help="Version of the application.")
]


def described(bus: str, registry: Path | None, title: str | None, app_version: str) -> Described:
    """Describe the application that a command names.

    :param registry: what ``--registry`` said; the configured folder where it said nothing.
    """
    loaded = load_bus(bus, registry=registry)
    asked = registry is not None or load_settings().registry.path is not None
    contracts = open_registry(registry) if asked else None
    name = split_target(bus)[0] if title is None else title
    with running_models(bus):
        return describe(loaded, contracts, title=name, version=app_version)


def deliver(text: str, file: Path | None, *, check: bool) -> None:
    """Print a document, write it, or compare it with the one that was written before.

    :param text: ends with a line break.
    """
    if file is None:
        if check:
            raise CommandError("--check compares with a file; name it with --output", exit_code=2)
        Output().show(text.removesuffix("\n"))
    elif not check:
        write_file(file, text)
    elif not file.is_file():
        raise CommandError(f"{file} is not there; write it without --check")
    elif file.read_bytes() != text.encode():
        raise CommandError(f"{file} is out of date; write it again without --check")
