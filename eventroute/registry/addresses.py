"""How one contract refers to another: ``/TOPIC/TYPE/VERSION``, as a path in a URL."""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

__all__ = ["Address", "address_of", "parse_address"]

_FORM: Final = re.compile(r"/([^/?#]+)/([^/?#]+)/([1-9][0-9]{0,8})(?:#(.*))?", re.DOTALL)


class Address(NamedTuple):
    """A place in a contract of the registry.

    :ivar fragment: what stands behind ``#``, decoded: ``""``, a JSON pointer or an anchor.
    """

    topic: str
    type: str
    version: int
    fragment: str = ""


def address_of(topic: str, type_: str, version: int) -> str:
    """What a ``$ref`` to this contract says."""
    return f"/{quote(topic, safe='')}/{quote(type_, safe='')}/{version}"


def parse_address(reference: str) -> Address | None:
    """Read a ``$ref``; ``None`` where it is no address of a contract."""
    found = _FORM.fullmatch(reference)
    if found is None:
        return None
    try:
        topic, type_, fragment = (
            unquote(part or "", errors="strict") for part in (found[1], found[2], found[4])
        )
    except UnicodeDecodeError:
        return None
    return Address(topic, type_, int(found[3]), fragment)
