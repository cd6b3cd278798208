"""A class name for any topic and type."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eventroute.registry.contract import Contract

__all__ = ["RESERVED", "class_names", "pascal_case"]

_WORD: Final = re.compile(r"[^\W_]+")
RESERVED: Final = frozenset(
    {"Annotated", "Any", "BaseModel", "ConfigDict", "Field", "Literal", "Omittable", "RootModel"}
    | {"DecimalText"}
    | {"Decimal", "Enum", "IPv4Address", "IPv6Address", "StrEnum", "StringConstraints", "UUID"}
    | {"None", "True", "False"}
)
"""Names that mean something else in a module of models."""


def pascal_case(name: str) -> str:
    """A Python class name in which a type's name is recognised: ``Object Created``, ``push``."""
    words = _WORD.findall(unicodedata.normalize("NFKC", name))
    joined = "".join(word[0].upper() + word[1:] for word in words)
    if not joined.isidentifier():
        # Digits come first, or a character that no name in Python has.
        joined = "Event" + "".join(letter for letter in joined if f"E{letter}".isidentifier())
    return f"{joined}Event" if joined in RESERVED else joined


def class_names(contracts: Iterable[Contract]) -> dict[tuple[str, str, int], str]:
    """The class name of each contract.

    The latest version of a type has the plain name, and earlier ones their number behind it. Types
    that would share a name have that of their topic before it.
    """
    versions: dict[tuple[str, str], Sequence[int]] = {}
    for one in contracts:
        key = (one.topic, one.type)
        versions[key] = sorted({*versions.get(key, ()), one.version})
    plain = {key: pascal_case(key[1]) for key in versions}
    shared = Counter(plain.values())
    names: dict[tuple[str, str, int], str] = {}
    taken: set[str] = set()
    for topic, type_ in sorted(versions):
        base = plain[topic, type_]
        if shared[base] > 1:
            base = pascal_case(topic) + base
        for version in reversed(versions[topic, type_]):
            latest = version == versions[topic, type_][-1]
            name = _free(base if latest else f"{base}{version}", taken)
            taken.add(name)
            names[topic, type_, version] = name
    return names


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name
