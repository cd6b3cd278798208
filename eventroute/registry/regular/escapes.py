"""What a backslash means in a regular expression of ECMA-262."""

from __future__ import annotations

import re
from typing import Final

from eventroute.errors import UnsupportedExpressionError
from eventroute.registry.regular.character_sets import (
    DIGITS,
    SPACES,
    WORDS,
    CharacterSet,
    complement,
    of_category,
)

__all__ = ["Escapes"]

_CLASSES: Final = {
    "d": DIGITS,
    "D": complement(DIGITS),
    "w": WORDS,
    "W": complement(WORDS),
    "s": SPACES,
    "S": complement(SPACES),
}
_CONTROLS: Final = {"t": 0x09, "n": 0x0A, "v": 0x0B, "f": 0x0C, "r": 0x0D}
_CODE: Final = re.compile(
    r"x([0-9A-Fa-f]{2})|u\{([0-9A-Fa-f]{1,8})\}"
    r"|u([Dd][89ABab][0-9A-Fa-f]{2})\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})"
)
_PROPERTY: Final = re.compile(r"([pP])\{(?:General_Category=|gc=)?([A-Za-z_]+)\}")
_LONG_NAMES: Final = {
    "Letter": "L",
    "Uppercase_Letter": "Lu",
    "Lowercase_Letter": "Ll",
    "Mark": "M",
    "Number": "N",
    "Decimal_Number": "Nd",
    "Punctuation": "P",
    "Symbol": "S",
    "Separator": "Z",
    "Space_Separator": "Zs",
    "Other": "C",
    "Control": "Cc",
}


class Escapes:
    """A text that is read from left to right.

    :ivar at: the place of the next character.
    """

    def __init__(self, text: str) -> None:
        self.text: Final = text
        self.at = 0

    def take(self, sign: str) -> bool:
        """Step over a sign, if it is next."""
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def refused(self, what: str) -> UnsupportedExpressionError:
        """Say what stands at or before this place."""
        return UnsupportedExpressionError(self.text, f"{what}, near character {self.at}")

    def escape(self, *, inside: bool) -> CharacterSet:
        """Read what follows a backslash; ``inside`` a class, or not."""
        if self.at >= len(self.text):
            raise self.refused("a backslash at the end")
        code = self._code(inside=inside)
        if code is not None:
            return ((code, code),)
        found = _PROPERTY.match(self.text, self.at)
        if found:
            self.at = found.end()
            characters = of_category(_LONG_NAMES.get(found[2], found[2]))
            if characters is None:
                raise self.refused(f"the property {found[2]!r}, which is not a general category")
            return characters if found[1] == "p" else complement(characters)
        sign = self.text[self.at]
        self.at += 1
        if sign in _CLASSES:
            return _CLASSES[sign]
        if sign.isalnum():
            raise self.refused(f"'\\{sign}', which is not regular, or means nothing in ECMA-262")
        return ((ord(sign), ord(sign)),)

    def _code(self, *, inside: bool) -> int | None:
        sign = self.text[self.at]
        following = self.text[self.at + 1 : self.at + 2]
        if sign in _CONTROLS or (inside and sign == "b"):
            self.at += 1
            return _CONTROLS.get(sign, 0x08)
        if sign == "0" and not following.isdigit():
            self.at += 1
            return 0
        if sign == "c" and following.isascii() and following.isalpha():
            self.at += 2
            return ord(following) % 32
        found = _CODE.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        if found[3]:
            high, low = int(found[3], 16), int(found[4], 16)
            return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
        code = int(found[1] or found[2] or found[5], 16)
        if code > 0x10FFFF:
            raise self.refused("a code point beyond Unicode")
        return code
