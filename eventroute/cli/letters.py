"""How a dead letter is printed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from eventroute.cli.output import printable
from eventroute.envelope import Event
from eventroute.errors import EventRouteError

if TYPE_CHECKING:
    from eventroute.cli.output import Output
    from eventroute.port import DeadLetter

__all__ = ["letter_to_dict", "show_letter", "show_letter_line", "write_body"]

_LEAST: Final = 120
"""How much of an error is shown on any terminal."""


def letter_to_dict(letter: DeadLetter) -> dict[str, object]:
    """JSON values; bytes that are no text are ``body_hex``."""
    event = _event(letter)
    text = _text(letter.body)
    return {
        "id": letter.id,
        "subscription": letter.subscription,
        "event_id": None if event is None else event.id,
        "reason": letter.reason,
        "error": letter.error,
        "traceback": letter.traceback.splitlines(),
        "attempts": letter.attempts,
        "died": None if letter.died is None else letter.died.isoformat(),
        "headers": dict(letter.headers),
        **({"body_hex": letter.body.hex()} if text is None else {"body": text}),
    }


def show_letter_line(output: Output, letter: DeadLetter) -> None:
    """Print a letter in a line; on a terminal, as much of its error as fits there."""
    event = _event(letter)
    label = "(unreadable)" if event is None else f"{event.detail_type} {event.id}"
    error = printable(letter.error)
    died = "" if letter.died is None else f"  {letter.died:%Y-%m-%dT%H:%M:%SZ}"
    reason = f"{letter.reason} ({letter.attempts})"
    before = printable(f"{letter.id}{died}  {label}  {reason}  ")
    if not output.terminal:
        output.show(f"{before}{error}".rstrip())
        return
    room = max(_LEAST, output.width - cell_len(before))
    if cell_len(error) > room:
        error = f"{set_cell_size(error, room - 1)}…"
    output.show_rich(
        Text.assemble(
            (printable(letter.id), "bold"),
            (died, "dim"),
            f"  {printable(label)}  ",
            (printable(reason), "red"),
            f"  {error}",
        )
    )


def show_letter(output: Output, letter: DeadLetter) -> None:
    """Print everything, and the body last."""
    event = _event(letter)
    rows = [
        ("id", letter.id),
        ("subscription", letter.subscription),
        ("event", "(unreadable)" if event is None else event.id),
        ("type", "" if event is None else f"{event.source} {event.detail_type}"),
        ("reason", letter.reason),
        ("error", letter.error),
        ("attempts", str(letter.attempts)),
        ("died", "" if letter.died is None else letter.died.isoformat()),
        ("traceback", letter.traceback),
        ("headers", "\n".join(f"{name}: {value}" for name, value in letter.headers.items())),
    ]
    for name, value in rows:
        for number, line in enumerate(value.splitlines()):
            _show_row(output, "" if number else name, printable(line))
    text = _text(letter.body)
    kind = "bytes in hexadecimal: they are no UTF-8" if text is None else "bytes"
    _show_row(output, "body", f"{len(letter.body):,} {kind}")
    output.show("")
    shown = letter.body.hex() if text is None else text
    output.show("\n".join(map(printable, shown.splitlines())) if output.terminal else shown)


def write_body(letter: DeadLetter) -> None:
    """Write the envelope byte for byte, and nothing else."""
    sys.stdout.flush()
    sys.stdout.buffer.write(letter.body)
    sys.stdout.buffer.flush()


def _show_row(output: Output, name: str, value: str) -> None:
    if output.terminal:
        output.show_rich(Text.assemble((f"{name:12}  ", "bold"), value))
    else:
        output.show(f"{name:12}  {value}")


def _event(letter: DeadLetter) -> Event | None:
    try:
        return Event.from_trusted_json(letter.body)
    except EventRouteError:
        return None


def _text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
