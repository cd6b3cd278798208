"""Names that AsyncAPI accepts as keys and HTML as anchors, made of names that they might not."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

__all__ = ["Names"]

_ILLEGAL: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST: Final = 120


class Names:
    """Keys for one map or page: each legal, and none twice."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, ...], str] = {}
        self._taken: set[str] = set()

    def of(self, *parts: str) -> str:
        """The key of a thing that has these names; always the same for the same names.

        A name that had to be changed, or that another thing has, gets a digest of the original, so
        that it does not depend on what else is in the document.
        """
        if parts not in self._keys:
            plain = ".".join(parts)
            key = _ILLEGAL.sub("_", plain)[:_LONGEST]
            if key != plain or not key or key in self._taken:
                key = f"{key}-{sha256(repr(parts).encode()).hexdigest()[:8]}"
            self._keys[parts] = key
            self._taken.add(key)
        return self._keys[parts]
