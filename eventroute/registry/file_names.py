"""Any topic or type name as one file name that Linux, macOS and Windows can hold, and back."""

from __future__ import annotations

import unicodedata
from typing import Final
from urllib.parse import quote, unquote

from eventroute.errors import ContractError

__all__ = ["from_file_name", "nearest_name", "to_file_name"]

MAX_BYTES: Final = 255
"""The longest file name that common file systems hold, in bytes of UTF-8."""

_FORBIDDEN: Final = frozenset('<>:"/\\|?*%\x7f')
_DEVICES: Final = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
    | {f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789¹²³"}
)


def to_file_name(name: str) -> str:
    """Write a name as a file name: readable where possible, percent-encoded where not.

    Dots and spaces at either end are encoded too, so that no name is hidden, is ``..`` or loses
    its tail on Windows; so is the first letter of a Windows device name.

    :raises ContractError: the file name would be longer than 255 bytes.
    """
    # macOS may hand a name back in another normal form; only a composed name survives that.
    composed = unicodedata.is_normalized("NFC", name)
    parts = [char if _is_plain(char, composed=composed) else _escape(char) for char in name]
    for end in (0, -1):
        if parts and parts[end] in (".", " "):
            parts[end] = _escape(parts[end])
    if name.partition(".")[0].rstrip(" ").upper() in _DEVICES:
        parts[0] = _escape(name[0])
    file_name = "".join(parts)
    size = len(file_name.encode())
    if size > MAX_BYTES:
        raise ContractError(
            f"the name {name[:60]!r}… needs a file name of {size} bytes; "
            f"file systems hold {MAX_BYTES}: choose a shorter name"
        )
    return file_name


def from_file_name(file_name: str) -> str:
    """Undo :func:`to_file_name`.

    :raises ContractError: no name has this file name.
    """
    file_name = unicodedata.normalize("NFC", file_name)
    try:
        name = unquote(file_name, errors="surrogatepass")
    except UnicodeDecodeError:
        raise ContractError(
            f"the folder {file_name!r} stands for no name; rename it, or move it out of the "
            "registry"
        ) from None
    expected = to_file_name(name)
    if expected != file_name:
        raise ContractError(
            f"the folder {file_name!r} is not written as the registry writes it; "
            f"rename it to {expected!r}"
        )
    return name


def nearest_name(file_name: str) -> str:
    """The name that someone meant who made a folder that :func:`from_file_name` refuses."""
    return unquote(unicodedata.normalize("NFC", file_name), errors="replace")


def _is_plain(char: str, *, composed: bool) -> bool:
    if char.isascii():
        return char >= " " and char not in _FORBIDDEN
    return composed and char.isprintable() and not unicodedata.category(char).startswith("M")


def _escape(char: str) -> str:
    if char.isascii():
        return f"%{ord(char):02X}"
    return quote(char, safe="", errors="surrogatepass")
