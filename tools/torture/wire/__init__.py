"""The SNS backend over the wire, on an emulator, while everything goes wrong that can."""

__all__: list[str] = []
