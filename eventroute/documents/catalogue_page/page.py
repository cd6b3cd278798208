"""The whole page."""

from __future__ import annotations

import base64
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from eventroute.documents.catalogue_page.consumers import consumer_entry
from eventroute.documents.catalogue_page.html import Html, element, joined
from eventroute.documents.catalogue_page.types import type_entry
from eventroute.documents.diagram import svg
from eventroute.documents.names import Names

if TYPE_CHECKING:
    from eventroute.documents.described import Described

__all__ = ["catalogue"]

_COUNTED: Final = (
    ("event type", "types"),
    ("publisher", "publishers"),
    ("subscription", "subscriptions"),
    ("route", "routes"),
)


def catalogue(described: Described) -> str:
    """Write the catalogue of an application's events, for people.

    One HTML file that opens from disk: no network, and no script that it needs. What the
    application says of itself is shown as text, whatever it holds.

    :returns: the same page for the same application, as far as the compatibility of its contracts
        is judged within the time that a judgement may take.
    """
    names = Names()
    links = [
        element("a", f"{one.name} ({one.topic})", href=f"#{names.of('type', *one.key)}")
        for one in described.types
    ]
    entries = [type_entry(described, one, names) for one in described.types]
    consumers = [consumer_entry(one, names) for one in described.consumers]
    body = element(
        "body",
        _heading(described),
        element(
            "p",
            element("input", id="search", type="search", placeholder="Search", aria_label="Search"),
            element("span", id="found", class_="soft", aria_live="polite"),
            class_="search",
            hidden=True,
        ),
        element(
            "nav",
            element("ul", *(element("li", link) for link in links), class_="types"),
            aria_label="Event types",
        ),
        element(
            "section",
            element("h2", "Topology"),
            element("div", Html(svg(described)), class_="wide picture"),
            data_whole=True,
        ),
        element("h2", "Event types"),
        *(entries or [element("p", "There are none.")]),
        element("h2", "Subscriptions and routes"),
        *(consumers or [element("p", "There are none.")]),
        element("script", _resource("search.js")),
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy()),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"Events of {described.title}"),
        element("style", _resource("style.css")),
    )
    page = element("html", joined((head, body), "\n"), lang="en")
    return f"<!DOCTYPE html>\n{page}\n"


def _heading(described: Described) -> Html:
    counts = ", ".join(_counted(len(getattr(described, name)), noun) for noun, name in _COUNTED)
    return element(
        "header",
        element("h1", f"Events of {described.title}"),
        element("p", f"Version {described.version}. {counts}.", class_="soft"),
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


@cache
def _resource(name: str) -> Html:
    """A file beside this one, which is ours and is HTML's script or style as it is."""
    return Html(files("eventroute.documents.catalogue_page").joinpath(name).read_text("utf-8"))


def _policy() -> str:
    """Nothing is loaded, and no other script runs: a second wall behind the escaping."""
    digest = base64.b64encode(sha256(_resource("search.js").encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
