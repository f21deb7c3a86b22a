"""Real auth servers; `pytest.mark.parametrize("backend", ["allauth"], indirect=True)` says which one."""

from collections.abc import Iterator

import httpx
import pytest

from tests.backends.servers import KINDS, Backend, started


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--backends "pocketbase allauth"` leaves out the tests of all others."""
    parser.addoption("--backends", default="", help=f"names out of: {' '.join(KINDS)}")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse names that would leave out everything."""
    if unknown := asked(config) - set(KINDS):
        raise pytest.UsageError(
            f"--backends: no such backend: {', '.join(sorted(unknown))}. There are: {', '.join(KINDS)}"
        )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests that are asked for; those about no backend in particular run with all of them alone."""
    if wanted := asked(config):
        config.hook.pytest_deselected(items=[item for item in items if backend_of(item) not in wanted])
        items[:] = [item for item in items if backend_of(item) in wanted]


def asked(config: pytest.Config) -> set[str]:
    """The backends that are asked for; none in particular is all of them."""
    return set(config.getoption("--backends").split())


def backend_of(item: pytest.Item) -> object:
    """The backend that a test is about, if it is about one."""
    call = getattr(item, "callspec", None)
    return None if call is None else call.params.get("backend")


@pytest.fixture(scope="module")
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """The auth server that the parameter names, started once for a module."""
    with started(request.param) as server:
        yield server


@pytest.fixture
def http(backend: Backend) -> Iterator[httpx.Client]:
    """Plain HTTP to it, with cookies of its own."""
    with httpx.Client(base_url=backend.url, trust_env=False, timeout=30) as client:
        yield client
