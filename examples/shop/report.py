"""The table at the end of the demo."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from eventroute import EventBus
from examples.shop.inbox import Inbox
from examples.shop.services import timeline


async def print_report(bus: EventBus, inbox: Inbox, *, accepted: int) -> None:
    """Say what each service did, what is in dead-letter queues, and each order's steps."""
    console = Console()
    refused = inbox.refused()
    console.print(f"\n{accepted} orders accepted and stored, {len(refused)} refused by contract:")
    for number, reason in refused:
        console.print(f"  order no. {number}: {reason}", highlight=False, soft_wrap=True)

    table = Table(title="What each service did", title_justify="left")
    for heading in ("service", "events", "handled", "retries", "dead letters"):
        table.add_column(heading, justify="left" if heading == "service" else "right")
    for subscriber in bus.subscribers:
        name = subscriber.subscription.name
        counts, depth = bus.counts(name), await bus.depth(name)
        style = "red" if depth.dead else None
        table.add_row(
            name,
            str(counts.handled + counts.dead_lettered),
            str(counts.handled),
            str(counts.retried),
            str(depth.dead),
            style=style,
        )
    console.print(table)

    console.print("Dead letters, kept with their reason:")
    for subscriber in bus.subscribers:
        for letter in await bus.dlq(subscriber.subscription.name).list():
            console.print(
                f"  {letter.subscription}, {letter.attempts} attempts: {letter.error}",
                highlight=False,
                soft_wrap=True,
            )
    console.print("Steps of each order, in order although step 2 failed once each time:")
    for order_id, steps in sorted(timeline.steps.items()):
        console.print(f"  {order_id}: {' → '.join(steps)}", highlight=False, soft_wrap=True)
