"""``eventroute schema diff``: how the registry and a store differ."""

from typing import Annotated

import typer

from eventroute.cli.output import Output, printable
from eventroute.cli.schema.options import JsonLines, Registry, open_registry
from eventroute.cli.schema.stores import (
    SecondsForAll,
    Store,
    Topic,
    chosen_by,
    on_store,
    tell_skipped,
    tell_unfinished,
)
from eventroute.contract_store import ContractStore, Stored
from eventroute.errors import ContractNotFoundError
from eventroute.registry import differences

__all__ = ["diff"]

_DIFFERENT = 2


def diff(
    topic: Topic = None,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 2 if anything differs.")
    ] = False,
    store: Store = None,
    registry: Registry = None,
    seconds: SecondsForAll = 60.0,
    json: JsonLines = False,
) -> None:
    """Show which contracts are missing here, missing there, or differ; changes nothing.

    Here is the registry, there is the store. Where the same events fit two schemas, as where only
    descriptions differ, it is one contract: that is told, and is no difference for --check.

    For example:
      eventroute schema diff
      eventroute schema diff shop.orders --check

    Exit codes:
      0  done
      1  the registry or the store cannot be used
      2  bad usage; or with --check, something differs
    """
    chosen = open_registry(registry)
    ours = chosen_by(topic, chosen)

    async def work(there: ContractStore) -> Stored:
        try:
            stored = await there.list(topic)
        except ContractNotFoundError:
            return Stored(())  # the first push makes it
        tell_skipped(stored.skipped, there.title)
        return stored

    found = differences(ours, on_store(store, work).contracts, registry=chosen, seconds=seconds)
    output = Output()
    for one in found:
        contract = one.contract
        if json:
            output.show_json(
                {
                    "topic": contract.topic,
                    "type": contract.type,
                    "version": contract.version,
                    "difference": one.what,
                    "how": one.how,
                }
            )
        else:
            how = f"  {one.how}" if one.how else ""
            output.show(printable(f"{one.what:<13}  {contract}{how}"))
    tell_unfinished(found)
    differing = any(one.what != "same events" for one in found)
    if not differing and not json:
        output.show("no differences")
    if check and differing:
        raise typer.Exit(_DIFFERENT)
