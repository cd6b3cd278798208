"""The event catalogue: one page, whole, harmless and true."""

from __future__ import annotations

import base64
import re
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from eventroute import EventBus
from eventroute.documents import Described, catalogue, describe
from eventroute.registry import Contract, FileRegistry
from examples.shop.app import bus as shop

from .conftest import FIRST_ORDER, REFUND, make_bus
from .hostile import HOSTILE, hostile_bus, large_bus

VOID = {"meta", "input"}
APPLICATIONS = {
    "small": make_bus(),
    "shop": shop,
    "hostile": hostile_bus(),
    "large": large_bus(),
    "empty": EventBus("memory"),
}


class Page(HTMLParser):
    """Reads a page as a browser does, and notes what is in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self._texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        for tag in dict.fromkeys(self.open):
            self._texts.setdefault(tag, []).append(data)

    @property
    def texts(self) -> dict[str, str]:
        """What stands inside the elements of each name."""
        return {tag: "".join(parts) for tag, parts in self._texts.items()}


@cache
def page_of(name: str) -> str:
    return catalogue(describe(APPLICATIONS[name], [FIRST_ORDER, REFUND], title=HOSTILE))


@pytest.fixture(params=APPLICATIONS)
def text(request: pytest.FixtureRequest) -> str:
    return page_of(request.param)


@pytest.fixture
def small() -> str:
    return catalogue(describe(make_bus(), [FIRST_ORDER, REFUND], title="The shop", version="1.2.3"))


def plain(text: str) -> str:
    """What people read, with single spaces."""
    return " ".join(Page(text).texts["body"].split())


def test_every_element_is_closed_in_turn(text: str) -> None:
    assert Page(text).open == []


def test_there_is_no_element_but_ours(text: str) -> None:
    text_ones = {"html", "head", "body", "meta", "title", "header", "nav", "section", "article"}
    text_ones |= {"h1", "h2", "h3", "h4", "p", "ul", "li", "a", "div", "span", "small", "strong"}
    text_ones |= {"code", "pre", "details", "summary", "table", "thead", "tbody", "tr", "th", "td"}
    picture = {"svg", "desc", "style", "defs", "marker", "path", "rect", "text", "g"}
    assert Page(text).tags <= text_ones | picture | {"input", "script"}


def test_there_is_one_script_and_no_handler_in_an_attribute(text: str) -> None:
    assert text.count("<script") == text.count("</script") == 1
    assert [name for name in Page(text).attributes if name.startswith("on")] == []


def test_the_script_does_without_eval(text: str) -> None:
    script = Page(text).texts["script"]
    assert not re.search(r"eval|Function|innerHTML|document\.write|fetch|import", script)


def test_the_policy_of_the_page_lets_nothing_else_run_or_load(text: str) -> None:
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    digest = base64.b64encode(sha256(Page(text).texts["script"].encode()).digest()).decode()
    assert f"script-src &#x27;sha256-{digest}&#x27;;" in policy
    assert policy.startswith("default-src &#x27;none&#x27;;")


def test_every_link_leads_to_a_place_in_the_page(text: str) -> None:
    page = Page(text)
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert len(set(page.ids)) == len(page.ids)


def test_what_looks_like_a_script_is_shown_as_text() -> None:
    page = Page(catalogue(describe(hostile_bus(), title=HOSTILE)))
    shown = HOSTILE.replace("\x00", "\ufffd").replace("\x1b", "\ufffd")
    assert page.texts["h1"] == f"Events of {shown}"
    assert page.texts["h3"].startswith(shown)


def test_the_same_application_gives_the_same_page() -> None:
    again = catalogue(describe(large_bus(), [FIRST_ORDER, REFUND], title=HOSTILE))
    assert again == page_of("large")


def test_without_its_script_everything_is_there_but_the_search(small: str) -> None:
    assert '<p class="search" hidden>' in small
    assert small.count("hidden") - small.count(".hidden") - small.count("[hidden]") == 1


def test_it_says_whose_events_these_are(small: str) -> None:
    assert (
        "Events of The shop Version 1.2.3. 4 event types, 2 publishers, 4 subscriptions, 1 route."
    ) in plain(small).replace("shopV", "shop V")


def test_it_says_who_publishes_and_who_receives_by_which_rule(small: str) -> None:
    text = plain(small)
    assert "Published by billing." in text
    assert "Published by nobody here." in text
    assert "total ≥ 1000" in text
    assert "5 attempts, in order of order_id; then dead letters of billing.review." in text
    assert "3 attempts, once for the event's id; then dead letters of billing.invoice." in text
    assert "Goes to arn:aws:lambda:eu-west-1:111122223333:function:move" in text


def test_it_shows_every_version_and_where_it_is_from(small: str) -> None:
    text = plain(small)
    assert "Version 2, not registered" in text
    assert "Version 1, in the registry only" in text
    assert "Nobody has described this type." in text


def test_it_judges_each_version_against_the_one_before(small: str) -> None:
    text = plain(small)
    assert "From version 1 to version 2" in text
    assert "incompatible readers of version 2, events of version 1" in text
    assert "An event that breaks" in text
    assert re.search(r'the property "total"', text)


def test_a_compatible_version_is_told_without_an_event() -> None:
    versions = [
        Contract("bank", "Opened", number, {"type": "object", "required": ["a", "b"][:number]})
        for number in (2, 1)
    ]
    text = plain(catalogue(describe(EventBus("memory"), versions)))
    assert "compatible readers of version 1, events of version 2" in text


def test_a_contract_that_cannot_be_judged_is_shown_all_the_same() -> None:
    schema = {"$schema": "https://example.com/unknown", "type": "object"}
    versions = [Contract("bank", "Opened", number, schema) for number in (1, 2)]
    text = plain(catalogue(describe(EventBus("memory"), versions)))
    assert "unknown readers of version 2" in text


def test_the_diagram_is_in_the_page(small: str) -> None:
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="er-diagram"' in small


def test_the_shop_is_shown_with_its_registry(root: object) -> None:
    described: Described = describe(shop, FileRegistry(f"{root}/schemas"), title="The shop")
    text = plain(catalogue(described))
    assert "matches ^[A-Z]{2}$" in text
    assert '"country": "AA"' in text
