"""Clients of an emulator."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from eventroute.backend_options import read_table
from eventroute_aws.clients import Clients
from eventroute_aws.options import SnsOptions


@asynccontextmanager
async def clients_of(options: dict[str, object]) -> AsyncGenerator[Clients]:
    clients = Clients(read_table(SnsOptions, "sns", options))
    await clients.open()
    try:
        yield clients
    finally:
        await clients.close()
