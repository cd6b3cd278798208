"""The archive, made, mended and removed: of ours, and of nobody else's."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pytest

from eventroute.errors import ConfigurationError

from .world import ARCHIVE, BUS, ORDERS, World, event, published, since, topology

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.port import Change

WANTED = topology(a=ORDERS)


def about_archives(changes: Sequence[Change]) -> list[tuple[str, tuple[str, ...]]]:
    return [
        (change.action, change.details)
        for change in changes
        if change.resource == f"archive {ARCHIVE}"
    ]


async def test_opening_makes_an_archive_of_every_event_of_the_bus(world: World) -> None:
    await world.opened(archive=30)
    made = await world.archive()
    assert (made["EventSourceArn"], made["RetentionDays"]) == (world.account.bus_arn(), 30)
    assert made["EventPattern"] == ""


async def test_without_the_option_there_is_none(world: World) -> None:
    await world.opened(archive="off")
    assert await world.archives() == set()
    policy = await world.account.policy("eventroute-a")
    assert "replay" not in str(policy)


async def test_an_archive_may_keep_events_for_ever(world: World) -> None:
    await world.opened(archive="forever")
    assert (await world.archive())["RetentionDays"] == 0


async def test_another_retention_is_planned_and_mended(world: World) -> None:
    await world.opened(archive=30)
    adapter = world.adapter(archive="forever")
    told = ("change", ("keeps events for 30 days, becomes for ever",))
    assert about_archives(await adapter.plan(WANTED)) == [told]
    assert about_archives(await adapter.apply(WANTED)) == [told]
    assert (await world.archive())["RetentionDays"] == 0
    assert await adapter.apply(WANTED) == []


async def test_the_key_encrypts_the_archive_too_and_can_be_taken_back(world: World) -> None:
    await world.opened(kms_key="alias/events")
    assert (await world.archive())["KmsKeyIdentifier"] == "alias/events"
    await world.opened()
    assert "KmsKeyIdentifier" not in await world.archive()


async def test_left_out_again_the_archive_stays_with_what_it_holds(world: World) -> None:
    await world.opened()
    adapter = await world.opened(archive="off")
    assert about_archives(await adapter.plan(WANTED)) == []
    assert await world.archives() == {ARCHIVE}


async def test_validate_names_what_is_missing_and_makes_nothing(world: World) -> None:
    await world.opened(topology(), archive="off")
    with pytest.raises(ConfigurationError, match="create the archive eventroute-shop") as caught:
        await world.opened(topology(), provision="validate")
    assert "run `eventroute apply`" in str(caught.value)
    assert await world.archives() == set()


async def test_administrative_commands_make_none(world: World) -> None:
    await world.opened(archive="off")
    await world.adapter().open(WANTED, provision=False)
    assert await world.archives() == set()


async def test_an_archive_of_others_is_refused_and_left_alone(world: World) -> None:
    await world.account.make_bus()
    await world.make_archive()
    with pytest.raises(ConfigurationError, match="description 'theirs', so that others made it"):
        await world.opened()
    adapter = world.adapter(archive="off")
    assert about_archives(await adapter.destroy(dry_run=False)) == []
    assert await world.archives() == {ARCHIVE}


async def test_an_archive_of_another_bus_is_refused(world: World) -> None:
    await world.opened()
    events = await world.account.events()
    description = (await world.archive())["Description"]
    await events.delete_archive(ArchiveName=ARCHIVE)
    await events.create_archive(
        ArchiveName=ARCHIVE,
        EventSourceArn=world.account.bus_arn("default"),
        Description=description,
    )
    with pytest.raises(ConfigurationError, match=r"is that of .*:event-bus/default"):
        await world.opened()


@pytest.mark.parametrize("archive", [7, "off"])
async def test_destroy_says_what_the_archive_holds_and_deletes_it_before_its_bus(
    world: World, archive: object
) -> None:
    adapter = await world.opened()
    await published(adapter, event(1), event(2))
    # On AWS the archive is filled by a rule of EventBridge's own on the bus.
    await world.account.make_rule(f"Events-Archive-{ARCHIVE}")
    other = world.adapter(archive=archive)
    told = await other.destroy(dry_run=True)
    ((action, (held,)),) = about_archives(told)
    assert (action, "holds about 2 events" in held) == ("delete", True)
    resources = [change.resource for change in told]
    assert resources.index(f"archive {ARCHIVE}") < resources.index(f"event bus {BUS}")
    assert await world.archives() == {ARCHIVE}
    await other.destroy(dry_run=False)
    assert await world.archives() == set()
    assert BUS not in await world.account.buses()


async def test_a_provisioner_may_do_all_that_archives_and_replays_take_and_others_only_look(
    world: World,
) -> None:
    adapter = world.adapter()
    policies: dict[str, Any] = {
        "provisioner": await adapter.permissions("provisioner", WANTED),
        "consumer": await adapter.permissions("consumer", WANTED),
    }
    await adapter.open(WANTED)
    await adapter.replay(since(hours=2))
    await (await world.opened(archive=8)).destroy(dry_run=False)
    bus, place = world.account.bus_arn(), f"arn:aws:events:us-east-1:{world.account.id}"
    asked = {
        (request.action, request.json.get("ArchiveName") or request.json.get("ReplayName"))
        for action in (
            "CreateArchive",
            "DeleteArchive",
            "DescribeArchive",
            "DescribeReplay",
            "StartReplay",
            "UpdateArchive",
        )
        for request in world.proxy.requests(action)
    }
    for action, name in asked:
        kind = "replay" if "Replay" in action else "archive"
        assert _allows(policies["provisioner"], f"events:{action}", f"{place}:{kind}/{name}")
    for action in ("CreateArchive", "StartReplay"):
        assert _allows(policies["provisioner"], f"events:{action}", bus)
    rule = world.account.rule_arn("eventroute-a-replay-0badc0de")
    for action in ("PutRule", "PutTargets", "TagResource", "RemoveTargets", "DeleteRule"):
        assert _allows(policies["provisioner"], f"events:{action}", rule)
    assert _allows(policies["consumer"], "events:DescribeArchive", f"{place}:archive/{ARCHIVE}")
    assert not _allows(policies["consumer"], "events:StartReplay", f"{place}:archive/{ARCHIVE}")


def _allows(policy: dict[str, Any], action: str, resource: str) -> bool:
    return any(
        action in one["Action"] and any(fnmatchcase(resource, arn) for arn in one["Resource"])
        for one in policy["Statement"]
    )
