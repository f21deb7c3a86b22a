"""An app's auth API as sessions see it: another token, whose token it is, an end that it is told of. What
that is, queries of its contract or an OpenID provider, only this module decides."""

from dataclasses import dataclass

from portico.auth.evidence import Confirmed, Granted
from portico.auth.manager import SessionManager
from portico.auth.refresh import AuthApi, Refresher
from portico.auth.sealing import Vault
from portico.auth.session import Session
from portico.auth.standing import PATIENCE, Current, Standing, Verdict
from portico.auth.tokens import TokenSet
from portico.clock import Clock
from portico.model.app import App
from portico.runtime.contract import ContractRunner
from portico.runtime.provider_api import ProviderApi
from portico.runtime.witness import Hearing, Unwatched


@dataclass(frozen=True, slots=True)
class Upstream:
    """The `AuthApi` of one app; `witness` hears what its queries do."""

    app: App
    contract: ContractRunner
    manager: SessionManager
    witness: Hearing

    async def renew(self, session: Session) -> Granted:
        """Another token, by the contract's `refresh`."""
        kept = await self.manager.read_kept(session)
        vault = Vault()
        vault.learn(kept.sealed)
        if session.tokens is not None:
            vault.hold(session.tokens.slots, session.tokens.handles)
        return await self.contract.renew(self.app, session, kept.values, self.witness, vault)

    async def confirm(self, session: Session) -> Confirmed:
        """Whose the session's token is by now, by the contract's `me`."""
        return await self.contract.check(self.app, session, self.witness)

    def revoke(self, tokens: TokenSet, session: Session | None = None) -> None:
        """The contract's `sign_out`, behind the user's back."""
        self.contract.revoke(self.app, tokens, self.witness, session)


def auth_api(app: App, contract: ContractRunner, manager: SessionManager, witness: Hearing) -> AuthApi:
    """That of an app: its OpenID provider, if it has one."""
    if app.contract is not None and app.contract.provider is not None:
        return ProviderApi(app, contract.providers)
    return Upstream(app, contract, manager, witness)


class Keeper:
    """Keeps sessions true to what the auth API says, for whoever has no page at hand."""

    def __init__(
        self, *, contract: ContractRunner, manager: SessionManager, refresher: Refresher, clock: Clock
    ) -> None:
        self._contract = contract
        self._manager = manager
        self._standing = Standing(manager, refresher, clock)

    async def verdict(self, app: App, session: Session, *, waits: bool) -> Verdict:
        """What the auth API says about a session by now, or, unless the request `waits` for that, what it
        said last. That of an app which holds its tokens itself, or has no `me`, stands; so does one without a
        token to ask about."""
        contract = app.contract
        if contract is None or not contract.holds_tokens or contract.me is None or session.tokens is None:
            return Current(session=session)
        return await self._standing.of(
            session,
            self._api(app),
            max_stale=contract.max_stale,
            renewable=contract.refreshes,
            patience=PATIENCE if waits else 0.0,
        )

    async def end(self, app: App, session: Session) -> Session | None:
        """End a session that the auth API does not know any more. What the app wants kept is in the session
        of a visitor that is returned."""
        keep = app.contract.keep if app.contract is not None else frozenset()
        return await self._manager.sign_out(session, keep=keep)

    def revoke(self, app: App, session: Session) -> None:
        """Tell the auth API that a session has ended, behind the user's back."""
        if session.tokens is not None:
            self._api(app).revoke(session.tokens, session)

    def _api(self, app: App) -> AuthApi:
        return auth_api(app, self._contract, self._manager, Unwatched(app))
