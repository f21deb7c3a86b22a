"""Runs a compiled app: visits, the effects of their turns, queries, and the one HTTP client.

It knows neither cookies nor HTML, and it never evaluates anything that an app wrote.
"""
