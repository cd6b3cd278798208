"""Telling the key of a map from the name of a member, by its looks."""

from __future__ import annotations

import re
from typing import Final

from eventroute.registry.inference.bounds import MAX_NAME_LENGTH
from eventroute.registry.inference.formats import formats_of

__all__ = ["is_key"]

_KEY: Final = re.compile(
    r"[0-9]+"  # 1001
    r"|[A-Za-z]+[-_.:][0-9]{3,}"  # order-1001
    r"|[A-Za-z]+[-_.:](?=[A-Za-z0-9]*[0-9][A-Za-z0-9]*[0-9])[A-Za-z0-9]{8,}"  # cus_9s6XKzkNRiZ8
    r"|(?=[0-9]*[a-f][0-9a-f]*\Z)(?=[a-f]*[0-9])[0-9a-f]{8,}"  # a digest
    r"|(?=(?:[A-Za-z]*[0-9]){4})[0-9A-Za-z]{20,}"  # a ULID and its like
    r"|[A-Za-z]+:.*/.*"  # a URI
    r"|[^/]*/.*",  # a path, a media type
    re.DOTALL,
)
_FORMATS: Final = ("date-time", "date", "uuid", "ipv4", "ipv6", "email")


def is_key(name: str) -> bool:
    """Whether a name is that of one thing among many: a number, an id, a date, an address, a path.

    Names such as ``address1`` or ``sha256`` are not.
    """
    if len(name) > MAX_NAME_LENGTH:
        return True
    if name.isalpha():  # nearly every name, and none of these has letters alone
        return False
    return bool(_KEY.fullmatch(name)) or bool(formats_of(name, _FORMATS))
