"""``eventroute schema``: the contracts of an application, one file a command."""

import typer

from eventroute.cli.help_text import help_of
from eventroute.cli.schema.accept import accept
from eventroute.cli.schema.check import check
from eventroute.cli.schema.diff import diff
from eventroute.cli.schema.infer import infer
from eventroute.cli.schema.list import list_
from eventroute.cli.schema.models import models
from eventroute.cli.schema.pull import pull
from eventroute.cli.schema.push import push
from eventroute.cli.schema.register import register
from eventroute.cli.schema.show import show

__all__ = ["schema"]

schema = typer.Typer(name="schema", rich_markup_mode=None, add_completion=False)


def _start(context: typer.Context) -> None:
    """Work with the contracts of events: JSON Schemas, one file a version.

    The registry is the folder that [registry] in eventroute.toml names; --registry takes another.

    For example:
      eventroute schema list
      eventroute schema register shop.app:bus

    Exit codes of each command, unless it says otherwise:
      0  done
      1  the work failed
      2  bad usage
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


schema.callback(invoke_without_command=True, help=help_of(_start))(_start)

for _name, _command in (
    ("list", list_),
    ("show", show),
    ("register", register),
    ("check", check),
    ("push", push),
    ("pull", pull),
    ("diff", diff),
    ("infer", infer),
    ("accept", accept),
    ("models", models),
):
    schema.command(_name, help=help_of(_command))(_command)
