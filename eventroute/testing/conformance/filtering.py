"""The same events match on every backend, whatever it filters by itself."""

from __future__ import annotations

from typing import Any

from eventroute.envelope import Event
from eventroute.errors import PatternError
from eventroute.router import Router
from eventroute.testing.conformance.backend import Backend
from eventroute.testing.conformance.events import SOURCE, event, numbers, subscription
from eventroute.testing.conformance.harness import Harness
from eventroute.testing.conformance.promise import promise

__all__ = ["FilteringPromises"]

Detail = dict[str, Any]


async def check(
    backend: Backend, clause: object, matching: list[Detail], others: list[Detail]
) -> None:
    """Exactly these details match a pattern of ``detail``, at the port and at the handler."""
    adapter = await backend.open(subscription("port", {"detail": clause}))
    made = [Event(SOURCE, "T", one, id=f"id-{n}") for n, one in enumerate([*matching, *others])]
    await backend.publish(adapter, *made)
    taken = await backend.work_off(adapter, len(matching), "port")
    expected = sorted(one.id for one in made[: len(matching)])
    assert sorted(one.event.id for one in taken) == expected
    await adapter.drop(["port"])
    router, seen = Router("kit"), list[str]()

    @router.subscribe({"detail": clause})
    async def handle(one: Event) -> None:
        seen.append(one.id)

    async with backend.running(router, adapter=adapter) as app:
        await app.bus.publish_many(made)
        await app.settled()
    assert sorted(seen) == expected


