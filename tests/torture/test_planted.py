"""A loss, a duplicate or a disorder that is planted makes the scenario fail that must find it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from eventroute import Event, Router
from tools.torture import bad_days, outboxes, soak, stopping, workers
from tools.torture.apps.gate import IN_FLIGHT
from tools.torture.apps.orders import BATCH
from tools.torture.apps.queues import NAMES as QUEUES
from tools.torture.apps.queues import Shop, takes
from tools.torture.apps.shop import CONCURRENCY, NAMES
from tools.torture.check import Check
from tools.torture.equivalence import comparing
from tools.torture.equivalence.application import Application, Sight
from tools.torture.wire import faults, kills, pushdown, slow


def broken(checks: Sequence[Check]) -> list[str]:
    return [check.what for check in checks if not check.holds]


def worked(events: int = 60, kills: int = 0) -> workers.Record:
    calls = [(name, number) for name in NAMES for number in range(events)]
    return workers.Record(events, kills, calls, list(calls), stopped=[0, 0])


@pytest.mark.parametrize("transactions", [False, True])
def test_workers_that_kept_every_promise_pass(*, transactions: bool) -> None:
    assert broken(workers.judge(worked(), transactions=transactions)) == []


@pytest.mark.parametrize("transactions", [False, True])
def test_one_lost_event_of_one_subscription_is_found(*, transactions: bool) -> None:
    record = worked()
    record.effects.remove(("picky", 7))
    assert "lost" in broken(workers.judge(record, transactions=transactions))


def test_one_second_effect_in_a_transaction_is_found() -> None:
    record = worked(kills=30)
    record.effects.append(("plain", 7))
    assert broken(workers.judge(record, transactions=True)) == ["effects", "second effects"]


def test_more_duplicates_than_the_kills_explain_are_found() -> None:
    record = worked(kills=1)
    limit = CONCURRENCY * len(NAMES)
    record.effects += record.effects[:limit]
    assert broken(workers.judge(record, transactions=False)) == []
    record.effects.append(("plain", 50))
    assert broken(workers.judge(record, transactions=False)) == ["handled again"]


def test_two_events_of_a_key_that_changed_places_are_found() -> None:
    record = worked()
    first, second = record.calls.index(("ordered", 3)), record.calls.index(("ordered", 23))
    record.calls[first], record.calls[second] = record.calls[second], record.calls[first]
    assert broken(workers.judge(record, transactions=False)) == ["out of order within a key"]


def test_a_dead_letter_and_a_worker_that_fails_to_stop_are_found() -> None:
    record = replace(worked(), dead=1, stopped=[0, -9])
    assert broken(workers.judge(record, transactions=False)) == [
        "dead letters",
        "workers that did not stop cleanly",
    ]


def relayed() -> outboxes.Record:
    orders = [(number, f"k{number % 2}") for number in range(10)]
    return outboxes.Record(
        kills=2,
        relay_kills=1,
        tried=set(range(11)),
        told=list(range(10)),
        refused=[10],
        committed=orders,
        published=list(orders),
    )


def test_an_outbox_that_kept_every_promise_passes() -> None:
    assert broken(outboxes.judge(relayed(), "outbox")) == []
    assert broken(outboxes.judge(relayed(), "publish_in")) == []


def test_a_committed_event_that_is_not_published_is_found() -> None:
    record = relayed()
    del record.published[4]
    assert broken(outboxes.judge(record, "outbox")) == ["committed, not published"]


def test_a_commit_that_returned_and_is_gone_is_found() -> None:
    record = relayed()
    del record.committed[4], record.published[4]
    assert broken(outboxes.judge(record, "outbox")) == ["committed, then gone"]


def test_a_published_event_of_a_transaction_that_was_rolled_back_is_found() -> None:
    record = relayed()
    record.published.append((10, "k0"))
    assert broken(outboxes.judge(record, "publish_in")) == [
        "published, not committed",
        "rolled back, but published",
    ]


def test_published_events_of_a_key_that_changed_places_are_found() -> None:
    record = relayed()
    record.published[0], record.published[2] = record.published[2], record.published[0]
    assert broken(outboxes.judge(record, "outbox")) == ["out of order within a key"]


def test_a_duplicate_is_found_where_no_killed_relay_explains_it() -> None:
    record = relayed()
    record.published.append(record.published[0])
    assert broken(outboxes.judge(record, "outbox")) == []
    assert broken(outboxes.judge(record, "publish_in")) == ["published again"]
    record.published += [record.published[0]] * BATCH
    assert broken(outboxes.judge(record, "outbox")) == ["published again"]


def stopped() -> stopping.Record:
    record = stopping.Record(
        IN_FLIGHT, 1, [IN_FLIGHT], [0], [0.1], [], ended=list(range(IN_FLIGHT))
    )
    record.attempts[1] = IN_FLIGHT
    return record


def lose_one(record: stopping.Record) -> None:
    record.ended.remove(7)


def handle_twice(record: stopping.Record) -> None:
    record.ended.append(7)


def take_too_long(record: stopping.Record) -> None:
    record.drained.append(10.1)


def fail(record: stopping.Record) -> None:
    record.codes.append(1)


def keep_a_lease(record: stopping.Record) -> None:
    record.held += 1


def count_an_attempt(record: stopping.Record) -> None:
    record.attempts[2] += 1


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        (lose_one, "lost"),
        (handle_twice, "handled again"),
        (take_too_long, "longest drain, s"),
        (fail, "exit statuses other than 0"),
        (keep_a_lease, "not given back"),
        (count_an_attempt, "attempts counted for a stop"),
    ],
)
def test_a_bad_stop_is_found(plant: Callable[[stopping.Record], None], found: str) -> None:
    record = stopped()
    assert broken(stopping.judge(record)) == []
    plant(record)
    assert broken(stopping.judge(record)) == [found]


def test_growth_is_found_and_a_lost_event_too() -> None:
    flat = soak.Record(10, {"plain": 10}, [(5, 1_000_000), (10, 1_050_000)])
    assert broken(soak.judge(flat)) == []
    grown = replace(flat, sizes=[(5, 1_000_000), (7, 1_051_000), (10, 1_000_000)])
    assert broken(soak.judge(grown)) == ["growth to the largest, %"]
    assert broken(soak.judge(replace(flat, counts={"plain": 9}))) == ["handled"]


SEED = 7
"""Crashes, duplicates and lost leases; no publish fails."""


def without(name: str, shop: Router) -> Router:
    """The other subscriptions."""
    rest = Router("shop")
    for one in shop.subscribers:
        if one.subscription.name != f"shop.{name}":
            rest.subscribe(
                one.subscription.pattern,
                name=one.subscription.name.partition(".")[2],
                ordered_by=one.subscription.ordered_by,
                retry=one.retry,
                idempotent=one.idempotency or False,
            )(one.handler.function)
    return rest


async def test_a_bad_day_of_a_good_shop_breaks_nothing() -> None:
    day = await bad_days.live(SEED)
    assert day.faults.total() > 0
    assert not any(bad_days.broken(day).values())


async def test_a_shop_that_forgets_an_order_is_found() -> None:
    def forgetful(day: bad_days.Day) -> Router:
        router = without("review", bad_days.shop(day))

        @router.subscribe({"source": ["order"]})
        async def review(event: Event) -> None:
            if event.detail["n"] != 4:
                day.effects["review"].append(event.detail["n"])

        return router

    found = bad_days.broken(await bad_days.live(SEED, forgetful))
    assert found["neither handled nor dead-lettered"] == [f"seed {SEED}, review: 4"]


async def test_a_shop_that_books_twice_is_found() -> None:
    def careless(day: bad_days.Day) -> Router:
        router = without("book", bad_days.shop(day))

        @router.subscribe({"source": ["order"]}, ordered_by="key", retry=bad_days.PATIENT)
        async def book(event: Event) -> None:
            day.effects["book"].append(event.detail["n"])

        return router

    found = bad_days.broken(await bad_days.live(SEED, careless))
    assert [what for what, items in found.items() if items] == ["second effects"]


async def test_a_shop_that_does_not_keep_the_order_is_found() -> None:
    def hasty(day: bad_days.Day) -> Router:
        router = without("book", bad_days.shop(day))

        @router.subscribe({"source": ["order"]}, retry=bad_days.PATIENT, idempotent=True)
        async def book(event: Event) -> None:
            day.effects["book"].append(event.detail["n"])

        return router

    found = bad_days.broken(await bad_days.live(SEED, hasty))
    assert [what for what, items in found.items() if items] == ["out of order within a key"]


def weathered() -> faults.Record:
    plan = faults.Plan(events=20, resets=1, cuts=1, blackholes=1, blackhole=1.0, restarts=0)
    record = faults.Record(plan, acknowledged=list(range(20)))
    for name in faults.NAMES:
        record.effects[name] = list(range(20))
    record.befell.update(
        {
            "resets": 1,
            "cut answers": 1,
            "blackholes": 1,
            "requests into a blackhole": 1,
            "throttled requests": 1,
            "failed entries": 1,
            "failed publishes": 1,
        }
    )
    return record


def forget_an_event(record: faults.Record) -> None:
    record.effects["picky"].remove(7)


def handle_again_without_a_reason(record: faults.Record) -> None:
    record.unheard = 1
    record.effects["plain"] += [7, 8]


def have_a_second_effect(record: faults.Record) -> None:
    record.unheard = 9
    record.effects["once"].append(7)


def invent_an_event(record: faults.Record) -> None:
    record.effects["plain"].append(99)
    record.unheard = 1


def bury_one(record: faults.Record) -> None:
    record.dead = 1


def have_fine_weather(record: faults.Record) -> None:
    record.befell["resets"] = 0


def let_every_entry_be_published(record: faults.Record) -> None:
    record.befell["failed publishes"] = 0


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        (forget_an_event, "picky: lost"),
        (handle_again_without_a_reason, "plain: handled again"),
        (have_a_second_effect, "once: handled again"),
        (invent_an_event, "plain: out of nowhere"),
        (bury_one, "dead letters"),
        (have_fine_weather, "connection resets"),
        (let_every_entry_be_published, "  of publishes"),
    ],
)
def test_what_breaks_in_bad_weather_is_found(
    plant: Callable[[faults.Record], None], found: str
) -> None:
    record = weathered()
    assert broken(faults.judge(record)) == []
    plant(record)
    assert broken(faults.judge(record)) == [found]


def test_an_event_whose_publish_was_refused_may_be_missing() -> None:
    record = weathered()
    record.acknowledged.remove(7)
    for name in faults.NAMES:
        record.effects[name].remove(7)
    assert broken(faults.judge(record)) == []


def queued(shop: Shop) -> kills.Record:
    calls = [
        (name if takes(shop, name, n) else "refused", n)
        for name in QUEUES[shop]
        for n in range(200)
        if takes(shop, name, n) or name == "poisoned"
    ]
    dead = {name: [0, 100] if name == "poisoned" else [] for name in QUEUES[shop]}
    return kills.Record(shop, 200, 1, calls, dead, [0, 0])


@pytest.mark.parametrize("shop", ["plain", "ordered", "mixed"])
def test_queues_that_kept_every_promise_pass(shop: Shop) -> None:
    assert broken(kills.judge(queued(shop))) == []


def test_a_loss_of_a_queue_is_found_and_a_worker_that_does_not_stop() -> None:
    record = queued("plain")
    record.calls.remove(("picky", 7))
    record.stopped[1] = -9
    assert broken(kills.judge(record)) == ["lost", "workers that did not stop cleanly"]


def test_poison_that_is_missing_among_the_dead_is_found_and_what_does_not_belong_there() -> None:
    record = queued("plain")
    record.dead = {"plain": [3], "picky": [], "poisoned": [0]}
    assert broken(kills.judge(record)) == ["  poison that is missing there", "  others there"]


def test_more_events_handled_again_than_kills_explain_are_found() -> None:
    record = queued("ordered")
    record.calls += record.calls[: kills.UNSETTLED]
    assert broken(kills.judge(record)) == []
    record.calls.append(("ordered", 150))
    assert broken(kills.judge(record)) == ["handled again"]


def test_what_goes_by_the_wrong_service_is_found() -> None:
    record = queued("mixed")
    record.calls.remove(("ordered", 7))
    record.calls.append(("plain", 7))
    assert broken(kills.judge(record)) == ["lost", "out of nowhere"]


def test_an_inversion_within_a_message_group_is_found() -> None:
    record = queued("ordered")
    record.calls[3], record.calls[53] = record.calls[53], record.calls[3]
    assert broken(kills.judge(record)) == ["out of order within a key"]


def test_a_handler_that_begins_again_while_the_first_lives_is_found() -> None:
    numbers = [0, 1]
    good = slow.Record(2, list(numbers), list(numbers), 2)
    assert broken(slow.judge(good)) == []
    twice = replace(good, begun=[0, 1, 1])
    assert broken(slow.judge(twice)) == ["begun again while the handler lives"]
    assert broken(slow.judge(replace(good, ended=[0], left=1))) == ["lost", "left in the queues"]
    assert broken(slow.judge(replace(good, most=1))) == ["handlers at once"]


def test_a_filter_that_leaves_out_too_much_is_found() -> None:
    pairs = {("a", 1), ("a", 2)}
    good = pushdown.Record(4, 2, set(pairs), {*pairs, ("a", 3)}, set(pairs))
    assert broken(pushdown.judge(good)) == []
    narrow = replace(good, delivered={("a", 1)}, seen={("a", 1)})
    assert broken(pushdown.judge(narrow)) == [
        "pairs that match, and were not delivered",
        "pairs that match, and no handler saw",
    ]
    wide = replace(good, seen={*pairs, ("a", 3)})
    assert broken(pushdown.judge(wide)) == ["pairs that do not match, and a handler saw"]
    nothing = replace(good, delivered={*pairs, ("a", 3), ("a", 4)})
    assert broken(pushdown.judge(nothing)) == ["pairs that SNS left out"]


def compared() -> comparing.Comparison:
    application = Application(seed=1, events=200)
    seen = {name: application.expected.copy() for name in ("memory", "sns")}
    return comparing.Comparison(application, seen)


def one_seen(comparison: comparing.Comparison) -> Sight:
    return next(iter(comparison.application.expected))


def leave_out(comparison: comparing.Comparison) -> None:
    del comparison.seen["sns"][one_seen(comparison)]


def see_twice(comparison: comparing.Comparison) -> None:
    comparison.seen["sns"][one_seen(comparison)] += 1


def change(it: Callable[[Sight], Sight]) -> Callable[[comparing.Comparison], None]:
    def plant(comparison: comparing.Comparison) -> None:
        seen, one = comparison.seen["sns"], one_seen(comparison)
        seen[it(one)] = seen.pop(one)

    return plant


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        (leave_out, ["sns: missing"]),
        (see_twice, ["sns: more than that"]),
        (change(lambda one: one._replace(body=b"{}")), ["sns: missing", "sns: more than that"]),
        (
            change(lambda one: one._replace(headers=(("x", "y"),))),
            ["sns: missing", "sns: more than that"],
        ),
        (
            change(lambda one: one._replace(reason="rejected")),
            ["sns: missing", "sns: more than that"],
        ),
    ],
)
def test_a_backend_that_differs_is_found(
    plant: Callable[[comparing.Comparison], None], found: list[str]
) -> None:
    comparison = compared()
    assert broken(comparing.judge([comparison])) == []
    plant(comparison)
    assert broken(comparing.judge([comparison])) == found


def test_a_difference_comes_with_seed_pattern_and_event() -> None:
    comparison = compared()
    leave_out(comparison)
    (check,) = [check for check in comparing.judge([comparison]) if not check.holds]
    (told,) = check.examples
    one = one_seen(comparison)
    assert f"seed 1, {one.subscription}" in told
    assert repr(one.body) in told
    assert "pattern {" in told


def test_what_an_emulator_left_out_by_itself_is_excused_on_its_backend_alone() -> None:
    comparison = compared()
    one = one_seen(comparison)
    leave_out(comparison)
    comparison.excused["sns"] = {one}
    assert broken(comparing.judge([comparison])) == []
    del comparison.seen["memory"][one]
    assert broken(comparing.judge([comparison])) == ["memory: missing"]


def test_a_seed_makes_the_same_application_again() -> None:
    first, second = Application(7, 30), Application(7, 30)
    assert first.rules == second.rules
    assert first.messages == second.messages
    assert first.expected == second.expected
    assert Application(8, 30).rules != first.rules
