"""Documents of an application: AsyncAPI, a diagram and a catalogue, from one description of it."""

from __future__ import annotations

from eventroute.documents.asyncapi3 import asyncapi
from eventroute.documents.catalogue_page import catalogue
from eventroute.documents.described import Described
from eventroute.documents.describing import describe
from eventroute.documents.diagram import mermaid, svg

__all__ = ["Described", "asyncapi", "catalogue", "describe", "mermaid", "svg"]
