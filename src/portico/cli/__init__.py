"""The commands."""

from portico.cli.application import main

__all__ = ["main"]
