"""A morning's orders, as customers sent them: one of them is broken."""

from __future__ import annotations

ORDERS: list[dict[str, object]] = [
    {"order_id": "1001", "country": "KR", "lines": [{"sku": "tea", "quantity": 2, "price": 9.5}]},
    {"order_id": "1002", "country": "DE", "lines": [{"sku": "desk", "quantity": 1, "price": 1250}]},
    {"order_id": "1003", "country": "JP", "lines": [{"sku": "tea", "quantity": 1, "price": 9.5}]},
    {"order_id": "1004", "country": "US", "lines": [{"sku": "lamp", "quantity": 3, "price": 49.9}]},
    {"order_id": "1005", "country": "US", "lines": [{"sku": "tea", "quantity": 0, "price": 9.5}]},
    {"order_id": "1006", "country": "JP", "lines": [{"sku": "desk", "quantity": 2, "price": 1250}]},
    {"order_id": "1007", "country": "KR", "lines": [{"sku": "lamp", "quantity": 1, "price": 49.9}]},
]