class FilteringPromises(Harness):
    """Each operator of the pattern language, and patterns that change."""

    @promise
    async def test_exact_values_tell_text_number_and_boolean_apart(self, backend: Backend) -> None:
        await check(
            backend,
            {"a": ["x", 1, True]},
            [{"a": "x"}, {"a": 1}, {"a": 1.0}, {"a": True}],
            [{"a": "X"}, {"a": "1"}, {"a": "true"}, {"a": False}, {"b": "x"}, {}],
        )

    @promise
    async def test_null_is_a_value_and_not_an_absent_member(self, backend: Backend) -> None:
        await check(backend, {"a": [None]}, [{"a": None}], [{}, {"a": ""}, {"a": 0}, {"a": "null"}])

    @promise
    async def test_a_null_member_exists(self, backend: Backend) -> None:
        await check(
            backend,
            {"a": [{"exists": True}]},
            [{"a": None}, {"a": 0}, {"a": ""}],
            [{}, {"b": 1}],
        )

    @promise
    async def test_an_absent_member_does_not_exist(self, backend: Backend) -> None:
        await check(
            backend, {"a": {"b": [{"exists": False}]}}, [{"a": {"c": 1}}, {}], [{"a": {"b": 1}}]
        )

    @promise
    async def test_numbers_are_compared_as_numbers(self, backend: Backend) -> None:
        await check(
            backend,
            {"n": [{"numeric": [">", 0, "<=", 9.5]}]},
            [{"n": 9.5}, {"n": 0.001}, {"n": 1e0}],
            [{"n": 0}, {"n": 9.51}, {"n": "5"}, {"n": None}, {}],
        )

    @promise
    async def test_anything_but_needs_a_value(self, backend: Backend) -> None:
        await check(
            backend,
            {"a": [{"anything-but": ["x", "y"]}]},
            [{"a": "z"}, {"a": ""}, {"a": 1}],
            [{"a": "x"}, {"a": "y"}, {}],
        )

    @promise
    async def test_anything_but_a_prefix(self, backend: Backend) -> None:
        await check(
            backend,
            {"a": [{"anything-but": {"prefix": "in"}}]},
            [{"a": "out"}, {"a": "i"}],
            [{"a": "in"}, {"a": "init"}],
        )

    @promise
    async def test_prefix_and_suffix(self, backend: Backend) -> None:
        await check(
            backend,
            {"a": [{"prefix": "ä-"}], "b": [{"suffix": ".png"}]},
            [{"a": "ä-1", "b": "x.png"}, {"a": "ä-", "b": ".png"}],
            [{"a": "a-1", "b": "x.png"}, {"a": "ä-1", "b": "x.PNG"}, {"a": "ä-1"}],
        )

    @promise
    async def test_equals_ignore_case(self, backend: Backend) -> None:
        await check(
            backend,
            {"a": [{"equals-ignore-case": "Alice"}]},
            [{"a": "alice"}, {"a": "ALICE"}],
            [{"a": "alice "}, {"a": "alic"}],
        )

    @promise
    async def test_wildcards(self, backend: Backend) -> None:
        await check(
            backend,
            {"a": [{"wildcard": "a*b*c"}]},
            [{"a": "abc"}, {"a": "a-b-b-c"}, {"a": "abbc"}],
            [{"a": "ab"}, {"a": "xabc"}, {"a": "acb"}],
        )

    @promise
    async def test_networks(self, backend: Backend) -> None:
        await check(
            backend,
            {"ip": [{"cidr": "10.1.0.0/16"}]},
            [{"ip": "10.1.255.3"}, {"ip": "10.1.0.0"}],
            [{"ip": "10.2.0.1"}, {"ip": "here"}],
        )

    @promise
    async def test_one_of_several_members_is_enough_for_or(self, backend: Backend) -> None:
        await check(
            backend,
            {"$or": [{"a": ["x"]}, {"b": [{"numeric": ["=", 2]}]}], "c": [True]},
            [{"a": "x", "c": True}, {"b": 2, "c": True}, {"a": "x", "b": 2, "c": True}],
            [{"a": "x"}, {"c": True}, {"b": 2, "c": False}],
        )

    @promise
    async def test_an_array_matches_with_one_of_its_elements(self, backend: Backend) -> None:
        await check(
            backend,
            {"tags": ["red", {"prefix": "gr"}]},
            [{"tags": ["blue", "red"]}, {"tags": ["green"]}, {"tags": "red"}],
            [{"tags": []}, {"tags": ["blue"]}],
        )

    @promise
    async def test_nested_members_and_names_beyond_ascii(self, backend: Backend) -> None:
        await check(
            backend,
            {"größe": {"x y": {"z": ["1"]}}},
            [{"größe": {"x y": {"z": "1", "more": 2}}}],
            [{"größe": {"x y": {"w": "1"}}}, {"größe": {"z": "1"}}, {"größe": "1"}],
        )

    @promise
    async def test_the_envelope_is_matched_as_well_as_the_detail(self, backend: Backend) -> None:
        pattern = {
            "source": [{"prefix": "shop."}],
            "detail-type": ["Placed"],
            "resources": ["arn:b"],
            "detail": {"n": [1]},
        }
        adapter = await backend.open(subscription("port", pattern))
        right = Event("shop.orders", "Placed", {"n": 1}, resources=("arn:a", "arn:b"))
        await backend.publish(
            adapter,
            right,
            Event("shop.orders", "Placed", {"n": 1}),
            Event("shop.orders", "Other", {"n": 1}, resources=("arn:b",)),
            Event("stock", "Placed", {"n": 1}, resources=("arn:b",)),
            Event("shop.orders", "Placed", {"n": 2}, resources=("arn:b",)),
        )
        (delivery,) = await backend.work_off(adapter, 1, "port")
        assert delivery.event.id == right.id

    @promise
    async def test_a_pattern_of_many_clauses_matches_as_every_other(self, backend: Backend) -> None:
        ways = [{"kind": [f"k{n}"], "size": [{"numeric": [">", n]}]} for n in range(12)]
        await check(
            backend,
            {"$or": ways, "deep": {"er": {"still": [{"exists": True}]}}},
            [{"kind": "k11", "size": 12, "deep": {"er": {"still": None}}}],
            [
                {"kind": "k11", "size": 11, "deep": {"er": {"still": 1}}},
                {"kind": "k12", "size": 99, "deep": {"er": {"still": 1}}},
                {"kind": "k1", "size": 99},
            ],
        )

    @promise
    async def test_many_subscriptions_get_what_is_theirs(self, backend: Backend) -> None:
        names = [f"q{number}" for number in range(25)]
        adapter = await backend.open(
            *(
                subscription(name, {"detail": {"number": [{"numeric": [">=", n]}]}})
                for n, name in enumerate(names)
            )
        )
        await backend.publish(adapter, event(3), event(20))
        for number, name in enumerate(names):
            expected = [value for value in (3, 20) if value >= number]
            assert numbers(await backend.work_off(adapter, len(expected), name)) == expected

    @promise
    async def test_a_changed_pattern_takes_effect_when_it_is_opened(self, backend: Backend) -> None:
        adapter = await backend.open(subscription("q", {"source": ["old"]}))
        await backend.provision(adapter, subscription("q", {"source": ["new"]}))
        await backend.publish(adapter, event(1, source="old"), event(2, source="new"))
        assert numbers(await backend.work_off(adapter, 1, "q")) == [2]
        await backend.provision(adapter, subscription("q", {"source": ["old", "new"]}))
        await backend.publish(adapter, event(3, source="old"), event(4, source="new"))
        assert numbers(await backend.work_off(adapter, 2, "q")) == [3, 4]

    @promise
    async def test_a_changed_pattern_leaves_what_the_queue_holds(self, backend: Backend) -> None:
        adapter = await backend.open(subscription("q", {"source": ["old"]}))
        await backend.publish(adapter, event(1, source="old"))
        both = subscription("q", {"source": ["old", "new"]})
        await backend.provision(adapter, both)
        await backend.publish(adapter, event(2, source="new"))
        assert numbers(await backend.work_off(adapter, 2, "q")) == [1, 2]

    @promise
    async def test_a_second_source_leaves_the_first_one_connected(self, backend: Backend) -> None:
        adapter = await backend.open(subscription("q", {"source": ["one"]}))
        both = subscription("q", {"source": ["one", "two"]})
        other = subscription("other", {"source": ["two"]})
        await backend.provision(adapter, both, other)
        await backend.publish(adapter, event(1, source="one"), event(2, source="two"))
        assert numbers(await backend.work_off(adapter, 2, "q")) == [1, 2]
        assert numbers(await backend.work_off(adapter, 1, "other")) == [2]

    @promise
    async def test_a_pattern_that_is_none_is_refused_before_anything_is_made(
        self, backend: Backend
    ) -> None:
        router, refused = Router("kit"), 0
        wrong: list[Detail] = [
            {"source": "text"},
            {"source": []},
            {"detail": {"n": [{"numeric": [">"]}]}},
            {"detail": {"n": [{"no-such-operator": 1}]}},
            {},
        ]
        for pattern in wrong:
            try:
                router.subscribe(pattern, name="never")
            except PatternError:
                refused += 1
        async with backend.bus(router) as bus:
            assert bus.subscribers == ()
        assert refused == len(wrong)
