"""Tries an app as a whole: import, check, every page, and each binding beside what Node makes of it."""
