"""Appsmith applications as Portico apps."""
