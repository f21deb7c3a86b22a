"""A probe of an auth API, from the first harmless request to the contract."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace

from portico.clock import Clock
from portico.importers.probe_contract import Draft
from portico.importers.probe_findings import Findings
from portico.importers.probe_look import Asked, Look, Seen
from portico.importers.probe_progress import Progress
from portico.importers.probe_sign_in import SignIn
from portico.importers.probe_talk import Talk
from portico.importers.probe_trial import Trial, compiled
from portico.model.query import Role, Sending
from portico.sandbox.pool import Pool
from portico.values import Secret


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """What is signed in with."""

    login: Secret
    password: Secret


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Where the API is, as the contract will say it. `headers` name secrets."""

    url: str
    headers: Mapping[str, str]
    allow_private: bool


#: Asks for credentials once it is known what the API is; None: nobody signs in.
AskCredentials = Callable[[Seen], Awaitable[Credentials | None]]


async def probe(
    talk: Talk, clock: Clock, address: Address, asked: Asked, credentials: AskCredentials, *, renew: bool
) -> tuple[Findings, Draft | None]:
    """Probe an API; what was found, and the contract with it: None where there is too little for one.

    Raises ProbeStopped where the API cannot be talked to, ContractUnusable and ScriptFailed.
    """
    seen = await Look(talk, asked).look()
    progress = Progress(
        draft=_draft(address, seen, asked.calls), calls=dict(seen.calls), named=asked.calls.keys()
    )
    if "sign_in" in seen.calls:
        signing = await credentials(seen)
        if signing is not None:
            async with Pool() as pool:
                trial = Trial(pool, clock)
                await SignIn(talk, trial, clock, progress, signing.login, signing.password).run(
                    seen.me, renew=renew
                )
        elif seen.preset is None:
            progress.keep_likely(seen.me)
    draft = progress.draft if seen.issuer is not None or "sign_in" in seen.calls else None
    if draft is not None:
        compiled(draft)
    return _findings(talk, address, seen, progress), draft


def _draft(address: Address, seen: Seen, named: Collection[Role]) -> Draft:
    """What the contract begins as: a preset, or the queries that were found, without mappings."""
    draft = Draft(
        url=address.url,
        preset=seen.preset,
        issuer=seen.issuer,
        headers=address.headers,
        allow_private=address.allow_private,
        missing=seen.missing,
    )
    if seen.preset is None:
        return replace(draft, calls={role: call for role, call in seen.calls.items() if role != "refresh"})
    draft = replace(draft, calls={role: call for role, call in seen.calls.items() if role in named})
    contract = compiled(draft).contract
    return replace(draft, sending=contract.sending if contract is not None else Sending())


def _findings(talk: Talk, address: Address, seen: Seen, progress: Progress) -> Findings:
    return Findings(
        url=address.url,
        fits=seen.fits,
        preset=seen.preset,
        issuer=seen.issuer,
        sending=progress.draft.sending,
        calls=progress.calls,
        mappings=progress.draft.mappings,
        missing=progress.draft.missing,
        signed_in=progress.signed_in,
        refused=progress.refused,
        me=progress.me,
        renewed=progress.renewed,
        signed_out=progress.signed_out,
        samples=progress.samples,
        conclusions=(*seen.conclusions, *progress.conclusions),
        requests=tuple(talk.sent),
    )
