"""A delivery as handlers see it."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from eventroute.port import VERSION

if TYPE_CHECKING:
    from eventroute.port import Delivery

__all__ = ["shown"]


def shown(delivery: Delivery) -> Delivery:
    """The delivery without the header that names its version, which ``version`` still tells.

    A handler may publish with the headers that it was given, and what it publishes has a version
    of its own.
    """
    if VERSION not in delivery.headers:
        return delivery
    twin = copy(delivery)
    twin.__dict__["version"] = delivery.version
    twin.__dict__["headers"] = {
        name: value for name, value in delivery.headers.items() if name != VERSION
    }
    return twin
