"""What a script gives `auth.logIn` and `auth.update`, and what of it counts.

A token, what renews it, when it ends and what is known of the user may be given; who it is may be said, but
evidence alone decides (hard-cases 1).
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from portico.auth.amendment import KEEP, Amendment, Keep
from portico.auth.evidence import Evidence, Granted, Vouched
from portico.auth.sealing import Vault
from portico.auth.session import Session
from portico.auth.tokens import expiry_of
from portico.errors import SignInRefused
from portico.model.app import App
from portico.model.identity import Identity
from portico.runtime.contract import ContractRunner
from portico.runtime.user_data import merged, of_json
from portico.values import Secret

log = logging.getLogger("portico.runtime")


class Given:
    """The fields of `sandbox.turn.GIVEN` that a script gave; None is given, too. Tokens may be sealed, by
    names that `vault` knows, or any other text."""

    def __init__(
        self, fields: Mapping[str, Any], *, app: App, vault: Vault, contract: ContractRunner
    ) -> None:
        self._fields = fields
        self._app = app
        self._vault = vault
        self._contract = contract

    def has(self, name: str) -> bool:
        """Whether a field was given."""
        return name in self._fields

    @property
    def token(self) -> Secret | None:
        """The token."""
        text = self._fields.get("token")
        return self._opened(text) if text else None

    @property
    def drops_refresh(self) -> bool:
        """Whether the refresh token is to go."""
        return self.has("refreshToken") and not self._fields["refreshToken"]

    def user_of_json(self) -> dict[str, Any]:
        """The user, from JSON of the auth API. Raises SignInRefused."""
        return of_json(self._app, self._fields.get("user") or {})

    def user_over(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """What is known of the user, with the fields that are given. Raises SignInRefused."""
        return merged(self._app, known, self._fields.get("user"))

    def amendment(self, held: Session, user: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Amendment:
        """What changes of the session under the token that it has; `user` makes of what is known of the user
        what is to be known, where one is given. Raises SignInRefused."""
        self._compare(held.identity)
        refresh = self._refresh_token()
        return Amendment(
            token=None if self.has("token") and self._fields["token"] is None else KEEP,
            refresh=refresh,
            refresh_handles=self._vault.handles_of(refresh) if isinstance(refresh, Secret) else {},
            expires_at=self._end(),
            user=user if self.has("user") else None,
        )

    def completed(self, evidence: Evidence, held: Session | None = None) -> Evidence:
        """Evidence of a token with what is given besides. When another token of the session that is `held`
        ends is as before, if nobody says and that is still to come. Raises SignInRefused."""
        self._compare(evidence.identity)
        if isinstance(evidence, Vouched):
            return evidence
        if not isinstance(evidence, Granted):
            evidence = Granted(
                token=evidence.token,
                identity=evidence.identity,
                handles=evidence.handles,
                carrier=evidence.carrier,
                cookies=evidence.cookies,
            )
        refresh, ends = self._refresh_token(), self._end()
        if not isinstance(refresh, Keep):
            handles = self._vault.handles_of(refresh) if refresh is not None else {}
            evidence = replace(evidence, refresh=refresh, refresh_handles=handles)
        if not isinstance(ends, Keep):
            return replace(evidence, expires_at=ends)
        if held is not None and evidence.expires_at is None and expiry_of(evidence.token.reveal()) is None:
            before = held.tokens.expires_at if held.tokens is not None else None
            return replace(evidence, expires_at=self._contract.still(before))
        return evidence

    def _compare(self, identity: Identity | None) -> None:
        """That a script says another uid than the auth API is worth a word."""
        uid = self._fields.get("uid")
        if uid is not None and identity is not None and str(uid) != identity.uid:
            log.warning("a script gave another uid than the auth API", extra={"app": self._app.slug})

    def _opened(self, text: str) -> Secret:
        return self._vault.token(text) or Secret(text)

    def _refresh_token(self) -> Secret | Keep | None:
        if not self.has("refreshToken"):
            return KEEP
        text = self._fields["refreshToken"]
        if not text:
            return None
        self._vault.seal(text)
        return self._opened(text)

    def _end(self) -> datetime | Keep | None:
        """When the token ends. Raises SignInRefused for what is no time."""
        if not self.has("expiresAt") and not self.has("expiresIn"):
            return KEEP
        said = {"expires_at": self._fields.get("expiresAt"), "expires_in": self._fields.get("expiresIn")}
        if said["expires_at"] is None and said["expires_in"] is None:
            return None
        ends = self._contract.end(said)
        if ends is None:
            raise SignInRefused("`expiresAt` or `expiresIn` of a sign-in is no time that could be meant")
        return ends
