"""Documents of an application: AsyncAPI, a diagram and a catalogue, from one description of it."""

from __future__ import annotations

from eventroute.documents.asyncapi import asyncapi
from eventroute.documents.catalogue import catalogue
from eventroute.documents.describe import describe
from eventroute.documents.described import Described
from eventroute.documents.diagram import mermaid, svg

__all__ = ["Described", "asyncapi", "catalogue", "describe", "mermaid", "svg"]
