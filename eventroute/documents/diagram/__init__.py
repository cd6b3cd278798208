"""Who publishes what to whom, as a picture: Mermaid text, or SVG by a layout of our own."""

from __future__ import annotations

from eventroute.documents.diagram.flowchart import mermaid
from eventroute.documents.diagram.picture import svg

__all__ = ["mermaid", "svg"]
