"""The application as an AsyncAPI 3.0 document, which many tools read."""

from __future__ import annotations

from eventroute.documents.asyncapi3.document import asyncapi

__all__ = ["asyncapi"]
