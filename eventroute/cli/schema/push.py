"""``eventroute schema push``: from the registry to a store."""

import typer

from eventroute.cli.output import Output, printable, report
from eventroute.cli.schema.options import JsonLines, Registry, open_registry
from eventroute.cli.schema.stores import SecondsForAll, Store, Topic, chosen_by, on_store
from eventroute.contract import Contract
from eventroute.contract_store import ContractStore
from eventroute.errors import (
    AccessDeniedError,
    ContractConflictError,
    ContractError,
    ContractNotFoundError,
    LimitExceededError,
)
from eventroute.registry import FileRegistry, bundled
from eventroute.registry.sameness import SECONDS, same_contract
from eventroute.registry.shared_time import SharedTime

__all__ = ["push"]


def push(
    topic: Topic = None,
    *,
    store: Store = None,
    registry: Registry = None,
    seconds: SecondsForAll = 60.0,
    json: JsonLines = False,
) -> None:
    """Copy contracts that a store lacks from the registry into it.

    Nothing in the store is changed or deleted. A version that is there with a schema that the same
    events fit, as where only descriptions differ, is unchanged. What cannot be added is told, and
    the rest is.

    For example:
      eventroute schema push
      eventroute schema push shop.orders --store eventbridge

    Exit codes:
      0  the store holds all of them
      1  some could not be added, or the store cannot be used
      2  bad usage
    """
    chosen = open_registry(registry)
    contracts = chosen_by(topic, chosen)
    output = Output()

    def tell(contract: Contract, status: str) -> None:
        if json:
            output.show_json(
                {
                    "topic": contract.topic,
                    "type": contract.type,
                    "version": contract.version,
                    "status": status,
                }
            )
        else:
            output.show(f"{status:<9}  {printable(str(contract))}")
        output.flush()

    async def work(there: ContractStore) -> bool:
        whole, time = True, SharedTime(seconds)
        for place, contract in enumerate(contracts):
            try:
                waiting = len(contracts) - place
                added = await _added(there, contract, chosen, time, waiting)
            except (ContractError, ContractConflictError, LimitExceededError) as error:
                report(str(error))
                tell(contract, "refused")
                whole = False
            else:
                tell(contract, "added" if added else "unchanged")
        return whole

    if not on_store(store, work):
        raise typer.Exit(1)


async def _added(
    store: ContractStore, contract: Contract, registry: FileRegistry, time: SharedTime, waiting: int
) -> bool:
    """Add a contract; ``False`` where the store has it, be it in another wording.

    :param waiting: how many contracts are to come, this one included.
    """
    try:
        return await store.put(contract, bundled(contract, registry))
    except ContractConflictError:
        try:
            kept = await store.get(contract.topic, contract.type, contract.version)
        except (AccessDeniedError, ContractNotFoundError):
            kept = None  # something else stands in the way
        if kept is None:
            raise
        with time.part(waiting, least=SECONDS) as part:
            same = same_contract(contract, kept, registry, registry, seconds=part)
        if not same:
            if time.ran_out:
                report(
                    f"{contract}: not compared to the end with that in the store; raise --seconds"
                )
            raise
        return False
