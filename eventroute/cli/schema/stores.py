"""What the commands around a store share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeVar

import anyio
import typer

from eventroute.cli.failure import CommandError
from eventroute.cli.output import printable, report
from eventroute.config import load_settings
from eventroute.plugins import load_store_factory

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from eventroute.contract import Contract
    from eventroute.contract_store import ContractStore, Skipped
    from eventroute.registry import Difference

__all__ = [
    "SecondsForAll",
    "Store",
    "Topic",
    "chosen_by",
    "on_store",
    "tell_skipped",
    "tell_unfinished",
]

Result = TypeVar("Result")

Topic = Annotated[
    str | None,
    typer.Argument(metavar="[TOPIC]", help="Only contracts of this topic.", show_default=False),
]
Store = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="NAME",
        help="Which store, instead of the one in eventroute.toml.",
        show_default=False,
    ),
]

SecondsForAll = Annotated[
    float,
    typer.Option(
        "--seconds",
        metavar="NUMBER",
        min=0.01,
        max=3600,
        help="Longest time for all comparisons together.",
    ),
]


def on_store(name: str | None, work: Callable[[ContractStore], Awaitable[Result]]) -> Result:
    """Open the store, do something with it, and close it.

    :param name: what ``--store`` said.
    :raises CommandError: nothing names a store.
    """
    settings = load_settings().registry
    chosen = settings.store if name is None else name
    if chosen is None:
        raise CommandError(
            'no store: write --store NAME, or store = "eventbridge" under [registry] in '
            "eventroute.toml",
            exit_code=2,
        )
    store = load_store_factory(chosen)(settings.options_for(chosen))

    async def opened() -> Result:
        try:
            await store.open()
            return await work(store)
        finally:
            await store.close()

    return anyio.run(opened)


def chosen_by(topic: str | None, contracts: Iterable[Contract]) -> list[Contract]:
    """Those of the topic; all where none is given."""
    return [one for one in contracts if topic is None or one.topic == topic]


def tell_skipped(skipped: Iterable[Skipped], title: str) -> None:
    """Tell what in a store is no contract."""
    for one in skipped:
        report(printable(f"{title}: {one.name} is left out: {one.reason}"))


def tell_unfinished(found: Iterable[Difference]) -> None:
    """Tell of comparisons for which there was no time."""
    count = sum(one.what == "differs" and bool(one.how) for one in found)
    if count:
        report(
            f"{count:,} contract{' was' if count == 1 else 's were'} not compared to the end, and "
            f"{'is' if count == 1 else 'are'} taken to differ; raise --seconds"
        )
