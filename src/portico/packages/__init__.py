"""Packages: published into a registry, compared, and put into apps."""
