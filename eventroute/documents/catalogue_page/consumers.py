"""What the catalogue says of subscriptions and routes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from eventroute.documents.catalogue_page.html import Html, element, joined
from eventroute.documents.described import DescribedRoute
from eventroute.documents.wording import EVERY_EVENT, alternatives

if TYPE_CHECKING:
    from eventroute.documents.described import (
        Described,
        DescribedRetry,
        DescribedSubscription,
        DescribedType,
        Reach,
    )
    from eventroute.documents.names import Names
    from eventroute.pattern import Pattern

__all__ = ["consumer_entry", "consumers_table"]


def consumers_table(described: Described, type_: DescribedType, names: Names) -> Html:
    """Who receives an event type, and by which rule."""
    rows = [
        element(
            "tr",
            element("td", element("a", one.name, href=f"#{_anchor(one, names)}")),
            element("td", _rule(one.pattern)),
            element("td", _version_read(one)),
            element("td", _delivery(one)),
        )
        for one in described.consumers_of(type_.key)
    ]
    if not rows:
        return element("p", "Nobody here.", class_="soft")
    heads = (element("th", text) for text in ("Consumer", "Rule", "Reads", "Delivery"))
    table = element("table", element("thead", element("tr", *heads)), element("tbody", *rows))
    return element("div", table, class_="wide")


def consumer_entry(one: DescribedSubscription | DescribedRoute, names: Names) -> Html:
    """A subscription or a route, with what it may receive."""
    note = element("small", " (route)") if isinstance(one, DescribedRoute) else None
    about = "" if isinstance(one, DescribedRoute) else one.description
    pattern = json.dumps(one.pattern.source, ensure_ascii=False, indent=2)
    return element(
        "article",
        element("h3", one.name, note),
        element("p", about, class_="about") if about else None,
        element("p", "Receives ", _received(one.reach, names), "."),
        _rule(one.pattern),
        element("p", _delivery(one)),
        element("details", element("summary", "Pattern"), element("pre", pattern)),
        id=_anchor(one, names),
        data_entry=True,
    )


def _anchor(one: DescribedSubscription | DescribedRoute, names: Names) -> str:
    return names.of("consumer", one.name)


def _received(reach: Reach, names: Names) -> Html:
    parts: list[str | Html] = [
        element("a", f"{name} ({topic})", href=f"#{names.of('type', topic, name)}")
        for topic, name in reach.types
    ]
    known = {topic for topic, _ in reach.types}
    parts += [f"any type of {topic}" for topic in reach.open_topics if topic not in known]
    if reach.any_topic and not reach.types:
        parts.append("events of any topic")
    return joined(parts, ", ") if parts else Html("nothing that is known")


def _rule(pattern: Pattern) -> Html:
    said = [" and ".join(conditions) or EVERY_EVENT for conditions in alternatives(pattern)]
    if len(said) == 1:
        return element("p", said[0])
    items = [said[0], *(f"or {one}" for one in said[1:])]
    return element("ul", *(element("li", item) for item in items))


def _version_read(one: DescribedSubscription | DescribedRoute) -> str:
    if isinstance(one, DescribedRoute):
        return one.kind
    return "as it is" if one.reads is None else f"version {one.reads[2]}"


def _delivery(one: DescribedSubscription | DescribedRoute) -> str:
    if isinstance(one, DescribedRoute):
        lost = "lost" if one.dead_letter_queue is None else f"kept in {one.dead_letter_queue}"
        return f"Goes to {one.target}; what cannot be delivered is {lost}."
    said = [_attempts(one.retry)]
    if one.ordered_by is not None:
        said.append(f"in order of {one.ordered_by}")
    if one.idempotency is not None:
        said.append(f"once for {one.idempotency}")
    return f"{', '.join(said)}; then {one.dead_letter_queue}."


def _attempts(retry: DescribedRetry) -> str:
    return "1 attempt" if retry.attempts == 1 else f"{retry.attempts} attempts"
