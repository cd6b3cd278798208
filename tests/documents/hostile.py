"""Applications whose names mean harm, or are many."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, create_model

from eventroute import Event, EventBus, Router, event

HOSTILE = '<script>alert("1")</script>&amp;\'--></svg>\x00\x1b]]>|{}`end`\n%'


def _ignore(event: Event) -> None: ...


def _model(topic: str, name: str, member: str, default: str) -> type[BaseModel]:
    members: dict[str, Any] = {member: (str, default)}
    return event(topic, name)(create_model("Payload", **members))


def hostile_bus() -> EventBus:
    """An application that is called, publishes and receives what looks like a script."""
    router = Router("shop")
    model = _model(HOSTILE, HOSTILE, "plain", HOSTILE)
    model.__doc__ = HOSTILE
    router.publishes(model)
    router.subscribe(model, where={"plain": [HOSTILE, {"prefix": HOSTILE}]}, name="a")(_ignore)
    router.subscribe({"source": [HOSTILE], "detail": {HOSTILE: [HOSTILE]}}, name="b")(_ignore)
    bus = EventBus("memory")
    bus.include(router)
    return bus


def large_bus(subscriptions: int = 60, types: int = 20, routers: int = 8) -> EventBus:
    """Many subscriptions, with names and rules of all lengths."""
    models = [
        _model(f"company.team-{n % 5}.domain", f"SomethingHappened{n}", "amount", "1")
        for n in range(types)
    ]
    every = [Router(f"service-{n}") for n in range(routers)]
    for n, model in enumerate(models):
        every[n % routers].publishes(model)
    for n in range(subscriptions):
        router, model = every[n * 5 % routers], models[n * 7 % types]
        match n % 4:
            case 0:
                router.subscribe(model, name=f"handle-{n}")(_ignore)
            case 1:
                where = {"amount": [{"numeric": [">=", n]}, {"exists": False}, n, n + 1, n + 2]}
                name = f"{'a-name-that-goes-on-and-on-' * 2}{n}"
                router.subscribe(model, where=where, name=name)(_ignore)
            case 2:
                pattern = {"source": [f"company.team-{n % 5}.domain"]}
                router.subscribe(pattern, name=f"topic-{n}")(_ignore)
            case _:
                alternatives = [{"detail": {f"member{m}": [m]}} for m in range(n % 12 + 2)]
                router.subscribe({"$or": alternatives}, name=f"any-{n}")(_ignore)
    bus = EventBus("memory")
    bus.include(*every)
    return bus
