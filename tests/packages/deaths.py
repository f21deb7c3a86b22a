"""Processes that are killed at a chosen moment of what they write."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

#: What changes something on a disk, as the interpreter reports it.
_WRITES = frozenset(
    {"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.truncate", "shutil.rmtree"}
)


def killed_at(moment: int, action: Callable[[], object]) -> bool:
    """Run `action` in a process of its own, which is killed right before its nth step that writes.

    False if it ended before that, as it should.
    """
    child = os.fork()
    if child == 0:
        try:
            _die_at(moment)
            action()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the action failed by itself"
    return False


def _die_at(moment: int) -> None:
    count = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event == "open" and isinstance(arguments[2], int):
            if not arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                return
        elif event not in _WRITES:
            return
        count += 1
        if count == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
