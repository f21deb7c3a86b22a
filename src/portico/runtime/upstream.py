"""An app's auth API as sessions see it: another token, whose token it is, an end that it is told of. What
that is, queries of its contract or an OpenID provider, only this module decides."""

from collections.abc import Callable
from dataclasses import dataclass

from portico.auth.api import AuthApi
from portico.auth.evidence import Confirmed, Granted, Vouched
from portico.auth.manager import SessionManager
from portico.auth.refresh import Refresher
from portico.auth.revocations import Keep
from portico.auth.sealing import Vault
from portico.auth.session import Session
from portico.auth.standing import PATIENCE, Current, Standing, Verdict
from portico.clock import Clock
from portico.model.app import App
from portico.model.query import Contract
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

    async def renew(self, session: Session, sending: Callable[[], None]) -> Granted:
        """Another token, by the contract's `refresh`."""
        kept = await self.manager.read_kept(session)
        vault = Vault()
        vault.learn(kept.sealed)
        vault.hold(session.slots, session.handles)
        return await self.contract.renew(self.app, session, kept.values, self.witness, vault, sending)

    async def confirm(self, session: Session) -> Confirmed | Vouched:
        """Whose the session's token is by now, by the contract's `me`."""
        return await self.contract.check(self.app, session, self.witness)

    def revokes(self, session: Session) -> bool:
        """Whether the contract has a `sign_out`."""
        return self.app.contract is not None and "sign_out" in self.app.contract.queries

    async def revoke(self, session: Session, keep: Keep) -> None:
        """The contract's `sign_out`."""
        await self.contract.revoke(self.app, session, self.witness, keep)


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

    async def close(self) -> None:
        """Ask no more."""
        await self._standing.close()

    async def verdict(self, app: App, session: Session, *, waits: bool) -> Verdict:
        """What the auth API says about a session by now, or, unless the request `waits` for that, what it
        said last. That of an app which holds its tokens itself, or has no `me`, stands; so does one without a
        token to ask about, unless it is asked by uid. One that another app began is asked about in any case.
        """
        contract = app.contract
        askable = session.tokens is not None or session.by_uid
        if contract is None or not askable or not _is_asked(contract, session):
            return Current(session=session)
        return await self._standing.of(
            session,
            self.api(app),
            max_stale=contract.max_stale,
            renewable=contract.refreshes and session.tokens is not None,
            patience=PATIENCE if waits else 0.0,
        )

    async def end(self, app: App, session: Session) -> Session | None:
        """End a session that the auth API does not know any more. What the app wants kept is in the session
        of a visitor that is returned."""
        keep = app.contract.keep if app.contract is not None else frozenset()
        return await self._manager.sign_out(session, keep=keep, why="auth API")

    def revokes(self, app: App, session: Session) -> bool:
        """Whether the auth API can be told that a session has ended."""
        return self.api(app).revokes(session)

    def api(self, app: App) -> AuthApi:
        """That of an app, for what happens behind the user's back."""
        return auth_api(app, self._contract, self._manager, Unwatched(app))


def _is_asked(contract: Contract, session: Session) -> bool:
    """Whether there is something to ask about a session: an OpenID provider says anew who that is when it
    renews the tokens, which another app that shares them may have had done."""
    if session.joining:
        return True
    if contract.provider is None:
        return contract.holds_tokens and contract.me is not None
    at, since = session.confirmed_at, session.tokens.obtained_at if session.tokens is not None else None
    return session.shared is not None and at is not None and since is not None and at < since
