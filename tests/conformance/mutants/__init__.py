"""Adapters that are broken on purpose, so that the kit can show that it finds each of them."""

from . import archive, dead, opening, publishing, receiving, restart, settling, waiting
from .mutant import Mutant, SharedMemory, kit_of

__all__ = ["MUTANTS", "Mutant", "SharedMemory", "kit_of"]

MUTANTS: tuple[type[Mutant], ...] = tuple(
    member
    for module in (publishing, opening, receiving, waiting, settling, restart, dead, archive)
    for member in vars(module).values()
    if isinstance(member, type) and issubclass(member, Mutant) and hasattr(member, "caught_by")
)
