"""``eventroute dlq``: what subscriptions could not handle, and what to do about it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from math import isfinite
from typing import Annotated, Final, TypeVar

import typer

from eventroute.cli.asking import ask, must_be_asked
from eventroute.cli.backend import full_name, load_durable_bus, on_backend
from eventroute.cli.dlq_options import (
    MOST_LISTED,
    All,
    AnySubscription,
    Bus,
    DryRun,
    EventIds,
    Ids,
    Json,
    JsonLines,
    Limit,
    ListLimit,
    Rate,
    Subscription,
    Where,
)
from eventroute.cli.dlq_overview import counted, show_overview
from eventroute.cli.help_text import help_of
from eventroute.cli.letters import letter_to_dict, show_letter, show_letter_line, write_body
from eventroute.cli.output import Output, printable, report
from eventroute.cli.pattern_argument import read_pattern
from eventroute.delivery import DeadLetterQueue, DeadLetterReport
from eventroute.pattern import Pattern

__all__ = ["dlq"]

Result = TypeVar("Result")

dlq = typer.Typer(name="dlq", rich_markup_mode=None, add_completion=False)


def _start(context: typer.Context) -> None:
    """Look at dead letters, deliver them again, or delete them.

    For example:
      eventroute dlq list shop.app:bus
      eventroute dlq list shop.app:bus billing.invoice
      eventroute dlq redrive shop.app:bus billing.invoice --all --rate 10

    Exit codes of each command:
      0  done
      1  the bus cannot be opened, an id was not found, or a letter could not be moved
      2  bad usage
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


def _list(
    bus: Bus,
    subscription: AnySubscription = None,
    *,
    where: Where = None,
    limit: ListLimit = None,
    all_: All = False,
    json: JsonLines = False,
) -> None:
    """List dead letters, oldest first where the backend can tell; they stay where they are.

    Each is a line. A terminal shows as much of the error as fits; a pipe and --json give it whole.
    Without SUBSCRIPTION, each subscription is a line, with how many it has.

    For example:
      eventroute dlq list shop.app:bus
      eventroute dlq list shop.app:bus billing.invoice
      eventroute dlq list shop.app:bus invoice --where '{"detail": {"country": ["KR"]}}' --json
    """
    if subscription is None:
        if where is not None or limit is not None or all_:
            raise typer.BadParameter(
                "--where, --limit and --all choose letters of one subscription; name it"
            )
        show_overview(bus, as_json=json)
        return
    pattern = _pattern(where)
    limit = None if all_ else limit or MOST_LISTED
    letters = _work(bus, subscription, partial(DeadLetterQueue.list, where=pattern, limit=limit))
    output = Output()
    for letter in letters:
        if json:
            output.show_json(letter_to_dict(letter))
        else:
            show_letter_line(output, letter)
    if not json:
        more = "; there may be more: --limit, --all" if len(letters) == limit else ""
        output.show(f"{counted(len(letters))}{more}")


def _show(
    bus: Bus,
    subscription: Subscription,
    id_: Annotated[
        str | None, typer.Argument(metavar="ID", help="Of the letter.", show_default=False)
    ] = None,
    *,
    event_id: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Instead, of its event: the first of its letters."),
    ] = None,
    body: Annotated[
        bool, typer.Option("--body", help="Write the event alone, byte for byte.")
    ] = False,
    json: Json = False,
) -> None:
    """Show one dead letter: why it died, where, and the event as it came.

    For example:
      eventroute dlq show shop.app:bus billing.invoice 42
      eventroute dlq show shop.app:bus billing.invoice 42 --body > event.json
    """
    if (id_ is None) == (event_id is None):
        raise typer.BadParameter("say which letter: an id, or --event-id")
    if body and json:
        raise typer.BadParameter("--body and --json exclude each other")
    letter = _work(bus, subscription, partial(DeadLetterQueue.show, id=id_, event_id=event_id))
    if body:
        write_body(letter)
    elif json:
        Output().show_json(letter_to_dict(letter), indent=2)
    else:
        show_letter(Output(), letter)


