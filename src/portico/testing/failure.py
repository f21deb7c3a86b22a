"""How a step of a journey fails."""

from typing import ClassVar

from portico.errors import PorticoError


class StepFailed(PorticoError):
    """What a step asked for did not happen: `message` says what was there instead."""

    code: ClassVar[str] = "step_failed"
    default_message: ClassVar[str] = "A step of a journey failed."

    def __init__(self, message: str) -> None:
        super().__init__(message=message)
