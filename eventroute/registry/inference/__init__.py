"""Contracts from events: what a stream of them has in common, as JSON Schema, in bounded memory."""

from eventroute.registry.inference.inference import SAMPLES, Inference

__all__ = ["SAMPLES", "Inference"]
