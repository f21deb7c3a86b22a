"""Portico runs low-code apps on a server, with a sign-in that holds."""

__version__ = "0.1.0"
