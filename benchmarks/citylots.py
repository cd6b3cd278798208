"""Land parcels in the shape of the citylots2 data set: made, not measured, the same every time.

Names, shares and sizes are ours; the fields and the 820 bytes an event has are those of the set
that event-ruler's and quamina's benchmarks use.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any, Final

__all__ = ["LOTS", "STREETS", "events"]

LOTS: Final = {
    "0914027": 0.0002,
    "2607117": 0.0005,
    "3745012": 0.003,
    "2100707": 0.001,
    "VACANTLOT": 0.0002,
}
"""Parcels that stand for many records each, and their share of all."""

_WORDS: Final = [
    *("FULTON", "MASON", "MASONIC", "HARRISON", "WASHINGTON", "JACKSON", "CLAYTON", "BEACH"),
    *("HYDE", "CHESTNUT", "IRVING", "LAKE", "SANTIAGO", "DRUMM", "BLANKEN", "RHINE", "FUNSTON"),
    *("ALDER", "ACORN", "BIRCH", "CEDAR", "DOGWOOD", "ELM", "FIR", "GORSE", "HAZEL", "IVY"),
    *("JUNIPER", "KAURI", "LARCH", "MAPLE", "NUTMEG", "OAK", "PINE", "QUINCE", "ROWAN", "SPRUCE"),
    *(
        "TEAK",
        "UPAS",
        "VIBURNUM",
        "WILLOW",
        "YEW",
        "ZELKOVA",
        "BAKER",
        "COOPER",
        "DYER",
        "FLETCHER",
    ),
    *(
        "GLOVER",
        "HOOPER",
        "MERCER",
        "POTTER",
        "SADLER",
        "TANNER",
        "WEAVER",
        "YEOMAN",
        "17TH",
        "24TH",
    ),
]
STREETS: Final = [f"{word}{more}" for more in ("", " PARK", " HILL", " GROVE") for word in _WORDS]
_TYPES: Final[dict[str | None, int]] = {
    "ST": 55,
    "AVE": 21,
    "DR": 5,
    "WAY": 4,
    "BLVD": 3,
    "TER": 2,
    "LN": 2,
    "CT": 1,
    "PL": 1,
    None: 6,
}


def events(count: int, *, seed: int = 7) -> list[bytes]:
    """That many parcels as JSON texts."""
    random = Random(seed)
    popularity = [1 / (rank + 5) for rank in range(len(STREETS))]
    streets = random.choices(STREETS, popularity, k=count)
    types = random.choices(list(_TYPES), list(_TYPES.values()), k=count)
    return [
        json.dumps(_parcel(random, street, kind)).encode()
        for street, kind in zip(streets, types, strict=True)
    ]


def _parcel(random: Random, street: str, kind: str | None) -> dict[str, Any]:
    lot = _lot(random)
    number = None if random.random() < 0.005 else str(int(random.expovariate(1 / 900)))
    outline = _outline(random)
    return {
        "type": "Feature",
        "properties": {
            "MAPBLKLOT": lot,
            "BLKLOT": lot,
            "BLOCK_NUM": lot[:4],
            "LOT_NUM": lot[4:],
            "FROM_ST": number,
            "TO_ST": number,
            "STREET": street,
            "ST_TYPE": kind,
            "ODD_EVEN": random.choice("EO"),
        },
        "geometry": {
            "type": "MultiPolygon" if random.random() < 0.002 else "Polygon",
            "coordinates": outline,
            "firstCoordinates": outline[0],
        },
    }


def _lot(random: Random) -> str:
    place = random.random()
    for lot, share in LOTS.items():
        place -= share
        if place < 0:
            return lot
    block = f"{random.randint(1, 7599):04d}"
    number = min(int(random.expovariate(1 / 40)) + 1, 999)
    return f"{block}{number:03d}" if random.random() < 0.99 else f"{block}A{number:03d}"


def _outline(random: Random) -> list[dict[str, float]]:
    longitude = -122.5149 if random.random() < 0.0005 else random.uniform(-122.51, -122.36)
    latitude = random.uniform(37.71, 37.81)
    corners = min(40, 4 + int(random.expovariate(1 / 3.4)))
    points = [{"x": longitude, "y": latitude, "z": 0}]
    for _ in range(corners - 1):
        x = longitude + random.uniform(-9e-5, 9e-5)
        points.append({"x": x, "y": latitude + random.uniform(-9e-5, 9e-5), "z": 0})
    return [*points, points[0]]
