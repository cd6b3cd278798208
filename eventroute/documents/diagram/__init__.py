"""Who publishes what to whom, as a picture: Mermaid text, or SVG by a layout of our own."""

from __future__ import annotations

from eventroute.documents.diagram.mermaid import mermaid
from eventroute.documents.diagram.svg import svg

__all__ = ["mermaid", "svg"]
