"""What GoTrue answers: users, sessions, claims, settings. Nothing secret is in a user to begin with (P78).

Source: `internal/models/user.go`, `internal/tokens/service.go` and `internal/api/settings.go` of
`supabase/auth`.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from portico.authserver.dialects.gotrue_sessions import Session
from portico.authserver.dialects.gotrue_users import User
from portico.authserver.moments import rfc3339, to_seconds
from portico.authserver.settings import Settings

AUDIENCE = "authenticated"

_UNLINKED = {"provider": "email", "providers": ["email"]}
_PROVIDERS = [
    "anonymous_users",
    "apple",
    "azure",
    "bitbucket",
    "discord",
    "facebook",
    "snapchat",
    "figma",
    "fly",
    "github",
    "gitlab",
    "google",
    "keycloak",
    "kakao",
    "linkedin",
    "linkedin_oidc",
    "notion",
    "spotify",
    "slack",
    "slack_oidc",
    "workos",
    "twitch",
    "twitter",
    "email",
    "phone",
    "zoom",
]


def user_object(user: User) -> dict[str, object]:
    """A user as GoTrue sends it: moments that never came are left out."""
    account = user.account
    confirmed = account.created_at if account.confirmed else None
    fields: dict[str, object] = {
        "id": str(user.uuid),
        "aud": AUDIENCE,
        "role": AUDIENCE,
        "email": account.email,
        "email_confirmed_at": _moment(confirmed),
        "phone": "",
        "confirmation_sent_at": None if account.confirmed else _moment(account.created_at),
        "confirmed_at": _moment(confirmed),
        "new_email": user.new_email,
        "email_change_sent_at": _moment(user.email_change_sent_at),
        "last_sign_in_at": _moment(user.last_sign_in_at),
        "app_metadata": _app_metadata(user),
        "user_metadata": user.metadata,
        "identities": [*([_own(user)] if user.has_email_identity else []), *_elsewhere(user)],
        "created_at": rfc3339(account.created_at),
        "updated_at": rfc3339(account.updated_at),
        "is_anonymous": False,
    }
    return {name: value for name, value in fields.items() if value is not None}


def nobody(email: str, data: Mapping[str, object], now: datetime) -> dict[str, object]:
    """The user that a sign-up shows where the address is taken and nobody may learn that (P68)."""
    moment = rfc3339(now)
    return {
        "id": str(uuid4()),
        "aud": AUDIENCE,
        "role": "",
        "email": email,
        "phone": "",
        "confirmation_sent_at": moment,
        "app_metadata": _UNLINKED,
        "user_metadata": data,
        "identities": [],
        "created_at": moment,
        "updated_at": moment,
        "is_anonymous": False,
    }


def claims(
    user: User, session: Session, *, issuer: str, issued: datetime, lifetime: int
) -> dict[str, object]:
    """What an access token says."""
    issued_at = to_seconds(issued)
    return {
        "iss": issuer,
        "sub": str(user.uuid),
        "aud": AUDIENCE,
        "exp": issued_at + lifetime,
        "iat": issued_at,
        "email": user.account.email,
        "phone": "",
        "app_metadata": _app_metadata(user),
        "user_metadata": user.metadata,
        "role": AUDIENCE,
        "aal": "aal1",
        "amr": [{"method": session.method, "timestamp": to_seconds(session.created_at)}],
        "session_id": str(session.session_id),
        "is_anonymous": False,
    }


def settings_object(settings: Settings) -> dict[str, object]:
    """What anybody may know about this server."""
    return {
        "external": {provider: provider in ("email", *settings.gotrue.providers) for provider in _PROVIDERS},
        "disable_signup": not settings.gotrue.sign_up,
        "mailer_autoconfirm": not settings.email_confirmation,
        "phone_autoconfirm": False,
        "sms_provider": "",
        "saml_enabled": False,
        "saml_private_key_next_configured": False,
        "passkeys_enabled": False,
    }


def _app_metadata(user: User) -> dict[str, object]:
    role = {"role": user.account.role} if user.account.role else {}
    return {"provider": user.first_provider, "providers": user.providers, **role}


def _elsewhere(user: User) -> list[dict[str, object]]:
    return [
        {
            "identity_id": str(known.identity_id),
            "id": known.subject,
            "user_id": str(user.uuid),
            "identity_data": known.data,
            "provider": known.provider,
            "last_sign_in_at": rfc3339(known.last_sign_in_at),
            "created_at": rfc3339(known.created_at),
            "updated_at": rfc3339(known.last_sign_in_at),
            "email": known.data.get("email"),
        }
        for known in user.identities
    ]


def _own(user: User) -> dict[str, object]:
    account = user.account
    return {
        "identity_id": str(user.identity_id),
        "id": str(user.uuid),
        "user_id": str(user.uuid),
        "identity_data": {"email": account.email, "sub": str(user.uuid)},
        "provider": "email",
        "last_sign_in_at": rfc3339(user.last_sign_in_at or account.created_at),
        "created_at": rfc3339(account.created_at),
        "updated_at": rfc3339(account.created_at),
        "email": account.email,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
