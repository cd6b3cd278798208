"""The event catalogue: one HTML file for people, which opens from disk."""

from __future__ import annotations

from eventroute.documents.catalogue_page.page import catalogue

__all__ = ["catalogue"]
