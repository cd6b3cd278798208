"""Whether new versions may follow those of the registry: what the commands that add them ask."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Self

from eventroute.cli.failure import CommandError
from eventroute.cli.schema.review_text import show_entry
from eventroute.config import load_settings
from eventroute.impact import review
from eventroute.registry import Contract, as_contract, bundled
from eventroute.registry.together import Together

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel

    from eventroute.cli.output import Output
    from eventroute.event_type import EventType
    from eventroute.impact import Review, Reviewed
    from eventroute.registry import FileRegistry, Mode, Profile
    from eventroute.registry.bundling import Lookup

__all__ = ["Policy", "added", "judged", "refuse"]


@dataclass(frozen=True, slots=True)
class Policy:
    """What versions of a contract must be to each other.

    :ivar unknown: whether what is not decided may be added.
    :ivar seconds: how long one comparison of two schemas may take.
    """

    mode: Mode
    profile: Profile
    unknown: Literal["fail", "pass"]
    seconds: float

    @classmethod
    def chosen(
        cls,
        mode: Mode | None,
        profile: Profile | None,
        unknown: Literal["fail", "pass"],
        seconds: float,
    ) -> Self:
        """What the options of a command say, and the configuration where they say nothing."""
        if mode is None or profile is None:
            settings = load_settings().registry
            mode, profile = mode or settings.mode, profile or settings.profile
        return cls(mode, profile, unknown, seconds)

    def refuses(self, entry: Reviewed) -> bool:
        """Whether a contract may not be added; one that is there already is none to add."""
        doubt = entry.unknown and self.unknown == "fail"
        return not entry.registered and (entry.breaks or doubt)


def judged(
    declared: Iterable[Contract | EventType | type[BaseModel]],
    registry: FileRegistry,
    policy: Policy,
) -> Review:
    """Compare contracts with the versions before them in the registry.

    :param declared: of event types, the casts make good what is not compatible.
    :raises ContractError: a contract cannot be used.
    :raises DeclarationError: a model is not an event type, or has no JSON Schema.
    """
    given = list(declared)
    contracts = [as_contract(one) for one in given]
    together = Together({(one.topic, one.type, one.version): one for one in contracts}, registry)
    names = sorted({(one.topic, one.type) for one in contracts})
    known = [
        registry.get(*name, version)
        for name in names
        if registry.root.is_dir()
        for version in registry.versions(*name)
    ]
    return review(
        [
            _whole(contract, together) if isinstance(one, Contract) else one
            for one, contract in zip(given, contracts, strict=True)
        ],
        [_whole(one, registry) for one in known],
        mode=policy.mode,
        profile=policy.profile,
        seconds=policy.seconds,
    )


def refuse(output: Output, found: Review, policy: Policy, *, done: str, json: bool = False) -> None:
    """Print what may not be added, with what shows it, and end the command; nothing where all may.

    :param done: what the command does, such as ``"registered"``.
    :param json: whether to print it as JSON.
    :raises CommandError: something may not be added.
    """
    refused = [entry for entry in found.entries if policy.refuses(entry)]
    if not refused:
        return
    for entry in refused:
        if json:
            output.show_json(added(entry, "refused"))
        else:
            show_entry(output, entry)
    count = len(refused)
    broken = any(entry.breaks for entry in refused)
    raise CommandError(
        f"nothing was {done}: {count:,} version{'' if count == 1 else 's'} "
        f"{'is' if count == 1 else 'are'} {'not' if broken else 'not known to be'} compatible "
        f"(mode {found.mode}, profile {found.profile}); change {'it' if count == 1 else 'them'}, "
        f"or allow that with {'--mode NONE' if broken else '--unknown pass'}"
    )


def added(entry: Reviewed, status: str) -> dict[str, object]:
    """One contract that was to be added, as JSON values."""
    kept = {"topic", "type", "version", "bridged", "against", "compatibility"}
    told = {name: value for name, value in entry.to_dict().items() if name in kept}
    return {**told, "status": status}


def _whole(contract: Contract, registry: Lookup) -> Contract:
    return replace(contract, schema=bundled(contract, registry))
