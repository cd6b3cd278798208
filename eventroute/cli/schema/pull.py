"""``eventroute schema pull``: from a store into the registry."""

import typer

from eventroute.cli.output import Output, printable, report
from eventroute.cli.schema.options import JsonLines, Registry, open_registry, telling_made
from eventroute.cli.schema.stores import (
    SecondsForAll,
    Store,
    Topic,
    chosen_by,
    on_store,
    tell_skipped,
    tell_unfinished,
)
from eventroute.contract import Contract
from eventroute.contract_store import ContractStore
from eventroute.errors import ContractError
from eventroute.registry import FileRegistry, differences

__all__ = ["pull"]


def pull(
    topic: Topic = None,
    *,
    store: Store = None,
    registry: Registry = None,
    seconds: SecondsForAll = 60.0,
    json: JsonLines = False,
) -> None:
    """Write contracts that the registry lacks from a store into it.

    Nothing in the registry is changed or deleted. Where both have a version with two schemas that
    other events fit, that is told, and the registry's stays.

    For example:
      eventroute schema pull
      eventroute schema pull aws.s3

    Exit codes:
      0  the registry holds all of them
      1  some could not be added, or the store cannot be used
      2  bad usage
    """
    chosen = open_registry(registry, must_exist=False)

    async def work(there: ContractStore) -> tuple[str, list[Contract]]:
        stored = await there.list(topic)
        tell_skipped(stored.skipped, there.title)
        return there.title, list(stored.contracts)

    title, theirs = on_store(store, work)
    ours = chosen_by(topic, chosen) if chosen.root.is_dir() else []
    found = differences(ours, theirs, registry=chosen, seconds=seconds)
    new = [one.contract for one in found if one.what == "missing here"]
    with telling_made(chosen.root):
        added, refused = _registered(chosen, new)
    output = Output()
    for contract in added:
        if json:
            output.show_json(
                {
                    "topic": contract.topic,
                    "type": contract.type,
                    "version": contract.version,
                    "status": "added",
                }
            )
        else:
            output.show(f"added  {printable(str(contract))}")
    for error in refused:
        report(str(error))
    differing = [one for one in found if one.what == "differs"]
    for one in differing:
        why = one.how or "one of them must become another version"
        report(printable(f"{one.contract} has another schema in {title}; {why}"))
    tell_unfinished(found)
    if not theirs:
        report(f"{title} has no contracts{f' of the topic {topic}' if topic else ''}")
    if refused or differing:
        raise typer.Exit(1)


def _registered(
    registry: FileRegistry, contracts: list[Contract]
) -> tuple[list[Contract], list[ContractError]]:
    """Register them all at once, as they may refer to each other; or, failing that, each it can."""
    try:
        return registry.register_all(contracts), []
    except ContractError:
        pass  # which one it was, shows below
    added: list[Contract] = []
    errors: list[ContractError] = []
    waiting = contracts
    while waiting:
        errors, left = [], []
        for contract in waiting:
            try:
                added.append(registry.register(contract))
            except ContractError as error:
                errors.append(error)
                left.append(contract)
        if len(left) == len(waiting):
            break
        waiting = left
    return added, errors
