"""Measurements, each beside its rival or baseline in the same run."""
