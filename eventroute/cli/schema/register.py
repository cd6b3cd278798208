"""``eventroute schema register``: what an application declares, written into the registry."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from eventroute.cli.dlq_options import Bus
from eventroute.cli.failure import CommandError
from eventroute.cli.loading import load_bus
from eventroute.cli.output import Output, printable
from eventroute.cli.schema.options import Json, Registry, open_registry
from eventroute.errors import ContractConflictError
from eventroute.registry import as_contract

__all__ = ["register"]


def register(bus: Bus, *, registry: Registry = None, json: Json = False) -> None:
    """Write the contracts of a bus into the registry: one of each event type that it declares.

    These are the types that its routers publish and that its subscribers take. A version that is
    there already stays as it is; where its model was changed, nothing is written.

    For example:
      eventroute schema register shop.app:bus
      eventroute schema register shop.app:bus --registry schemas

    Exit codes:
      0  done
      1  the bus cannot be imported, or a version is registered with another schema
      2  bad usage
    """
    chosen = open_registry(registry, must_exist=False)
    with _made(chosen.root):  # a bus that is made of the configuration asks for its registry
        loaded = load_bus(bus)
    contracts = [as_contract(one) for one in loaded.event_types]
    before = {
        (one.topic, one.type, version)
        for one in contracts
        if chosen.root.is_dir()
        for version in chosen.versions(one.topic, one.type)
    }
    try:
        chosen.register_all(contracts)
    except ContractConflictError as error:
        raise CommandError(
            f"{error}: @event(…, version=N) on its model, or take the change back"
        ) from None
    output = Output()
    for one in contracts:
        new = (one.topic, one.type, one.version) not in before
        if json:
            output.show_json(
                {
                    "topic": one.topic,
                    "type": one.type,
                    "version": one.version,
                    "status": "registered" if new else "unchanged",
                }
            )
        else:
            output.show(f"{'registered' if new else 'unchanged':<10}  {printable(str(one))}")
    if not contracts and not json:
        output.show(f"{bus} declares no event types")


@contextmanager
def _made(folder: Path) -> Generator[None]:
    """Make a folder that is missing; one that stays empty because of an error is taken away."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"the registry {folder} cannot be made: {error.strerror}") from None
    try:
        yield
    except BaseException:
        with suppress(OSError):
            for one in missing:
                one.rmdir()
        raise
