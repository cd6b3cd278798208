"""A shop's bus: rules with an exact source and detail-type, and one to three tests of detail."""

from __future__ import annotations

import json
from random import Random
from typing import Any, Final

__all__ = ["Shop"]

_TEAMS: Final = ("orders", "payments", "stock", "returns", "carts", "shipping", "billing", "search")
_REGIONS: Final = ("eu", "us", "kr", "jp", "br")
_SOURCES: Final = [f"shop.{team}.{region}" for region in _REGIONS for team in _TEAMS]
_TYPES: Final = [
    f"{thing}{what}"
    for what in ("Created", "Changed", "Cancelled")
    for thing in ("Order", "Payment", "Parcel", "Cart")
]
_COUNTRIES: Final = [a + b for a in "ABCDEFGHIK" for b in "ELNRS"]
_CURRENCIES: Final = ["EUR", "USD", "KRW", "JPY", "BRL", "INR", "ZAR", "GBP"]
_TIERS: Final = ["basic", "silver", "gold", "platinum"]
_METHODS: Final = ["card", "transfer", "wallet", "invoice", "voucher", "cash"]
_CATEGORIES: Final = [
    f"{a}{b}" for a in ("ELEC", "HOME", "TOYS", "BOOK", "FOOD") for b in range(40)
]
_MAILS: Final = [f"@{name}.example" for name in ("alpha", "beta", "gamma", "delta", "epsilon")]
_PATHS: Final = {
    "customer": "customer.id",
    "countries": "address.country",
    "category": "item.category",
    "sku": "item.sku",
    "mail": "customer.email",
    "total": "total",
    "coupon": "coupon",
    "tier": "customer.tier",
    "method": "payment.method",
    "currency": "payment.currency",
}
_WEAK: Final = {"coupon", "method", "tier", "currency", "mail"}


class Shop:
    """A bus that so many rules listen to; a busier one has more sources and types.

    How many rules match one event grows slowly with their number.
    """

    def __init__(self, rules: int) -> None:
        self._rules = rules
        self._sources = _SOURCES[: max(2, min(len(_SOURCES), rules // 25))]
        self._types = _TYPES[: max(2, min(len(_TYPES), rules // 50))]

    def rules(self, *, seed: int = 11) -> list[dict[str, Any]]:
        """The rules as patterns."""
        random = Random(seed)
        return [
            {
                "source": [random.choice(self._sources)],
                "detail-type": [random.choice(self._types)],
                "detail": _fields(random),
            }
            for _ in range(self._rules)
        ]

    def events(self, count: int, *, seed: int = 12) -> list[bytes]:
        """That many events as JSON texts of 650 bytes."""
        random = Random(seed)
        return [json.dumps(self._event(random)).encode() for _ in range(count)]

    def _event(self, random: Random) -> dict[str, Any]:
        return {
            "version": "0",
            "id": f"{random.getrandbits(128):032x}",
            "detail-type": random.choice(self._types),
            "source": random.choice(self._sources),
            "account": "000000000000",
            "time": "2026-05-04T09:30:00Z",
            "region": "local",
            "resources": [],
            "detail": _detail(random),
        }


def _fields(random: Random) -> dict[str, Any]:
    names = random.sample(list(_PATHS), k=random.choices((1, 2, 3), (3, 5, 4))[0])
    if _WEAK.issuperset(names):
        # A rule that only says "not by card" would match half of the events.
        names[0] = random.choice(("customer", "countries", "category", "sku", "total"))
    fields: dict[str, Any] = {}
    for name in names:
        place = fields
        *parents, last = _PATHS[name].split(".")
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = _tests(name, random)
    return fields


def _tests(name: str, random: Random) -> list[object]:
    low = random.randint(0, 950)
    choices: dict[str, list[object]] = {
        "customer": [_customer(random)],
        "countries": list(random.sample(_COUNTRIES, k=random.randint(1, 4))),
        "category": [random.choice(_CATEGORIES)],
        "sku": [{"prefix": f"{random.choice(_CATEGORIES)}-{random.randint(0, 9)}"}],
        "mail": [{"suffix": random.choice(_MAILS)}],
        "total": [{"numeric": [">=", low, "<", low + random.randint(5, 50)]}],
        "coupon": [{"exists": random.random() < 0.5}],
        "tier": [random.choice(_TIERS)],
        "method": [{"anything-but": random.sample(_METHODS, k=random.randint(1, 2))}],
        "currency": [random.choice(_CURRENCIES)],
    }
    return choices[name]


def _customer(random: Random) -> str:
    return f"cus-{int(random.paretovariate(0.9)) % 100_000:06d}"


def _detail(random: Random) -> dict[str, Any]:
    category = random.choice(_CATEGORIES)
    customer = _customer(random)
    detail: dict[str, Any] = {
        "order_id": f"ord-{random.getrandbits(48):012x}",
        "customer": {
            "id": customer,
            "email": f"{customer}{random.choice(_MAILS)}",
            "tier": random.choices(_TIERS, (70, 20, 8, 2))[0],
        },
        "address": {"country": random.choice(_COUNTRIES), "city": f"City {random.randint(1, 999)}"},
        "item": {
            "sku": f"{category}-{random.randint(0, 99_999):05d}",
            "category": category,
            "quantity": random.randint(1, 5),
        },
        "payment": {
            "method": random.choice(_METHODS),
            "currency": random.choice(_CURRENCIES),
            "reference": f"{random.getrandbits(64):016x}",
        },
        "total": round(random.uniform(0, 1000), 2),
    }
    if random.random() < 0.2:
        detail["coupon"] = f"SAVE{random.randint(5, 50)}"
    return detail
