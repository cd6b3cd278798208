"""What the catalogue says of an event type."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from eventroute.documents.catalogue_page.changes import history
from eventroute.documents.catalogue_page.consumers import consumers_table
from eventroute.documents.catalogue_page.fields import MOST_FIELDS, fields_of
from eventroute.documents.catalogue_page.html import Html, element, joined
from eventroute.samples import checked_sample

if TYPE_CHECKING:
    from eventroute.documents.catalogue_page.fields import Field
    from eventroute.documents.described import Described, DescribedType, DescribedVersion
    from eventroute.documents.names import Names

__all__ = ["type_entry"]


def type_entry(described: Described, type_: DescribedType, names: Names) -> Html:
    """An event type: its versions, who publishes it, who receives it, and what changed."""
    publishers = described.publishers_of(type_.key)
    said = joined((element("code", name) for name in publishers), ", ")
    return element(
        "article",
        element("h3", type_.name),
        element("p", "Topic ", element("code", type_.topic), class_="soft"),
        element("p", type_.description, class_="about") if type_.description else None,
        element("p", "Published by ", said if publishers else "nobody here", "."),
        element("h4", "Consumers"),
        consumers_table(described, type_, names),
        element("h4", "Versions"),
        *_versions(type_),
        history(type_),
        id=names.of("type", *type_.key),
        data_entry=True,
    )


def _versions(type_: DescribedType) -> list[Html]:
    if not type_.versions:
        return [element("p", "Nobody has described this type.", class_="soft")]
    latest = type_.versions[-1].number
    return [
        element(
            "details",
            element("summary", f"Version {one.number}", _origin(one)),
            _fields(fields_of(one.schema)),
            *_example(one),
            element(
                "details", element("summary", "JSON Schema"), element("pre", _json(one.schema))
            ),
            open=one.number == latest,
        )
        for one in reversed(type_.versions)
    ]


def _origin(version: DescribedVersion) -> str:
    if not version.registered:
        return ", not registered"
    return "" if version.declared else ", in the registry only"


def _fields(fields: tuple[Field, ...]) -> Html:
    if not fields:
        return element("p", "Any object.", class_="soft")
    rows = [
        element(
            "tr",
            element("td", element("code", one.path)),
            element("td", one.type),
            element("td", "required" if one.required else "optional"),
            element("td", one.description, class_="about"),
            element("td", "; ".join(one.constraints)),
        )
        for one in fields
    ]
    heads = (
        element("th", text) for text in ("Field", "Type", "Presence", "Description", "Constraints")
    )
    table = element("table", element("thead", element("tr", *heads)), element("tbody", *rows))
    cut = f"Only the first {MOST_FIELDS} fields are shown." if len(fields) >= MOST_FIELDS else None
    return element("div", table, element("p", cut) if cut else None, class_="wide")


def _example(version: DescribedVersion) -> list[Html]:
    example = checked_sample(version.schema)
    if example is None:
        return [element("p", "No example was found that fits.", class_="soft")]
    return [element("p", "Example:"), element("pre", _json(example))]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
