"""The rules, one a module, in the order of the manual (`docs/lint.md`)."""

from portico.definition.lint.finding import Rule
from portico.definition.lint.rules import (
    cosmetic_gate,
    exposed_token,
    key_not_stored,
    lost_refresh_token,
    open_return,
    password_default,
    plain_password,
    public_bearer,
    racing_refresh,
    redirect_loop,
    silent_sign_in,
    stale_gate,
    stray_token,
    unawaited_store,
    unrevoked_log_out,
    unsealed_answer,
    written_secret,
)

RULES: tuple[Rule, ...] = (
    key_not_stored.RULE,
    lost_refresh_token.RULE,
    stale_gate.RULE,
    cosmetic_gate.RULE,
    unawaited_store.RULE,
    silent_sign_in.RULE,
    exposed_token.RULE,
    stray_token.RULE,
    redirect_loop.RULE,
    open_return.RULE,
    unrevoked_log_out.RULE,
    racing_refresh.RULE,
    password_default.RULE,
    plain_password.RULE,
    written_secret.RULE,
    unsealed_answer.RULE,
    public_bearer.RULE,
)
