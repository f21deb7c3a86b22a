"""What of a vault is opened on the way to one datasource."""

from collections.abc import Callable
from dataclasses import dataclass

from portico.auth.handles import is_cookie
from portico.auth.sealing import Vault


@dataclass(frozen=True, kw_only=True, slots=True)
class Opener:
    """Opens sealed tokens: those of the auth API where it is one of its origins (`tokens`), and cookies for
    the `issuer` that set them alone."""

    vault: Vault
    tokens: bool
    issuer: str = ""

    def opened(self, text: str, written: Callable[[str], str] = str) -> str:
        """As `Vault.opened`; what is not for this datasource stays sealed."""
        return self.vault.opened(text, written, may=self._may)

    def spell(self, token: str, sealed: str) -> None:
        """As `Vault.spell`."""
        self.vault.spell(token, sealed)

    def _may(self, slot: str) -> bool:
        if is_cookie(slot):
            return bool(self.issuer) and is_cookie(slot, self.issuer)
        return self.tokens
