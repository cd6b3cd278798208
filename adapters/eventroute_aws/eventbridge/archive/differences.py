"""What has to be done so that the archive becomes as it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.errors import ConfigurationError
from eventroute_aws.eventbridge.archive.found import mark_of
from eventroute_aws.eventbridge.archive.steps import ChangeArchive, CreateArchive, DeleteArchive

if TYPE_CHECKING:
    from eventroute_aws.eventbridge.archive.found import FoundArchive
    from eventroute_aws.options import EventBridgeOptions

__all__ = ["archive_steps", "days_of", "held", "removal_of"]


def days_of(options: EventBridgeOptions) -> int:
    """Days that events are kept, as EventBridge counts them: 0 is for ever."""
    return options.archive if isinstance(options.archive, int) else 0


def archive_steps(
    name: str, bus: str, there: FoundArchive | None, options: EventBridgeOptions
) -> tuple[CreateArchive | ChangeArchive, ...]:
    """Compare.

    :param bus: ARN of the event bus.
    :raises ConfigurationError: the archive is another's, or of another bus, or could not be made.
    """
    days, key = days_of(options), options.kms_key or ""
    if there is None:
        told = (f"keeps every event of the event bus {options.bus} {_told(days)}",)
        return (CreateArchive(name, bus, mark_of(options.prefix), days, key, told),)
    _check(there, bus, options)
    details: list[str] = []
    if there.days != days:
        details.append(f"keeps events {_told(there.days)}, becomes {_told(days)}")
    if there.key != key:
        details.append(f"KmsKeyIdentifier: {there.key or 'none'}, becomes {key or 'none'}")
    if not details:
        return ()
    return (ChangeArchive(name, days, None if there.key == key else key, tuple(details)),)


def removal_of(
    there: FoundArchive | None, options: EventBridgeOptions
) -> tuple[DeleteArchive, ...]:
    """What has to be done to be rid of it; nothing where it is another's."""
    if there is None or there.description != mark_of(options.prefix):
        return ()
    return (DeleteArchive(there.name, (held(there),)),)


def held(there: FoundArchive) -> str:
    """What an archive holds, for people."""
    since = "" if there.created is None else f" since {there.created:%Y-%m-%d}"
    events = f"{there.events:,} event{'' if there.events == 1 else 's'}"
    return f"holds about {events}, {there.size:,} bytes, kept{since}"


def _check(there: FoundArchive, bus: str, options: EventBridgeOptions) -> None:
    if there.description != mark_of(options.prefix):
        raise ConfigurationError(
            f"the archive {there.name} has the description {there.description!r}, so that others "
            "made it; delete it, choose another prefix, or hand it over by the description "
            f"{mark_of(options.prefix)!r}"
        )
    if there.bus != bus:
        raise ConfigurationError(
            f"the archive {there.name} is that of {there.bus}, and stays with it; delete it, or "
            "choose another prefix"
        )
    if there.state == "CREATE_FAILED":
        raise ConfigurationError(
            f"EventBridge could not make the archive {there.name}: {there.reason or 'no reason'}; "
            "delete it, and open the bus again"
        )


def _told(days: int) -> str:
    return f"for {days:,} day{'' if days == 1 else 's'}" if days else "for ever"