def _redrive(
    bus: Bus,
    subscription: Subscription,
    ids: Ids = None,
    *,
    event_id: EventIds = None,
    where: Where = None,
    all_: All = False,
    limit: Limit = None,
    rate: Rate = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Deliver dead letters again, as first attempts, to their own subscription.

    What dies again meanwhile is left alone, so that --all comes to an end. Letters whose event
    cannot be read are redriven by id or with --all.

    For example:
      eventroute dlq redrive shop.app:bus billing.invoice 42 43
      eventroute dlq redrive shop.app:bus invoice --where '{"detail": {"country": ["KR"]}}'
      eventroute dlq redrive shop.app:bus invoice --all --rate 10 --dry-run
    """
    _check_choice([*(ids or ()), *(event_id or ())], where, all_)
    if rate is not None and not (isfinite(rate) and rate > 0):
        raise typer.BadParameter("--rate must be letters a second, over 0")
    work = partial(
        DeadLetterQueue.redrive,
        ids=ids or None,
        event_ids=event_id or None,
        where=_pattern(where),
        limit=limit,
        rate=rate,
        dry_run=dry_run,
    )
    _tell(_work(bus, subscription, work), as_json=json)


def _discard(
    bus: Bus,
    subscription: Subscription,
    ids: Ids = None,
    *,
    event_id: EventIds = None,
    where: Where = None,
    all_: All = False,
    limit: Limit = None,
    dry_run: DryRun = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Delete dead letters for good, after a question.

    For example:
      eventroute dlq discard shop.app:bus billing.invoice 42
      eventroute dlq discard shop.app:bus invoice --where '{"detail": {"test": [true]}}' --yes
    """
    _check_choice([*(ids or ()), *(event_id or ())], where, all_)
    must_be_asked(yes=yes or dry_run, look="--dry-run")
    pattern = _pattern(where)

    async def work(queue: DeadLetterQueue) -> DeadLetterReport:
        found = await queue.discard(
            ids=ids or None,
            event_ids=event_id or None,
            where=pattern,
            everything=all_,
            limit=limit,
            dry_run=True,
        )
        if dry_run or not found.done:
            return found
        if not yes:
            question = f"delete {counted(len(found.done))} of {queue.subscription} for good?"
            ask(question, otherwise="nothing was deleted")
        report = await queue.discard(ids=[one.id for one in found.done])
        return replace(
            report,
            skipped=found.skipped,
            missing=found.missing + report.missing,
            missing_events=found.missing_events,
        )

    _tell(_work(bus, subscription, work), as_json=json)


_COMMANDS: Final[dict[str, Callable[..., None]]] = {
    "list": _list,
    "show": _show,
    "redrive": _redrive,
    "discard": _discard,
}

dlq.callback(invoke_without_command=True, help=help_of(_start))(_start)
for _name, _command in _COMMANDS.items():
    dlq.command(_name, help=help_of(_command))(_command)


def _work(
    target: str, subscription: str, work: Callable[[DeadLetterQueue], Awaitable[Result]]
) -> Result:
    bus = load_durable_bus(target, kept="dead letters", instead=f"bus.dlq({subscription!r})")
    name = full_name(bus, subscription)

    async def whole() -> Result:
        return await work(bus.dlq(name))

    return on_backend(bus, whole)


def _pattern(where: str | None) -> Pattern | None:
    return None if where is None else read_pattern(where)


def _check_choice(ids: list[str], where: str | None, all_: bool) -> None:
    if bool(ids) + (where is not None) + all_ != 1:
        raise typer.BadParameter("say which letters: ids, --event-id, --where PATTERN, or --all")


def _tell(done: DeadLetterReport, *, as_json: bool) -> None:
    output = Output()
    if as_json:
        output.show_json(done.to_dict(), indent=2)
    else:
        for one in done.done if done.dry_run else ():
            output.show(printable(f"{one.id}  {one.event_id or '(unreadable)'}"))
        output.show(printable(str(done)))
    for one in done.failed:
        report(f"{one.id}: {one.error}")
    for name in done.missing:
        report(f"no dead letter has the id {name!r}; the id of an event goes with --event-id")
    for name in done.missing_events:
        report(f"no dead letter is of the event {name!r}")
    if done.failed or done.missing or done.missing_events or done.interrupted:
        raise typer.Exit(1)
