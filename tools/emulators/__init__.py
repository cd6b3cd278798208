"""AWS on this machine: emulators from PyPI, each in an environment of its own below ``.envs``."""

from tools.emulators.emulator import Emulator, NotAvailableError
from tools.emulators.localstack import localstack
from tools.emulators.ministack import ministack

__all__ = ["Emulator", "NotAvailableError", "localstack", "ministack"]
