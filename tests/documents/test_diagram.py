"""The diagram: every box in its place, every edge between two boxes, every name harmless."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

from eventroute import EventBus
from eventroute.documents import Described, describe, mermaid, svg
from examples.shop.app import bus as shop

from .conftest import make_bus
from .hostile import HOSTILE, hostile_bus, large_bus

SVG = "{http://www.w3.org/2000/svg}"
APPLICATIONS = {
    "small": make_bus(),
    "shop": shop,
    "hostile": hostile_bus(),
    "large": large_bus(),
    "empty": EventBus("memory"),
}


@pytest.fixture(params=APPLICATIONS)
def any_application(request: pytest.FixtureRequest) -> Described:
    return describe(APPLICATIONS[request.param], title=HOSTILE)


def parsed(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)  # noqa: S314  we wrote it


def boxes(picture: str) -> dict[str, tuple[float, float, float, float]]:
    """Each box: left, top, right and bottom, by its id."""
    found: dict[str, tuple[float, float, float, float]] = {}
    for group in parsed(picture).iter(f"{SVG}g"):
        rect = group.find(f"{SVG}rect")
        assert rect is not None
        x, y, width, height = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        found[group.attrib["id"]] = (x, y, x + width, y + height)
    return found


def test_the_picture_is_well_formed_and_has_a_title(any_application: Described) -> None:
    root = parsed(svg(any_application))
    title = root.find(f"{SVG}title")
    assert root.tag == f"{SVG}svg"
    assert title is not None
    assert title.text is not None
    assert title.text.startswith("Topology of <script>")


def test_no_two_boxes_overlap(any_application: Described) -> None:
    places = boxes(svg(any_application)).values()
    for one, other in combinations(places, 2):
        apart = one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]
        assert apart, (one, other)


def test_every_box_lies_within_the_picture(any_application: Described) -> None:
    picture = svg(any_application)
    _, _, width, height = map(float, parsed(picture).attrib["viewBox"].split())
    for left, top, right, bottom in boxes(picture).values():
        assert 0 < left < right < width
        assert 0 < top < bottom < height


def test_every_edge_leads_from_a_box_to_one_further_right(any_application: Described) -> None:
    picture = svg(any_application)
    places = boxes(picture)
    for path in parsed(picture).iter(f"{SVG}path"):
        if "data-from" not in path.attrib:
            continue
        source, target = places[path.attrib["data-from"]], places[path.attrib["data-to"]]
        numbers = [float(one) for one in re.findall(r"[0-9.]+", path.attrib["d"])]
        assert numbers[0] == pytest.approx(source[2], abs=0.11)
        assert numbers[-2] == pytest.approx(target[0], abs=0.11)
        assert source[2] < target[0]
        assert source[1] < numbers[1] < source[3]
        assert target[1] < numbers[-1] < target[3]


def test_every_line_fits_its_box(any_application: Described) -> None:
    for group in parsed(svg(any_application)).iter(f"{SVG}g"):
        rect = group.find(f"{SVG}rect")
        assert rect is not None
        for text in group.iter(f"{SVG}text"):
            assert text.text is not None
            assert len(text.text) * 7 < float(rect.attrib["width"])
            assert float(text.attrib["y"]) < float(rect.attrib["y"]) + float(rect.attrib["height"])


def test_the_picture_needs_nothing_from_elsewhere(any_application: Described) -> None:
    picture = svg(any_application)
    assert picture.count("http") == 1  # the namespace
    assert {element.tag for element in parsed(picture).iter()} <= {
        f"{SVG}{name}"
        for name in ("svg", "title", "desc", "style", "defs", "marker", "path", "rect", "text", "g")
    }


def test_a_long_name_is_whole_in_its_tooltip() -> None:
    picture = svg(describe(large_bus()))
    titles = [one.text or "" for one in parsed(picture).iter(f"{SVG}title")]
    assert any("a-name-that-goes-on-and-on-" * 2 in title for title in titles)


def test_the_same_application_gives_the_same_picture() -> None:
    assert svg(describe(large_bus())) == svg(describe(large_bus()))
    assert mermaid(describe(large_bus())) == mermaid(describe(large_bus()))


def test_each_thing_has_one_box(described: Described) -> None:
    root = parsed(svg(described))
    titles = [one.findtext(f"{SVG}title") for one in root.iter(f"{SVG}g")]
    assert "billing" in titles
    assert "OrderPlaced\nshop.orders" in titles
    assert "total ≥ 1000" in titles
    assert "billing.review\n5 attempts, ordered by order_id" in titles
    assert "dead letters of billing.review" in titles
    assert "move\nlambda-function\narn:aws:lambda:eu-west-1:111122223333:function:move" in titles
    assert "arn:aws:sqs:eu-west-1:111122223333:lost" in titles


def test_colours_are_for_light_and_dark(described: Described) -> None:
    assert "@media (prefers-color-scheme:dark)" in svg(described)


def test_mermaid_draws_the_same(described: Described) -> None:
    drawn = mermaid(described).splitlines()
    assert drawn[0] == "flowchart LR"
    assert any(line.endswith('(["OrderPlaced<br/>shop.orders"])') for line in drawn)
    assert any('{{"total #8805; 1000"}}' in line for line in drawn)
    assert any('[("dead letters of billing.invoice")]' in line for line in drawn)
    assert any('[["move<br/>lambda-function<br/>arn:aws' in line for line in drawn)


def test_every_edge_of_mermaid_joins_two_nodes(any_application: Described) -> None:
    lines = mermaid(any_application).splitlines()[1:]
    nodes = {match[1] for line in lines if (match := re.match(r" +(n\d+)[\[({]", line))}
    edges = [match.groups() for line in lines if (match := re.match(r" +(n\d+) --> (n\d+)$", line))]
    assert len(nodes) + len(edges) == len(lines)
    assert {node for edge in edges for node in edge} <= nodes


def test_no_name_ends_a_label_of_mermaid(any_application: Described) -> None:
    for line in mermaid(any_application).splitlines()[1:]:
        label = re.fullmatch(r' +n\d+[\[({]+"(.*)"[\])}]+', line)
        if label is not None:
            assert not re.search(r'["`<>&|{}\[\]]', label[1].replace("<br/>", ""))
