"""Functions of the app."""


async def greet(name: str) -> dict[str, str]:
    """What is said to somebody."""
    return {"greeting": f"Good day, {name}!"}
