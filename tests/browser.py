"""The real browser that tests drive."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

# A page that comes late on a busy machine is no wrong page: servers of tests wait 20 s for their store.
expect.set_options(timeout=30_000)

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium(*more: str, back_forward_cache: bool = False) -> Iterator[Browser]:
    """Chromium for the tests of one module, with `more` arguments; a machine without one fails.

    Not for longer: while Playwright runs, its event loop does, and no other can in this thread.
    Playwright switches the back/forward cache off unless told.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert program, "there is no Chromium on PATH; `make browser` installs it"
    dropped = ["--disable-back-forward-cache"] if back_forward_cache else None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=[*ARGUMENTS, *more], ignore_default_args=dropped
        )
        yield browser
        browser.close()
