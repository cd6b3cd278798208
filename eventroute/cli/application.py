"""The command ``eventroute``: its commands, and the edge where errors become messages."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from typing import Annotated, Final

import typer

from eventroute.cli.advise import advise
from eventroute.cli.archive import archive
from eventroute.cli.asyncapi import asyncapi
from eventroute.cli.catalogue import catalogue
from eventroute.cli.check import check
from eventroute.cli.diagram import diagram
from eventroute.cli.dlq import dlq
from eventroute.cli.drop import drop
from eventroute.cli.explain import explain
from eventroute.cli.failure import message_of
from eventroute.cli.help_text import help_of
from eventroute.cli.iam import iam
from eventroute.cli.output import prepare_streams, report
from eventroute.cli.provision import apply, destroy, plan
from eventroute.cli.replay import replay
from eventroute.cli.route import route
from eventroute.cli.run import run
from eventroute.cli.schema import schema
from eventroute.errors import EventRouteError

__all__ = ["main"]

# Typer has click inside or beside it, depending on its version; this is its class in both.
_ClickException: Final[type[Exception]] = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)

_INTERRUPTED: Final = 130
_BROKEN_PIPE: Final = 141

application = typer.Typer(
    name="eventroute",
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _command in (
    route,
    explain,
    check,
    run,
    replay,
    archive,
    plan,
    apply,
    drop,
    destroy,
    iam,
    advise,
    asyncapi,
    diagram,
    catalogue,
):
    application.command(help=help_of(_command))(_command)
application.add_typer(dlq)
application.add_typer(schema)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"eventroute {version('eventroute')}")
        raise typer.Exit


def _start(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Route events by their content.

    Exit codes, unless a command says otherwise:
      0    done
      1    the work failed
      2    bad usage
      130  ended by Ctrl-C
      141  the reader of the output has gone
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


application.callback(invoke_without_command=True, help=help_of(_start))(_start)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    :param arguments: what follows the program's name; ``sys.argv`` when left out.
    :returns: the exit code.
    """
    prepare_streams()
    try:
        code = _invoke(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _abandon_output()
        return _BROKEN_PIPE
    except KeyboardInterrupt:
        return _INTERRUPTED
    except (EventRouteError, OSError) as error:
        with suppress(OSError):
            report(f"eventroute: {message_of(error)}")
        _flush_or_abandon()
        return getattr(error, "exit_code", 1)
    return code


def _invoke(arguments: Sequence[str]) -> int:
    # Not `application()`: it would end the process, and turn a broken pipe into a failure.
    command = typer.main.get_command(application)
    try:
        with command.make_context("eventroute", list(arguments)) as context:
            command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except _ClickException as error:
        report(_usage(error))
        return getattr(error, "exit_code", 2)
    return 0


def _usage(error: Exception) -> str:
    format_message = getattr(error, "format_message", error.__str__)
    context = getattr(error, "ctx", None)
    command = "eventroute" if context is None else context.command_path
    message = " ".join(format_message().split())  # which may be a list
    message = message.replace(": Value error, ", ": ")  # as some versions of Typer begin
    return f"eventroute: {message.rstrip('.')}; see {command} --help"


def _flush_or_abandon() -> None:
    try:
        sys.stdout.flush()
    except OSError:
        _abandon_output()


def _abandon_output() -> None:
    """Give what is still buffered to nobody, lest Python fails again when it exits."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
