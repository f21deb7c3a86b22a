"""What an event stores for good, collected until it is written at once (hard-cases 1)."""

from dataclasses import dataclass, field
from typing import Any

from portico.auth.appstore import Removed
from portico.auth.sealing import Vault
from portico.sandbox.turn import StoreValue


@dataclass(kw_only=True, slots=True)
class Changes:
    """What an event stores for good: keys and values, after dropping all others if `cleared`.

    What is stored under the contract's `door_key` signs in, for this tab's life if `brief`. `entered`:
    somebody signed in otherwise after the key was taken away. `own_users`: no token is ever stored there, but
    whatever the app keeps of who is signed in. `trusting`: that may stand there as well as a token.
    """

    door_key: str | None
    own_users: bool = False
    trusting: bool = False
    values: dict[str, Any] = field(default_factory=dict, repr=False)
    cleared: bool = False
    brief: bool = False
    entered: bool = False

    def store(self, command: StoreValue, tab_store: dict[str, Any]) -> None:
        """Note a command; values of the tab are written at once, but for the key of the door."""
        if not command.persist and command.key != self.door_key:
            if command.clear:
                tab_store.pop(command.key, None)
            else:
                tab_store[command.key] = command.value
            return
        if command.clear:
            tab_store.pop(command.key, None)
        self.values[command.key] = Removed() if command.clear else command.value
        if command.key == self.door_key:
            self.entered = False
            self.brief = not command.persist

    def clear(self, tab_store: dict[str, Any]) -> None:
        """Drop everything."""
        self.values.clear()
        tab_store.clear()
        self.cleared, self.entered = True, False

    def seal(self, vault: Vault) -> None:
        """Keep the token sealed, wherever the script had it from."""
        if self.token is not None and self.door_key is not None and not self.own_users:
            self.values[self.door_key] = vault.seal(self.token)

    def refuse(self) -> None:
        """Nothing is stored under the key of the door."""
        self.values.pop(self.door_key or "", None)

    @property
    def token(self) -> str | None:
        """What the key of the door is set to, if that is a token."""
        value = self.values.get(self.door_key) if self.door_key else None
        return value if isinstance(value, str) and value else None

    @property
    def enters(self) -> bool:
        """Whether the key of the door is set to what says that somebody is signed in."""
        means_more = self.own_users or self.trusting
        kept = self.values.get(self.door_key) if self.door_key and means_more else None
        return self.token is not None or (kept not in (None, False, "") and not isinstance(kept, Removed))

    @property
    def leaves(self) -> bool:
        """Whether the key of the door is taken away."""
        touched = self.door_key is not None and (self.cleared or self.door_key in self.values)
        return touched and not self.enters and not self.entered
