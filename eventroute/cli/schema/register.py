"""``eventroute schema register``: what an application declares, written into the registry."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Final

import typer

from eventroute.cli.application_code import running_models
from eventroute.cli.dlq_options import Bus
from eventroute.cli.failure import CommandError
from eventroute.cli.loading import load_bus
from eventroute.cli.output import Output, printable
from eventroute.cli.schema.judging import Policy, added, judged, refuse
from eventroute.cli.schema.options import (
    JsonLines,
    ModeOption,
    ProfileOption,
    Registry,
    Seconds,
    Unknown,
    open_registry,
    telling_made,
)
from eventroute.cli.schema.review_words import standing
from eventroute.errors import ContractConflictError
from eventroute.impact import Status
from eventroute.registry import Contract, FileRegistry, as_contract

__all__ = ["register"]

_CLASHES: Final = (Status.CHANGED, Status.CONFLICTING)


def register(
    bus: Bus,
    *,
    registry: Registry = None,
    mode: ModeOption = None,
    profile: ProfileOption = None,
    unknown: Unknown = "fail",
    seconds: Seconds = 2.0,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail where something would be written.")
    ] = False,
    json: JsonLines = False,
) -> None:
    """Write the contracts of a bus into the registry: one of each event type that it declares.

    These are the types that its routers publish and that its subscribers take. A version that is
    there already stays as it is; where its model was changed, nothing is written. Nor is anything
    where a new version is not compatible with the one before it, or, in the modes that end with
    _TRANSITIVE, with all of them, and no cast makes that good; --mode NONE writes it all the same.

    For example:
      eventroute schema register shop.app:bus
      eventroute schema register shop.app:bus --registry schemas --mode FULL
      eventroute schema register shop.app:bus --check

    Exit codes:
      0  done; with --check, everything is registered
      1  the bus cannot be imported, a version is registered with another schema, or a new one is
         not compatible, or not known to be (unless --unknown pass); with --check, one is missing
      2  bad usage
    """
    chosen = open_registry(registry, must_exist=False)
    policy = Policy.chosen(mode, profile, unknown, seconds)
    output = Output()
    if check and not chosen.root.is_dir():
        raise CommandError(f"{chosen.root} is not there; register without --check")
    # A bus that is made of the configuration asks for its registry.
    with telling_made(chosen.root), _made(chosen.root):
        loaded = load_bus(bus, registry=registry)
        with running_models(bus):
            found = judged(loaded.event_types, chosen, policy)
            contracts = [as_contract(one) for one in loaded.event_types]
        entries = {(one.topic, one.type, one.version): one for one in found.entries}
        clashes = [one for one in contracts if entries[_key(one)].status in _CLASHES]
        _register(chosen, clashes, seconds)  # says which they are
        refuse(output, found, policy, done="registered", json=json)
        if not check:
            _register(chosen, contracts, seconds)
    for key in dict.fromkeys(map(_key, contracts)):
        entry = entries[key]
        new = "missing" if check else "registered"
        status = "unchanged" if entry.registered else new
        if json:
            output.show_json(added(entry, status))
        else:
            said = "" if entry.registered else standing(entry)
            name = f"{entry.topic}/{entry.type}/{entry.version}"
            output.show(printable(f"{status:<10}  {name}{f'  {said}' if said else ''}"))
    if not contracts and not json:
        output.show(f"{bus} declares no event types")
    missing = sum(not entries[key].registered for key in {*map(_key, contracts)})
    if check and missing:
        raise CommandError(
            f"{chosen.root} lacks {missing:,} contract{'' if missing == 1 else 's'} that {bus} "
            f"declares; register {'it' if missing == 1 else 'them'} without --check"
        )


def _key(contract: Contract) -> tuple[str, str, int]:
    return contract.topic, contract.type, contract.version


def _register(registry: FileRegistry, contracts: list[Contract], seconds: float) -> None:
    try:
        registry.register_all(contracts, seconds=seconds)
    except ContractConflictError as error:
        raise CommandError(
            f"{error}: @event(…, version=N) on its model, or take the change back"
        ) from None


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
